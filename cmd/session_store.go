package cmd

import (
	"io"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// openStore returns the places that references point to, with the transport that
// the settings describe. hosts are the registries named on the command line:
// the user name and the password there are for them and for nobody else.
func (f *session) openStore(deps Deps, hosts []string) (*store.Store, error) {
	if err := f.ensureSettings(deps); err != nil {
		return nil, err
	}
	password, err := f.password(deps)
	if err != nil {
		return nil, err
	}
	keychain, err := f.keychain(deps, password, hosts)
	if err != nil {
		return nil, err
	}
	return f.openStoreWith(deps, keychain, hosts)
}

// openStoreWith is store with a keychain that is there already.
func (f *session) openStoreWith(deps Deps, keychain *auth.Keychain, hosts []string) (*store.Store, error) {
	f.warnOfInsecure(deps, hosts)
	warnOfProxies(deps, hosts)
	s, err := store.New(store.Options{Host: f.registryConfig, Wire: transport.Options{
		Credentials: keychain, Host: f.transportConfig, CertDirs: deps.CertDirs,
		Strict: f.settings.Strict, Warn: f.warner(deps.Err),
		Pace: deps.Timing, UserAgent: "manifest-tool/" + deps.Version, Observe: f.requestLogger(deps.Err),
	}})
	if err == nil {
		f.redact = s.Redact
	}
	return s, err
}

// requestLogger logs requests when --debug is given.
func (f *session) requestLogger(w io.Writer) func(transport.Event) {
	if !f.settings.Debug {
		return nil
	}
	f.trace = newTrace(w, f.sanitize)
	return f.trace.request
}
