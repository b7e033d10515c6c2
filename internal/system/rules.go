package system

import (
	"fmt"
	"net/netip"
)

// Origin is a position in a file. Line is counted from 1; 0 means unknown.
type Origin struct {
	File string
	Line int
}

// String returns PATH:LINE, or PATH if the line is unknown.
func (o Origin) String() string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// TLS is how a host is spoken to.
type TLS struct {
	// SkipVerify does not check the certificate.
	SkipVerify bool
	// HTTPFallback uses plain http if the host does not speak TLS.
	HTTPFallback bool
	// PlainHTTP uses plain http without trying https.
	PlainHTTP bool
	// CAFiles are PEM files of CAs to trust in addition to those of the system.
	CAFiles []string
	// ClientCert and ClientKey are PEM files, both set or both empty.
	ClientCert, ClientKey string
}

// insecure is what `insecure` means in registries.conf and in daemon.json.
func insecure() TLS { return TLS{SkipVerify: true, HTTPFallback: true} }

func (t TLS) isZero() bool {
	return !t.SkipVerify && !t.HTTPFallback && !t.PlainHTTP && len(t.CAFiles) == 0 && t.ClientCert == ""
}

// The values of Mirror.Only.
const (
	OnlyDigests = "digest"
	OnlyTags    = "tag"
)

// Mirror is a place that is read before a registry.
type Mirror struct {
	// Address is HOST[:PORT][/PATH]; it takes the place of the rule's prefix.
	Address string
	// Only restricts the mirror to references by digest or by tag; "" is both.
	Only   string
	TLS    TLS
	Origin Origin
}

// rule is what one file says about the registries or repositories that its prefix
// matches.
type rule struct {
	// prefix is HOST[:PORT], HOST[:PORT]/PATH, *.DOMAIN, or "" for every host.
	prefix string
	// network, if valid, takes the place of the prefix: hosts with an address in it.
	network netip.Prefix
	origin  Origin

	tls     TLS
	blocked bool
	// location, if set, takes the place of the prefix for reading.
	location    string
	locationTLS TLS
	mirrors     []Mirror
}

// alias is the full name of a short name.
type alias struct {
	name   string
	origin Origin
}

// Rules is what the files of this machine say. nil says nothing.
type Rules struct {
	// sets are the rules of one program each; the first that decides wins. reached
	// are about hosts as mirrors and locations alone.
	sets, reached [][]rule
	aliases       map[string]alias
	// CertDirs are the directories in which containerd and nerdctl keep a directory per
	// host, with its hosts.toml and its certificates.
	CertDirs []string
	// Warnings state what was left out, in the order of the files.
	Warnings []Warning
}

// Warning states what was left out of a file.
type Warning struct {
	// Host is the registry that it is about; "" if it is about more than one.
	Host string
	// Text starts with the position in the file.
	Text string
}

// WarningsAbout returns the warnings about a registry, without those about more than
// one; "" returns the latter.
func (r *Rules) WarningsAbout(host string) []string {
	if r == nil {
		return nil
	}
	host = canonical(host)
	var all []string
	for _, w := range r.Warnings {
		if w.Host == host {
			all = append(all, w.Text)
		}
	}
	return all
}

// warn adds a warning about a host, "" if it is about more than one.
func (r *Rules) warn(host string, o Origin, format string, args ...any) {
	r.Warnings = append(r.Warnings, Warning{host, fmt.Sprintf("%s: %s", o, fmt.Sprintf(format, args...))})
}

// add adds the rules of one program after those of the programs before it.
func (r *Rules) add(set []rule) {
	var reached []rule
	reach := func(address string, t TLS, at Origin) {
		if host, _ := splitAddress(address); !t.isZero() {
			reached = append(reached, rule{prefix: canonical(host), origin: at, tls: t})
		}
	}
	for _, one := range set {
		reach(one.location, one.locationTLS, one.origin)
		for _, m := range one.mirrors {
			reach(m.Address, m.TLS, m.Origin)
		}
	}
	r.sets, r.reached = append(r.sets, set), append(r.reached, reached)
}
