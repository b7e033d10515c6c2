package system

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// containersFile is registries.conf, version 2, with the tables of version 1.
// Source: containers-registries.conf(5).
type containersFile struct {
	Registry []struct {
		Prefix             string
		Location           string
		Insecure           bool
		Blocked            bool
		MirrorByDigestOnly bool `toml:"mirror-by-digest-only"`
		Mirror             []struct {
			Location       string
			Insecure       bool
			PullFromMirror string `toml:"pull-from-mirror"`
		}
	}
	Aliases    map[string]string
	Registries struct {
		Insecure, Block struct{ Registries []string }
	}
}

// containers reads registries.conf and its drop-in files. A rule of a later file
// replaces that of an earlier one for the same prefix.
func (r *Rules) containers(o Options) []rule {
	var set []rule
	for _, path := range o.containersFiles() {
		data, ok := r.read(path.name, path.named)
		var file containersFile
		if !ok || !r.decodeTOML(path.name, data, &file) {
			continue
		}
		for _, one := range r.containersRules(path.name, data, file) {
			set = slices.DeleteFunc(set, func(before rule) bool { return before.prefix == one.prefix })
			set = append(set, one)
		}
		for short, name := range file.Aliases {
			r.aliases[short] = alias{name, Origin{path.name, lineOf(data, short, "=", name)}}
		}
	}
	return set
}

type namedFile struct {
	name  string
	named bool
}

// containersFiles are the files in the order in which they are read: the one that
// CONTAINERS_REGISTRIES_CONF names, else the user's, else the machine's; then the
// drop-in files, those of the machine unless the user's file was read.
func (o Options) containersFiles() []namedFile {
	machine := o.machine("etc", "containers", "registries.conf")
	own := ""
	if home := o.configHome(); home != "" {
		own = filepath.Join(home, "containers", "registries.conf")
	}
	var files []namedFile
	dirs := []string{machine + ".d"}
	named := o.Getenv("CONTAINERS_REGISTRIES_CONF")
	switch {
	case named != "":
		files = append(files, namedFile{named, true})
	case own != "" && exists(own):
		files, dirs = append(files, namedFile{own, false}), nil
	case exists(machine):
		files = append(files, namedFile{machine, false})
	default:
		files = append(files, namedFile{o.machine("usr", "share", "containers", "registries.conf"), false})
	}
	if own != "" {
		dirs = append(dirs, own+".d")
	}
	for _, dir := range dirs {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries[:min(len(entries), maxFiles)] {
			if strings.HasSuffix(e.Name(), ".conf") {
				files = append(files, namedFile{filepath.Join(dir, e.Name()), false})
			}
		}
	}
	return files
}

func (r *Rules) containersRules(path string, data []byte, file containersFile) []rule {
	var set []rule
	tables, mirrors := file.lines(data)
	for i, table := range file.Registry {
		at := Origin{path, nth(tables, i)}
		one := rule{prefix: table.Prefix, origin: at, blocked: table.Blocked, location: table.Location}
		if one.prefix == "" {
			one.prefix = table.Location
		}
		about := "" // the registry of the table, for warnings
		if host, _ := splitAddress(one.prefix); isAddress(host) {
			about = canonical(host)
		}
		if table.Insecure {
			one.tls = insecure()
		}
		for _, m := range table.Mirror {
			from := Mirror{Address: m.Location, Only: m.PullFromMirror, Origin: Origin{path, nth(mirrors, 0)}}
			mirrors = mirrors[min(1, len(mirrors)):]
			if table.MirrorByDigestOnly {
				from.Only = OnlyDigests
			}
			if m.Insecure {
				from.TLS = insecure()
			}
			if r.checkMirror(about, &from) {
				one.mirrors = append(one.mirrors, from)
			}
		}
		if r.checkRule(about, &one) {
			set = append(set, one)
		}
	}
	for _, host := range file.Registries.Insecure.Registries {
		set = append(set, rule{prefix: canonical(host), origin: Origin{path, lineOf(data, host)}, tls: insecure()})
	}
	for _, host := range file.Registries.Block.Registries {
		set = append(set, rule{prefix: canonical(host), origin: Origin{path, lineOf(data, host)}, blocked: true})
	}
	return set
}

// lines returns the lines on which the tables of registries and of mirrors begin,
// none if some are written another way.
func (f containersFile) lines(data []byte) (tables, mirrors []int) {
	total := 0
	for _, table := range f.Registry {
		total += len(table.Mirror)
	}
	tables = linesOf(data, `^\s*\[\[\s*registry\s*\]\]`)
	mirrors = linesOf(data, `^\s*\[\[\s*registry\s*\.\s*mirror\s*\]\]`)
	if len(tables) != len(f.Registry) {
		tables = nil
	}
	if len(mirrors) != total {
		mirrors = nil
	}
	return tables, mirrors
}

// checkMirror reports whether a mirror of a registry can be used, and warns if not.
func (r *Rules) checkMirror(about string, m *Mirror) bool {
	m.Address = strings.TrimSuffix(m.Address, "/")
	switch {
	case !isAddress(m.Address):
		r.warn(about, m.Origin, "mirror left out: %.60q is not HOST[:PORT][/PATH]", m.Address)
		return false
	case m.Only == "digest-only":
		m.Only = OnlyDigests
	case m.Only == "tag-only":
		m.Only = OnlyTags
	case m.Only == "all":
		m.Only = ""
	case m.Only != "" && m.Only != OnlyDigests:
		r.warn(about, m.Origin, "mirror left out: unknown value %.60q of pull-from-mirror", m.Only)
		return false
	}
	return true
}

// checkRule reports whether a rule for a registry can be used, and warns if not, or if
// part of it cannot.
func (r *Rules) checkRule(about string, one *rule) bool {
	one.prefix = strings.TrimSuffix(one.prefix, "/")
	host, path := splitAddress(one.prefix)
	one.prefix = canonical(host)
	if path != "" {
		one.prefix += "/" + path
	}
	if location, rest := splitAddress(strings.TrimSuffix(one.location, "/")); canonical(location) == canonical(host) && rest == path {
		one.location = ""
	}
	wild := strings.HasPrefix(one.prefix, "*.")
	switch {
	case !isAddress(strings.TrimPrefix(one.prefix, "*.")):
		r.warn(about, one.origin, "left out: the prefix %.60q is not HOST[:PORT][/PATH] or *.DOMAIN", one.prefix)
		return false
	case one.location != "" && (!isAddress(one.location) || wild):
		r.warn(about, one.origin, "left out: the location %.60q cannot be used for the prefix %.60q", one.location, one.prefix)
		return false
	}
	// insecure is about the host that is read.
	if at, _ := splitAddress(one.location); one.location != "" && canonical(at) != canonical(host) {
		one.tls, one.locationTLS = TLS{}, one.tls
	}
	if path != "" && !one.tls.isZero() {
		r.warn(about, one.origin, "insecure left out: it is for part of the registry %s, and can only be used for all of it", host)
		one.tls = TLS{}
	}
	return true
}
