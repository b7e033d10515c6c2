package config

import (
	"slices"
	"strings"
)

// For returns the settings of one registry, host or host:port. named is set for a
// registry named on the command line: some flags apply only to those.
//
// The most specific entry is used, and no other: host:port, then host, then the
// longest *.domain. It overrides the top level of the file; a flag or a variable
// overrides the entry. realm-hosts are added to those of the top level, and only
// an entry has mirrors. The settings of other programs on this machine apply where
// nothing else is set.
//
// Origins of the result has the source of each value.
func (c Config) For(host string, named bool) Registry {
	entry, top := c.entry(host), c.defaults()
	out := Registry{Name: host, Mirror: entry.Mirror, Origins: map[string]Origin{}}
	from := func(key string, applies bool) Registry {
		origin, set := entry.Origins[key]
		beaten := applies && c.Origins[key].overridesFile()
		switch {
		case set && !beaten:
			out.Origins[key] = origin
			return entry
		case applies:
			out.Origins[key] = c.Origins[key]
			if out.Origins[key].Kind == "" { // only entries have this key
				out.Origins[key] = Origin{Kind: FromDefault}
			}
			return top
		}
		return Registry{}
	}
	out.Jobs = from("jobs", true).Jobs
	out.TagParams = from("tag-params", true).TagParams
	from("name", true)
	from("realm-hosts", true)
	out.RealmHosts = slices.Concat(top.RealmHosts, entry.RealmHosts)
	out.PlainHTTP = from("plain-http", named).PlainHTTP
	out.Insecure = from("insecure", named).Insecure
	out.HTTPFallback = named && out.Insecure && c.HTTPFallback
	out.CAFile = from("ca-file", named).CAFile
	pair := from("client-cert", named)
	out.ClientCert, out.ClientKey = pair.ClientCert, pair.ClientKey
	from("client-key", named)
	from("mirror", true)
	c.applySystem(&out, named)
	return out
}

// RequiresTLS reports whether the entry of a registry requires TLS: it sets
// plain-http to false, or has certificates. Then plain http is not tried even
// for a host of this machine.
func (c Config) RequiresTLS(host string) bool {
	entry := c.entry(host)
	_, says := entry.Origins["plain-http"]
	return !entry.PlainHTTP && (says || entry.CAFile != "" || entry.ClientCert != "")
}

// defaults returns the settings of the top level for registries.
func (c Config) defaults() Registry {
	return Registry{
		PlainHTTP: c.PlainHTTP, Insecure: c.Insecure, Jobs: c.Jobs, TagParams: c.TagParams, RealmHosts: c.RealmHosts,
		CAFile: c.CAFile, ClientCert: c.ClientCert, ClientKey: c.ClientKey,
	}
}

// entry returns the entry for a host, the zero Registry if there is none.
func (c Config) entry(host string) Registry {
	host = canonicalHost(host)
	bare := withoutPort(host)
	var best Registry
	most := 0
	for _, r := range c.Registries {
		if n := specificity(canonicalHost(r.Name), host, bare); n > most {
			best, most = r, n
		}
	}
	return best
}

// specificity returns how specifically a name matches a host; 0 if it does not.
// No domain is longer than the 255 characters of the DNS.
func specificity(name, host, bare string) int {
	switch domain, wild := strings.CutPrefix(name, "*"); {
	case name == host:
		return 2000
	case name == bare:
		return 1000
	case wild && strings.HasSuffix(bare, domain):
		return len(domain)
	}
	return 0
}

// canonicalHost returns one spelling for all names of a registry. The DNS ignores
// case; Docker Hub has several names.
func canonicalHost(name string) string {
	switch name = strings.ToLower(name); name {
	case "index.docker.io", "registry-1.docker.io":
		return "docker.io"
	}
	return name
}

// withoutPort removes the port from a host, which may be an IPv6 address in
// brackets.
func withoutPort(host string) string {
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		return host[:i]
	}
	return host
}
