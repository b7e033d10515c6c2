package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// TestWhichEntryHolds tells the entries apart by their jobs.
// TestFor_HTTPFallback holds that plain http is used only for a registry of the command
// line whose certificate is not checked either.
func TestFor_HTTPFallback(t *testing.T) {
	for _, c := range []struct {
		config config.Config
		named  bool
		want   bool
	}{
		{config.Config{Insecure: true, HTTPFallback: true}, true, true},
		{config.Config{Insecure: true, HTTPFallback: true}, false, false},
		{config.Config{HTTPFallback: true}, true, false},
		{config.Config{Insecure: true}, true, false},
		{config.Config{Insecure: true, HTTPFallback: true, Registries: []config.Registry{{Name: "reg.example", Origins: map[string]config.Origin{"insecure": {Kind: config.FromFile}}}}}, true, false},
	} {
		if got := c.config.For("reg.example", c.named).HTTPFallback; got != c.want {
			t.Errorf("%+v, named %t: %t", c.config, c.named, got)
		}
	}
}

func TestWhichEntryHolds(t *testing.T) {
	c := written(t, `registries:
  - {name: "*.example.com", jobs: 1}
  - {name: "*.team.example.com", jobs: 2}
  - {name: Registry.Team.Example.com, jobs: 3}
  - {name: "registry.team.example.com:5000", jobs: 4}
  - {name: docker.io, jobs: 5}
  - {name: "[::1]", jobs: 6}
  - {name: "[::1]:5000", jobs: 7}
  - {name: 10.0.0.5, jobs: 8}
  - {name: localhost:5000, jobs: 9}
`)
	for host, want := range map[string]int{
		"a.example.com":                  1,
		"a.b.example.com:443":            1,
		"example.com":                    0,
		"notexample.com":                 0,
		"a.team.example.com":             2,
		"team.example.com":               1,
		"registry.team.example.com":      3,
		"REGISTRY.team.example.com":      3,
		"registry.team.example.com:443":  3,
		"registry.team.example.com:5000": 4,
		"Registry.Team.Example.COM:5000": 4,
		"docker.io":                      5,
		"index.docker.io":                5,
		"registry-1.docker.io":           5,
		"[::1]":                          6,
		"[::1]:443":                      6,
		"[::1]:5000":                     7,
		"10.0.0.5:5000":                  8,
		"10.0.0.50":                      0,
		"localhost:5000":                 9,
		"localhost":                      0,
		"localhost:5001":                 0,
	} {
		if got := c.For(host, true).Jobs; got != want {
			t.Errorf("%s has the jobs of entry %d, want %d", host, got, want)
		}
	}
}

// TestWhatHoldsForARegistry sets the same at several places.
func TestWhatHoldsForARegistry(t *testing.T) {
	const file = `jobs: 2
plain-http: true
insecure: true
ca-file: /top.pem
client-cert: /top.crt
client-key: /top.key
realm-hosts: [top.example.com]
registries:
  - name: own.example.com
    plain-http: false
    ca-file: /own.pem
    client-cert: /own.crt
    client-key: /own.key
    jobs: 3
    tag-params: true
    realm-hosts: [own.example.com]
    mirror: [m.example.com]
`
	path := written(t, file).File
	given := func(args ...string) *pflag.FlagSet {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.Bool("plain-http", false, "")
		flags.Bool("insecure", false, "")
		flags.Bool("tag-params", false, "")
		flags.Int("jobs", 0, "")
		flags.String("ca-file", "", "")
		flags.String("client-cert", "", "")
		flags.String("client-key", "", "")
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		return flags
	}
	own := config.Registry{
		Name: "own.example.com", Insecure: true, CAFile: "/own.pem", ClientCert: "/own.crt", ClientKey: "/own.key",
		Jobs: 3, TagParams: true, RealmHosts: []string{"top.example.com", "own.example.com"}, Mirror: []string{"m.example.com"},
	}
	other := config.Registry{
		Name: "other.example.com", PlainHTTP: true, Insecure: true, CAFile: "/top.pem", ClientCert: "/top.crt", ClientKey: "/top.key",
		Jobs: 2, RealmHosts: []string{"top.example.com"},
	}
	with := func(r config.Registry, change func(*config.Registry)) config.Registry {
		change(&r)
		return r
	}
	for _, c := range []struct {
		name  string
		args  []string
		named bool
		want  config.Registry
	}{
		{"the entry beats the top level", nil, true, own},
		{"the top level is for every registry of the command line", nil, true, other},
		{"not for others", nil, false, config.Registry{Name: "other.example.com", Jobs: 2, RealmHosts: other.RealmHosts}},
		{"an entry is for its registry wherever it comes from", nil, false, with(own, func(r *config.Registry) { r.Insecure = false })},
		{"a flag beats the entry", []string{"--plain-http", "--insecure=false", "--jobs=9"}, true, with(own, func(r *config.Registry) {
			r.PlainHTTP, r.Insecure, r.Jobs = true, false, 9
		})},
		{"a flag about the command line leaves others alone", []string{"--plain-http", "--ca-file=/flag.pem"}, false, with(own, func(r *config.Registry) {
			r.Insecure = false
		})},
		{"certificate and key go together", []string{"--client-cert=/f.crt", "--client-key=/f.key", "--ca-file=/f.pem"}, true, with(own, func(r *config.Registry) {
			r.ClientCert, r.ClientKey, r.CAFile = "/f.crt", "/f.key", "/f.pem"
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := load(given(c.args...), map[string]string{"MANIFEST_TOOL_CONFIG": path})
			if err != nil {
				t.Fatal(err)
			}
			got := all.For(c.want.Name, c.named)
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(config.Registry{}, "Origins"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAnEntryIsAboutTLS looks at what keeps a host of this machine from being
// tried in plain http; what is set for all registries does not.
func TestAnEntryIsAboutTLS(t *testing.T) {
	for text, want := range map[string]bool{
		"plain-http: false\nca-file: a.pem\n":                                                    false,
		"registries:\n  - name: localhost:5000\n    jobs: 3\n":                                   false,
		"registries:\n  - name: localhost:5000\n    plain-http: false\n":                         true,
		"registries:\n  - name: localhost\n    ca-file: a.pem\n":                                 true,
		"registries:\n  - name: localhost:5000\n    client-cert: a.pem\n    client-key: a.key\n": true,
		"registries:\n  - name: localhost:5000\n    plain-http: true\n    ca-file: a.pem\n":      false,
		"registries:\n  - name: localhost:5001\n    plain-http: false\n":                         false,
	} {
		if got := written(t, text).RequiresTLS("localhost:5000"); got != want {
			t.Errorf("%v, want %v with\n%s", got, want, text)
		}
	}
}
