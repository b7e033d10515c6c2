package system

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// hostTable is a table of hosts.toml: that of a host, or the top of the file, which
// is about the server. Source: containerd's docs/hosts.md.
type hostTable struct {
	Capabilities []string
	CA           any
	Client       any
	SkipVerify   bool           `toml:"skip_verify"`
	OverridePath bool           `toml:"override_path"`
	Header       map[string]any `toml:"header"`
}

type hostsFile struct {
	Server string
	hostTable
	Host map[string]hostTable
}

// containerd reads HOST/hosts.toml in the directories for certificates. The first
// directory with the file of a host decides.
func (r *Rules) containerd() []rule {
	var set []rule
	for _, root := range r.CertDirs {
		entries, _ := os.ReadDir(root)
		for _, e := range entries[:min(len(entries), maxFiles)] {
			path := filepath.Join(root, e.Name(), "hosts.toml")
			host := hostOfDirectory(e.Name())
			if slices.ContainsFunc(set, func(before rule) bool { return before.prefix == host }) {
				continue
			}
			data, ok := r.read(path, false)
			var file hostsFile
			if !ok || !r.decodeTOML(path, data, &file) {
				continue
			}
			if host != "" && !isAddress(host) {
				r.warn("", Origin{File: path}, "left out: the directory is not named after a host")
				continue
			}
			set = append(set, r.hostRule(host, path, data, file))
		}
	}
	return set
}

// hostOfDirectory returns the host that a directory of certs.d is for: HOST,
// HOST:PORT or HOST_PORT_; "" is every host.
func hostOfDirectory(name string) string {
	if name == "_default" {
		return ""
	}
	return canonical(regexp.MustCompile(`_([0-9]+)_$`).ReplaceAllString(name, ":$1"))
}

// hostRule reads the file of a host. Its hosts become mirrors, and its server the
// location, if that is another host.
func (r *Rules) hostRule(host, path string, data []byte, file hostsFile) rule {
	one := rule{prefix: host, origin: Origin{File: path, Line: 1}}
	r.serverRule(&one, data, file)
	type entry struct {
		url  string
		line int
	}
	var entries []entry
	for address := range file.Host {
		entries = append(entries, entry{address, lineOf(data, "[", "host", address)})
	}
	// containerd reads the hosts in the order of the file, which a map has lost.
	slices.SortFunc(entries, func(a, b entry) int { return a.line - b.line })
	for _, e := range entries {
		if m, ok := r.hostMirror(host, e.url, Origin{path, e.line}, file.Host[e.url]); ok {
			one.mirrors = append(one.mirrors, m)
		}
	}
	return one
}

// serverRule reads the top of a file.
func (r *Rules) serverRule(one *rule, data []byte, file hostsFile) {
	at := one.origin
	top := r.tableTLS(one.prefix, at, file.hostTable)
	if file.Server == "" {
		one.tls = top
		return
	}
	at.Line = lineOf(data, "server", file.Server)
	u, ok := parseURL(file.Server)
	address, fits := "", false
	if ok {
		address, fits = registryPath(u.Host, u.Path, file.OverridePath)
	}
	if !ok || !fits {
		r.warn(one.prefix, at, "server left out: %.60q is not a registry at http[s]://HOST[:PORT]", file.Server)
		one.tls = top
		return
	}
	top.PlainHTTP = u.Scheme == "http"
	switch {
	case one.prefix == "":
		r.warn(one.prefix, at, "server left out: it would take the place of every registry")
	case canonical(address) == one.prefix:
		one.tls = top
	default:
		one.origin, one.location, one.locationTLS = at, address, top
	}
}

func (r *Rules) hostMirror(host, address string, at Origin, table hostTable) (Mirror, bool) {
	u, ok := parseURL(address)
	if !ok {
		r.warn(host, at, "host left out: %.60q is not http[s]://HOST[:PORT]", address)
		return Mirror{}, false
	}
	m := Mirror{Origin: at, TLS: r.tableTLS(host, at, table)}
	m.TLS.PlainHTTP = u.Scheme == "http"
	m.Address, ok = registryPath(u.Host, u.Path, table.OverridePath)
	pull, resolve := table.can("pull"), table.can("resolve")
	switch {
	case host == "":
		r.warn(host, at, "host left out: a mirror of every registry needs the parameter ns, which is not sent")
		return m, false
	case !ok:
		r.warn(host, at, "host left out: %.60q has its registry below a path before /v2", address)
		return m, false
	case !pull:
		if resolve {
			r.warn(host, at, "host left out: it can only resolve tags")
		}
		return m, false
	case !resolve:
		m.Only = OnlyDigests
	}
	return m, true
}

// can reports whether a host has a capability; without a list it has all.
func (h hostTable) can(what string) bool {
	return len(h.Capabilities) == 0 || slices.Contains(h.Capabilities, what)
}

// registryPath returns HOST[/PATH] for a URL whose path is that of the API: /v2, or
// /v2/PATH with override_path. A path before /v2 has no such form.
func registryPath(host, path string, override bool) (address string, ok bool) {
	path = strings.Trim(path, "/")
	rest, isAPI := strings.CutPrefix(path+"/", "v2/")
	switch {
	case path == "" && !override, path == "v2":
		return host, true
	case override && isAPI:
		address = host + "/" + strings.TrimSuffix(rest, "/")
		return address, isAddress(address)
	}
	return "", false
}
