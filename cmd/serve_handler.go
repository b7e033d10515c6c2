package cmd

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/config"
	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/server"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// requestTimeout bounds the work on one request, unless the setting timeout does.
const requestTimeout = 45 * time.Second

// handler returns what answers the requests.
func (o *serveOptions) handler(ctx context.Context) (*server.Server, error) {
	set := o.settings.Serve
	log := slog.New(slog.NewJSONHandler(o.Err, nil))
	options, err := o.cacheOptions(ctx, log)
	if err != nil {
		return nil, err
	}
	var (
		answers *cache.Cache
		handler *server.Server
	)
	upstream, err := o.upstream(log, func(e transport.Event) {
		answers.Observe(e)
		handler.Observe(e)
	})
	if err != nil {
		return nil, err
	}
	options.Upstream, options.Scope = upstream, scopeOf(upstream)
	answers = cache.New(options)
	proxies, err := networks(set.TrustedProxies)
	if err != nil {
		return nil, err
	}
	handler = server.New(server.Options{
		Cache: answers,
		Log:   log, Now: o.Now, Timeout: cmp.Or(o.settings.Timeout, requestTimeout), Version: o.Version,
		Hosts: ownHosts(set), TrustedProxies: proxies, Rate: set.Rate, MaxRequests: set.MaxRequests,
	})
	return handler, nil
}

// scopeOf separates what is read with a login from the rest.
func scopeOf(u *server.Upstream) func(reference.Ref) string {
	return func(ref reference.Ref) string {
		if u.IsWithLogin(ref) {
			return "login"
		}
		return cache.Anonymous
	}
}

func networks(texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		one, err := config.ParseNetwork(text)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// ownHosts returns the names by which the service may be called: those of the
// settings, with those of this machine if it listens at a loopback address; none for
// all names.
func ownHosts(set config.Serve) []string {
	host, _, _ := net.SplitHostPort(set.Listen) // checked with the settings
	addr, err := netip.ParseAddr(host)
	switch {
	case host == "localhost" || err == nil && addr.IsLoopback():
		return append([]string{"localhost", "127.0.0.1", "::1", host}, set.Hosts...)
	case len(set.Hosts) == 0:
		return nil
	case host != "":
		return append([]string{host}, set.Hosts...)
	}
	return set.Hosts
}

// upstream returns the reader of registries. All its stores share one network, which
// connects to public addresses only.
func (o *serveOptions) upstream(log *slog.Logger, observe func(transport.Event)) (*server.Upstream, error) {
	set := o.settings.Serve
	allowed := func(host string) bool {
		return slices.ContainsFunc(set.AllowRegistries, func(name string) bool { return strings.EqualFold(name, host) })
	}
	// A registry that a client names is not one of the command line, whose settings
	// are for those that the operator allowed.
	options := o.storeOptions(func(host string, _ bool) transport.HostConfig { return o.transportConfig(host, allowed(host)) })
	options.Transport.Service = true
	options.Transport.Observe = observeBoth(observe, options.Transport.Observe)
	options.Transport.Warn = func(message string) { log.Warn("registry", "warning", o.sanitizer.Text(message)) }
	options.Transport.Base = transport.NewPublicNetwork(options.Transport, allowed)
	keychain, err := o.serveKeychain()
	if err != nil {
		return nil, err
	}
	return server.NewUpstream(server.UpstreamOptions{Logins: set.Repositories, Log: log, Now: o.Now, Open: func(login bool) (server.RedactingReader, error) {
		its := options
		if login {
			its.Transport.Credentials = keychain
		}
		return openRedacted(its)
	}}), nil
}

// openRedacted opens a store whose warnings and events are without its secrets, which a
// registry may repeat.
func openRedacted(o store.Options) (*store.Store, error) {
	var opened *store.Store // set before the first event: New sends no request
	warn, observe := o.Transport.Warn, o.Transport.Observe
	o.Transport.Warn = func(message string) { warn(opened.Redact(message)) }
	o.Transport.Observe = func(e transport.Event) {
		e.URL = opened.Redact(e.URL)
		if e.Err != nil {
			e.Err = errtext.Replace(e.Err, opened.Redact(e.Err.Error()))
		}
		observe(e)
	}
	opened, err := store.New(o)
	return opened, err
}

// serveKeychain returns the stored logins, of which those of the listed repositories
// are used; nil if there are none.
func (o *serveOptions) serveKeychain() (*auth.Keychain, error) {
	if len(o.settings.Serve.Repositories) == 0 {
		return nil, nil //nolint:nilnil // no login is used
	}
	var hosts []string
	for _, name := range o.settings.Serve.Repositories {
		host, _, _ := strings.Cut(name, "/")
		hosts = append(hosts, host)
	}
	password, err := o.password()
	if err != nil {
		return nil, err
	}
	if password, err = o.completeLogin(password); err != nil {
		return nil, err
	}
	return o.keychain(password, hosts)
}
