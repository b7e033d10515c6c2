package cmd

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/output"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// preRun reads the settings before a command runs, and lets its time begin.
// What needs no settings is not held up by them.
func (f *session) preRun(c *cobra.Command, deps Deps) error {
	if !needsSettings(c) {
		return nil
	}
	if err := f.load(c.Flags(), deps, true); err != nil {
		return err
	}
	ctx := f.timeout.start(c.Context(), f.settings.Timeout)
	c.SetContext(ctx)
	if f.stdin != nil {
		f.stdin.ctx = ctx
	}
	return nil
}

// needsSettings reports whether a command does more than speak of itself. The
// command config looks after its settings itself: it may be there to say what
// is wrong with them.
func needsSettings(c *cobra.Command) bool {
	for ; c.HasParent(); c = c.Parent() {
		switch c.Name() {
		case "version", "completion", "help", "config", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
			return false
		}
		if !c.Parent().HasParent() {
			return true
		}
	}
	return false
}

// load reads the settings, with the file or without.
func (f *session) load(flags *pflag.FlagSet, deps Deps, file bool) error {
	settings, err := config.Load(config.Options{
		Flags: flags, Getenv: deps.Getenv, Home: deps.Home, NoFile: !file, Template: output.CheckTemplate,
	})
	if err == nil {
		f.settings = settings
	}
	return err
}

// ensureSettings reads the settings where nothing began a command: the shell completes
// arguments.
func (f *session) ensureSettings(deps Deps) error {
	if f.settings.Origins != nil {
		return nil
	}
	return f.load(f.globalFlags, deps, true)
}

// transportConfig is what is set for a host, for the transport.
func (f *session) transportConfig(name string, named bool) transport.HostConfig {
	r := f.settings.For(name, named)
	var realms []string
	for _, host := range r.RealmHosts {
		realms = append(realms, strings.ToLower(host))
	}
	return transport.HostConfig{
		PlainHTTP: r.PlainHTTP, HTTPS: f.settings.RequiresTLS(name), Insecure: r.Insecure, Jobs: r.Jobs, RealmHosts: realms,
		CAFile: r.CAFile, ClientCert: r.ClientCert, ClientKey: r.ClientKey,
	}
}

// registryConfig is what is set for a registry, for the store.
func (f *session) registryConfig(name string) store.RegistryConfig {
	r := f.settings.For(name, true)
	return store.RegistryConfig{Mirrors: r.Mirror, TagParams: r.TagParams}
}

// warnOfInsecure says whose certificates are not checked, and what says so.
func (f *session) warnOfInsecure(deps Deps, hosts []string) {
	said := map[string][]string{}
	for _, host := range slices.Compact(slices.Sorted(slices.Values(hosts))) {
		if r := f.settings.For(host, true); r.Insecure {
			by := r.Origins["insecure"].Location()
			said[by] = append(said[by], host)
		}
	}
	for _, by := range slices.Sorted(maps.Keys(said)) {
		warnFunc(deps.Err)(by + ": the certificate is not checked of " + strings.Join(said[by], ", "))
	}
}

// warnOfProxies says which variables name no proxy, where registries are named.
func warnOfProxies(deps Deps, hosts []string) {
	if len(hosts) == 0 {
		return
	}
	for _, name := range transport.UnusableProxies(deps.Getenv) {
		warnFunc(deps.Err)(name + " is not the address of a proxy, such as http://HOST:PORT: requests go to a wrong one, or to none")
	}
}
