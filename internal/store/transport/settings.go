package transport

import "github.com/google/go-containerregistry/pkg/name"

// HostConfig holds the settings of one host. The zero value is https with the CAs of
// the system.
type HostConfig struct {
	// PlainHTTP uses http for a registry.
	PlainHTTP bool
	// HTTPS uses https for a host of this machine without trying http. PlainHTTP
	// overrides it; for other hosts it has no effect.
	HTTPS bool
	// Insecure skips the check of the certificate; https stays https.
	Insecure bool
	// HTTPFallback speaks http to a host that does not speak TLS. A loopback host is
	// tried in http first in any case.
	HTTPFallback bool
	// Jobs caps the requests in flight; 0 means 200 on HTTP/2, if the host
	// accepts as many, and 32 on HTTP/1.1.
	Jobs int
	// RealmHosts are the token servers, host or host:port in lower case, to which
	// the registry's credential may be sent.
	RealmHosts []string
	// CAFile is a PEM file of CAs to trust in addition to those of the system.
	CAFile string
	// CAFiles are trusted in addition to CAFile.
	CAFiles []string
	// ClientCert and ClientKey are the PEM files of the client certificate; both
	// may be empty.
	ClientCert, ClientKey string
}

// host returns the settings of a host. named is set if the run uses it as a registry,
// rather than as a mirror or as the target of a redirect.
func (o Options) host(name string, named bool) HostConfig {
	if o.Host == nil {
		return HostConfig{}
	}
	return o.Host(userFacingName(name), named)
}

// userFacingName is the name of a host as users write it.
func userFacingName(host string) string {
	if host == name.DefaultRegistry {
		return "docker.io"
	}
	return host
}

// settings returns the settings of the host of a request.
func (t *Transport) settings(host string) HostConfig {
	h := t.host(host)
	return t.opts.host(host, h != nil && h.named.Load())
}
