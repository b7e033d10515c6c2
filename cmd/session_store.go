package cmd

import (
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/config"
	"manifest-tool/internal/output"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// openStore returns the store that references point into, with the transport
// that the settings describe. hosts are the registries named on the command
// line: the user name and the password given there are sent to them alone.
func (s *session) openStore(hosts []string) (*store.Store, error) {
	password, err := s.password()
	if err != nil {
		return nil, err
	}
	if password, err = s.completeLogin(password); err != nil {
		return nil, err
	}
	keychain, err := s.keychain(password, hosts)
	if err != nil {
		return nil, err
	}
	return s.openStoreWith(keychain, hosts)
}

// openStoreWith is openStore with a keychain that exists already.
func (s *session) openStoreWith(keychain *auth.Keychain, hosts []string) (*store.Store, error) {
	s.warnInsecure(hosts)
	s.warnProxies(hosts)
	o := s.storeOptions(s.transportConfig)
	o.Transport.Credentials, o.Transport.OptionalLogin = keychain, s.optionalLogin(keychain)
	opened, err := store.New(o)
	if err == nil {
		s.sanitizer.SetRedact(opened.Redact)
	}
	return opened, err
}

// storeOptions returns the settings of a store without credentials.
func (s *session) storeOptions(host func(name string, named bool) transport.HostConfig) store.Options {
	return store.Options{Host: s.registryConfig, Sources: s.settings.Sources, Alias: s.settings.System.Alias, Transport: transport.Options{
		Host: host, CertDirs: s.certDirs(), Strict: s.settings.Strict, Warn: s.warnOnce,
		Timing: s.Timing, UserAgent: "manifest-tool/" + s.Version, Observe: s.observeRequests(),
	}, Progress: s.progress.Tracker()}
}

// optionalLogin returns which logins a reader can do without: those that were stored
// for all runs. With --strict all logins are required.
func (s *session) optionalLogin(keychain *auth.Keychain) func(string) bool {
	if s.settings.Strict {
		return nil
	}
	return func(registry string) bool { return !keychain.IsGiven(registry) }
}

// certDirs returns the directories of certificates, with those of containerd if its
// settings are used.
func (s *session) certDirs() []string {
	if s.settings.System == nil {
		return s.CertDirs
	}
	return slices.Concat(s.CertDirs, s.settings.System.CertDirs)
}

// observeRequests returns the function that logs requests, nil without --debug.
func (s *session) observeRequests() func(transport.Event) {
	if !s.settings.Debug {
		return nil
	}
	s.requestLog = newRequestLog(s.Err, s.sanitizer)
	return s.requestLog.request
}

// transportConfig returns the settings of a host for the transport. named is
// set for a registry named on the command line.
func (s *session) transportConfig(host string, named bool) transport.HostConfig {
	r := s.settings.For(host, named)
	var realms []string
	for _, realm := range append(s.pipelineRealms(host), r.RealmHosts...) {
		realms = append(realms, strings.ToLower(realm))
	}
	return transport.HostConfig{
		PlainHTTP: r.PlainHTTP, HTTPS: s.settings.RequiresTLS(host), Insecure: r.Insecure, Jobs: r.Jobs, RealmHosts: realms,
		CAFile: r.CAFile, CAFiles: r.CAFiles, ClientCert: r.ClientCert, ClientKey: r.ClientKey, HTTPFallback: r.HTTPFallback,
	}
}

// pipelineRealms returns the token servers of a registry that the variables of GitLab's
// pipelines name: a self-hosted GitLab is the token server of its registry, which has
// another name. It is that of no registry but CI_REGISTRY.
func (s *session) pipelineRealms(host string) []string {
	if registry := s.Getenv("CI_REGISTRY"); registry == "" || !strings.EqualFold(registry, host) {
		return nil
	}
	server, port := s.Getenv("CI_SERVER_HOST"), s.Getenv("CI_SERVER_PORT")
	if _, err := reference.ParseRegistry(server); err != nil || server == "" {
		return nil
	}
	realms := []string{server}
	if _, err := reference.ParseRegistry(server + ":" + port); err == nil && port != "" {
		realms = append(realms, server+":"+port)
	}
	return realms
}

// registryConfig returns the settings of a registry for the store.
func (s *session) registryConfig(registry string) store.RegistryConfig {
	s.warnOfRegistry(registry)
	r := s.settings.For(registry, true)
	out := store.RegistryConfig{Mirrors: r.Mirror, TagParams: r.TagParams}
	if r.Origins["mirror"].Kind == config.FromSystem {
		out.Mirrors = nil // session.openStore passes them on with what else they have
	}
	return out
}

// warnInsecure names the hosts whose certificates are not checked, and the
// setting that says so.
func (s *session) warnInsecure(hosts []string) {
	insecure, suffix := map[string][]string{}, map[string]string{}
	for _, host := range slices.Compact(slices.Sorted(slices.Values(hosts))) {
		if r := s.settings.For(host, true); r.Insecure {
			setting := r.Origins["insecure"].Location()
			insecure[setting] = append(insecure[setting], host)
			if r.HTTPFallback {
				suffix[setting] = ", and plain http is used if there is no TLS"
			}
		}
	}
	for _, setting := range slices.Sorted(maps.Keys(insecure)) {
		s.notices.Warn(setting + ": the certificate is not checked for " + strings.Join(insecure[setting], ", ") + suffix[setting])
	}
}

// warnProxies names the proxy variables that hold no usable address, if a
// registry is used at all.
func (s *session) warnProxies(hosts []string) {
	if len(hosts) == 0 {
		return
	}
	for _, name := range transport.UnusableProxies(s.Getenv) {
		s.notices.Warn(name + " is not the address of a proxy, such as http://HOST:PORT: requests go to a wrong one, or to none")
	}
}

// requestLog writes what --debug shows: a line for each request, and totals at
// the end.
type requestLog struct {
	log   *slog.Logger
	stats transport.Stats
	// sanitizer removes secrets: a redirect may lead to a path that repeats one.
	sanitizer *output.Sanitizer
}

func newRequestLog(w io.Writer, sanitizer *output.Sanitizer) *requestLog {
	return &requestLog{sanitizer: sanitizer, log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// request logs one request. An event has no headers and no queries, which may
// hold secrets.
func (l *requestLog) request(e transport.Event) {
	l.stats.Add(e)
	url := l.sanitizer.Text(e.URL)
	if e.Err != nil {
		l.log.Debug("request", "method", e.Method, "url", url, "error", l.sanitizer.Text(e.Err.Error()), "ms", e.Took.Milliseconds())
		return
	}
	l.log.Debug("request", "method", e.Method, "url", url, "status", e.Status, "bytes", e.Bytes, "ms", e.Took.Milliseconds())
}

// close logs the number of requests, their bytes and the longest chain.
func (l *requestLog) close() {
	sum := l.stats.Sum()
	l.log.Debug("total", "requests", sum.Requests, "bytes", sum.Bytes, "chain", sum.LongestChain)
}
