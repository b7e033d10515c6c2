package system

import (
	"net"
	"net/netip"
	"strings"
)

// Host returns how a host, HOST or HOST:PORT, is spoken to and which position says
// so. named is set for a registry that is used by its own name: what is said about a
// host as a mirror does not apply to it then. ok is false if no file says anything.
func (r *Rules) Host(host string, named bool) (t TLS, at Origin, ok bool) {
	if r == nil {
		return TLS{}, Origin{}, false
	}
	host = canonical(host)
	if !named {
		if one, ok := mostExact(r.reached, host); ok {
			return one.tls, one.origin, true
		}
	}
	one, ok := mostExact(r.sets, host)
	return one.tls, one.origin, ok
}

func mostExact(sets [][]rule, host string) (best rule, ok bool) {
	for _, set := range sets {
		most := -1
		for _, one := range set {
			if n := one.fitsHost(host); n > most && !one.tls.isZero() {
				best, most = one, n
			}
		}
		if most >= 0 {
			return best, true
		}
	}
	return rule{}, false
}

// Sources says where a repository is read.
type Sources struct {
	// Blocked, if set, is the position that forbids the use of the repository.
	Blocked *Origin
	// Prefix is the part of HOST[:PORT]/REPOSITORY that Location and the mirrors'
	// addresses take the place of.
	Prefix string
	// Location is read in place of the prefix; "" if it is the prefix.
	Location string
	// At is the position of Location.
	At      Origin
	Mirrors []Mirror
}

// Repository returns where a repository is read; name is HOST[:PORT]/REPOSITORY, or
// a host alone for all of it.
func (r *Rules) Repository(name string) Sources {
	if r == nil {
		return Sources{}
	}
	host, path := splitAddress(name)
	host = canonical(host)
	name = host
	if path != "" {
		name += "/" + path
	}
	for _, set := range r.sets {
		if best, prefix, ok := longest(set, host, name); ok {
			return best.sources(prefix)
		}
	}
	return Sources{}
}

func longest(set []rule, host, name string) (best rule, prefix string, ok bool) {
	most := -1
	for _, one := range set {
		if !one.blocked && one.location == "" && len(one.mirrors) == 0 {
			continue
		}
		if p, n := one.fits(host, name); n > most {
			best, prefix, most = one, p, n
		}
	}
	return best, prefix, most >= 0
}

func (one rule) sources(prefix string) Sources {
	s := Sources{Prefix: prefix, Location: one.location, At: one.origin, Mirrors: one.mirrors}
	if one.blocked {
		s.Blocked = &one.origin
	}
	if s.Location == prefix {
		s.Location = ""
	}
	return s
}

// Alias returns the full name of a short name such as fedora or ubi8/ubi.
func (r *Rules) Alias(short string) (name string, at Origin, ok bool) {
	if r == nil {
		return "", Origin{}, false
	}
	a, ok := r.aliases[short]
	return a.name, a.origin, ok && a.name != ""
}

// Within returns the prefixes of a host's repositories that a file says something
// about, in the order of the files.
func (r *Rules) Within(host string) []string {
	if r == nil {
		return nil
	}
	host = canonical(host)
	var all []string
	for _, set := range r.sets {
		for _, one := range set {
			if h, path := splitAddress(one.prefix); h == host && path != "" {
				all = append(all, one.prefix)
			}
		}
	}
	return all
}

// fits returns the part of a name that the rule's prefix matches and how exactly it
// does, -1 if it does not.
func (one rule) fits(host, name string) (prefix string, exactness int) {
	if _, path := splitAddress(one.prefix); path == "" {
		return host, one.fitsHost(host)
	}
	if rest, ok := strings.CutPrefix(name, one.prefix); ok && (rest == "" || rest[0] == '/') {
		return one.prefix, 1000 + len(one.prefix)
	}
	return "", -1
}

// fitsHost returns how exactly a rule matches a host, -1 if it does not.
func (one rule) fitsHost(host string) int {
	domain, wild := strings.CutPrefix(one.prefix, "*")
	switch {
	case one.network.IsValid():
		if addr, err := netip.ParseAddr(strings.Trim(withoutPort(host), "[]")); err == nil && one.network.Contains(addr.Unmap()) {
			return 1 + one.network.Bits()
		}
	case one.prefix == "":
		return 0
	case one.prefix == host:
		return 1000 + len(host)
	case wild && strings.HasSuffix(withoutPort(host), domain):
		return len(domain)
	}
	return -1
}

// canonical is one spelling for all names of a host. Docker Hub has several.
func canonical(host string) string {
	switch host = strings.ToLower(host); host {
	case "index.docker.io", "registry-1.docker.io":
		return "docker.io"
	}
	return host
}

// HostOf returns the host of HOST[:PORT][/PATH].
func HostOf(address string) string {
	host, _ := splitAddress(address)
	return host
}

// splitAddress splits HOST[:PORT][/PATH].
func splitAddress(address string) (host, path string) {
	host, path, _ = strings.Cut(address, "/")
	return host, path
}

func withoutPort(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}
