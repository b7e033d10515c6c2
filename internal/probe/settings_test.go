package probe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"manifest-tool/internal/config"
)

// TestSettings loads the settings of reports as a settings file: as they are, and with
// the suggestions that are comments.
func TestSettings(t *testing.T) {
	t.Parallel()
	const host = "registry.example.com:5000"
	for name, tt := range map[string]struct {
		used      config.Registry
		facts     map[string]string
		want, all config.Registry
	}{
		"nothing":   {},
		"https":     {facts: map[string]string{"scheme": "https", "tag-params": "no", "protocol": "HTTP/2.0"}},
		"loopback":  {facts: map[string]string{"scheme": "http"}},
		"plain":     {used: config.Registry{PlainHTTP: true}, want: config.Registry{PlainHTTP: true}},
		"fell back": {used: config.Registry{HTTPFallback: true}, facts: map[string]string{"scheme": "http"}, want: config.Registry{PlainHTTP: true}},
		"used": {
			used: config.Registry{
				Insecure: true, CAFile: "/a b/ca: #1.pem", ClientCert: "/c\n.pem", ClientKey: "/k", Jobs: 3, Mirror: []string{"m.example/hub", "n.example"},
				RealmHosts: []string{"auth.example"}, TagParams: true,
			},
			facts: map[string]string{"throttled": "2", "certificate": "untrusted", "rate-limit": "100"},
			want: config.Registry{
				Insecure: true, CAFile: "/a b/ca: #1.pem", ClientCert: "/c\n.pem", ClientKey: "/k", Jobs: 3, Mirror: []string{"m.example/hub", "n.example"},
				RealmHosts: []string{"auth.example"}, TagParams: true,
			},
		},
		"throttled": {facts: map[string]string{"throttled": "2", "tag-params": "yes"}, want: config.Registry{Jobs: 4, TagParams: true}},
		"suggested": {
			facts: map[string]string{"certificate": "untrusted", "withheld-from": "auth.example", "rate-limit": "100;w=60"},
			all:   config.Registry{CAFile: "ca.pem", RealmHosts: []string{"auth.example"}, Mirror: []string{"mirror.example.com"}},
		},
		"hostile": {
			facts: map[string]string{"withheld-from": "x: [#\"'\n- name: evil"},
			all:   config.Registry{RealmHosts: []string{"x: [#\"'\n- name: evil"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := settingsFor(host, tt.used, tt.facts)
			if err != nil {
				t.Fatal(err)
			}
			compareSettings(t, host, text, tt.want)
			if len(tt.all.RealmHosts)+len(tt.all.Mirror) > 0 && name != "hostile" {
				compareSettings(t, host, strings.ReplaceAll(text, "    # ", "    "), tt.all)
			}
			if name == "hostile" && strings.Count(text, "\n") != 3 {
				t.Errorf("a value has lines of its own:\n%s", text)
			}
		})
	}
}

// compareSettings loads text as a settings file.
func compareSettings(t *testing.T, host, text string, want config.Registry) {
	t.Helper()
	if text == "" {
		if !cmp.Equal(want, config.Registry{}) {
			t.Errorf("no settings, want %+v", want)
		}
		return
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Options{Getenv: func(name string) string {
		return map[string]string{"MANIFEST_TOOL_CONFIG": filepath.Join(dir, "config.yaml")}[name]
	}})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want.Name = host
	if want.CAFile != "" && !filepath.IsAbs(want.CAFile) {
		want.CAFile = filepath.Join(dir, want.CAFile)
	}
	if diff := cmp.Diff(want, c.For(host, false), cmpopts.IgnoreFields(config.Registry{}, "Origins"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, text)
	}
}
