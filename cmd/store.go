package cmd

import (
	"io"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/wire"
)

// store returns the places that references point to, with the transport that
// the settings describe. hosts are the registries named on the command line:
// the user name and the password there are for them and for nobody else.
func (f *registryFlags) store(deps Deps, hosts []string) (*store.Store, error) {
	if err := f.ensure(deps); err != nil {
		return nil, err
	}
	password, err := f.secret(deps)
	if err != nil {
		return nil, err
	}
	keychain, err := f.keychain(deps, password, hosts)
	if err != nil {
		return nil, err
	}
	return f.storeWith(deps, keychain, hosts)
}

// storeWith is store with a keychain that is there already.
func (f *registryFlags) storeWith(deps Deps, keychain *auth.Keychain, hosts []string) (*store.Store, error) {
	f.warnOfInsecure(deps, hosts)
	warnOfProxies(deps, hosts)
	s, err := store.New(store.Options{Host: f.storeHost, Wire: wire.Options{
		Credentials: keychain, Host: f.wireHost, CertDirs: deps.CertDirs,
		Strict: f.settings.Strict, Warn: f.warner(deps.Err),
		Pace: deps.Pace, UserAgent: "manifest-tool/" + deps.Version, Observe: f.observer(deps.Err),
	}})
	if err == nil {
		f.redact = s.Redact
	}
	return s, err
}

// observer logs requests when --debug is given.
func (f *registryFlags) observer(w io.Writer) func(wire.Event) {
	if !f.settings.Debug {
		return nil
	}
	f.trace = newTrace(w, f.clean)
	return f.trace.request
}
