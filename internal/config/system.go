package config

import (
	"maps"
	"slices"

	"manifest-tool/internal/system"
)

// applySystem completes the settings of a registry with what other programs on this
// machine say about it.
func (c Config) applySystem(r *Registry, named bool) {
	t, at, ok := c.System.Host(r.Name, named)
	origin := systemOrigin(at)
	unset := func(key string) bool {
		o, set := r.Origins[key]
		return ok && (!set || o.Kind == FromDefault)
	}
	// A setting about TLS is not weakened.
	weaker := unset("plain-http") && unset("insecure") && unset("ca-file") && unset("client-cert")
	if t.PlainHTTP && weaker {
		r.PlainHTTP, r.Origins["plain-http"] = true, origin
	}
	if t.SkipVerify && weaker {
		r.Insecure, r.Origins["insecure"] = true, origin
		r.HTTPFallback = t.HTTPFallback
	}
	if len(t.CAFiles) > 0 && unset("ca-file") {
		r.CAFile, r.CAFiles, r.Origins["ca-file"] = t.CAFiles[0], t.CAFiles[1:], origin
	}
	if t.ClientCert != "" && unset("client-cert") && unset("client-key") {
		r.ClientCert, r.ClientKey = t.ClientCert, t.ClientKey
		r.Origins["client-cert"], r.Origins["client-key"] = origin, origin
	}
	if s := c.Sources(r.Name); len(s.Mirrors) > 0 {
		for _, m := range s.Mirrors {
			r.Mirror = append(r.Mirror, m.Address)
		}
		r.Origins["mirror"] = systemOrigin(s.Mirrors[0].Origin)
	}
}

// Sources returns where a repository, HOST[:PORT]/REPOSITORY, is read as other
// programs on this machine say. Mirrors of an entry take the place of theirs.
func (c Config) Sources(repository string) system.Sources {
	s := c.System.Repository(repository)
	if _, set := c.entry(system.HostOf(repository)).Origins["mirror"]; set {
		return system.Sources{Blocked: s.Blocked}
	}
	return s
}

// systemValues are what other programs say of a registry that has no setting here.
func (c Config) systemValues(host string) []Value {
	var all []Value
	if r := c.For(host, true); r.HTTPFallback {
		all = append(all, Value{"http-fallback", true, r.Origins["insecure"]})
	}
	for _, path := range slices.Concat([]string{host}, c.System.Within(host)) {
		part := ""
		if path != host {
			part = " " + path
		}
		s := c.Sources(path)
		if s.Blocked != nil {
			all = append(all, Value{"blocked" + part, true, systemOrigin(*s.Blocked)})
		}
		if s.Location != "" {
			all = append(all, Value{"location" + part, s.Location, systemOrigin(s.At)})
			all = append(all, c.reachedValues(s.Location, part)...)
		}
		if part != "" && len(s.Mirrors) > 0 {
			list := []string{}
			for _, m := range s.Mirrors {
				list = append(list, m.Address)
			}
			all = append(all, Value{"mirror" + part, list, systemOrigin(s.Mirrors[0].Origin)})
		}
	}
	return all
}

// reachedValues are what other programs say of how a location is reached: it does not
// apply to the registry that it takes the place of.
func (c Config) reachedValues(location, part string) []Value {
	r := c.For(system.HostOf(location), false)
	values := map[string]any{
		"plain-http": r.PlainHTTP, "insecure": r.Insecure, "ca-file": r.CAFile,
		"client-cert": r.ClientCert, "client-key": r.ClientKey,
	}
	var all []Value
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if o := r.Origins[key]; o.Kind == FromSystem {
			all = append(all, Value{"location" + part + " " + key, values[key], o})
		}
	}
	return all
}

func systemOrigin(at system.Origin) Origin {
	return Origin{Kind: FromSystem, File: at.File, Line: at.Line}
}
