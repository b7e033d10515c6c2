package transport

import "github.com/google/go-containerregistry/pkg/name"

// HostConfig is what the user set for one host. The zero value is https with the
// authorities of the system.
type HostConfig struct {
	// PlainHTTP speaks http to a registry.
	PlainHTTP bool
	// HTTPS speaks https to a host of this machine without trying http.
	// PlainHTTP beats it; on other hosts it changes nothing.
	HTTPS bool
	// Insecure skips the check of the certificate; https stays https.
	Insecure bool
	// Jobs caps the requests in flight; 0 means 200 on HTTP/2, if the host takes
	// as many, and 32 on HTTP/1.1.
	Jobs int
	// RealmHosts are token servers, host or host:port, in small letters, that
	// may be sent the registry's credential.
	RealmHosts []string
	// CAFile holds authorities, PEM, to trust beside those of the system.
	CAFile string
	// ClientCert and ClientKey are the certificate to show, both PEM, or both
	// empty.
	ClientCert, ClientKey string
}

// host returns the settings of a host. named says whether the run names it as
// a registry, rather than as a mirror or not at all.
func (o Options) host(name string, named bool) HostConfig {
	if o.Host == nil {
		return HostConfig{}
	}
	return o.Host(userFacingName(name), named)
}

// userFacingName is a host by the name that users have for it.
func userFacingName(host string) string {
	if host == name.DefaultRegistry {
		return "docker.io"
	}
	return host
}

// settings returns what is set for a host that a request goes to.
func (t *Transport) settings(host string) HostConfig {
	h := t.host(host)
	return t.opts.host(host, h != nil && h.named.Load())
}
