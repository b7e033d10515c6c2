//go:build unix

package auth

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told is an explanation in short: the kind, the user and the key or helper of
// the login; then the place and the result of each step.
func told(e Explanation) string {
	login := "none"
	if c := e.Credential; c != nil {
		login = strings.Join(strings.Fields(strings.Join([]string{c.Kind, c.Username, c.Source, c.Key, c.Helper}, " ")), " ")
	}
	for _, s := range e.Steps {
		login += fmt.Sprintf("\n%s%s: %s", s.Source, strings.TrimSuffix(" "+s.Helper, " "), s.Result)
	}
	return login
}

func TestExplain(t *testing.T) {
	const canary = "c4nary"
	h := newHelpers(t)
	h.add(t, "test", `echo '{"Username":"alice","Secret":"`+canary+`"}'`)
	h.add(t, "none", `echo credentials not found in native keychain; exit 1`)
	h.add(t, "broken", `echo no; exit 1`)
	podman := writeConfig(t, fmt.Sprintf(`{"auths":{"r.example/team":{"auth":%q},"i.example":{"identitytoken":%q},"t.example":{"registrytoken":%q}}}`,
		basic("bob", canary), canary, canary))
	for _, tt := range []struct {
		name, config, host string
		o                  Options
		without            bool
		want, err          string
	}{
		{
			"a namespace in podman's file", `{}`, "r.example",
			Options{},
			false,
			"password bob podman auth file r.example/team\n--username: skipped\ndocker config: skipped\nDOCKER_AUTH_CONFIG: skipped\npodman auth file: used", "",
		},
		{
			"identity token", `{}`, "i.example",
			Options{},
			false,
			"identity token podman auth file i.example\n--username: skipped\ndocker config: skipped\nDOCKER_AUTH_CONFIG: skipped\npodman auth file: used", "",
		},
		{
			"registry token", `{}`, "t.example",
			Options{},
			false,
			"registry token podman auth file t.example\n--username: skipped\ndocker config: skipped\nDOCKER_AUTH_CONFIG: skipped\npodman auth file: used", "",
		},
		{
			"a helper", `{"credsStore":"test"}`, "r.example",
			Options{},
			false,
			"password alice docker config docker-credential-test\n--username: skipped\ndocker config docker-credential-test: used", "",
		},
		{
			"a helper that is not run", `{"credsStore":"test"}`, "r.example",
			Options{},
			true,
			"unknown docker config docker-credential-test\n--username: skipped\ndocker config docker-credential-test: skipped", "",
		},
		{
			"a helper that knows nothing", `{"credsStore":"none"}`, "r.example",
			Options{},
			false,
			"password bob podman auth file r.example/team\n--username: skipped\ndocker config docker-credential-none: skipped\nDOCKER_AUTH_CONFIG: skipped\npodman auth file: used", "",
		},
		{
			"a helper that fails", `{"credsStore":"broken"}`, "r.example",
			Options{},
			false,
			"none\n--username: skipped\ndocker config docker-credential-broken: failed", `"docker-credential-broken"`,
		},
		{
			"a broken file", `{`, "r.example",
			Options{},
			false,
			"none\n--username: skipped\ndocker config: failed", "ends too early",
		},
		{
			"flags", `{`, "r.example",
			Options{Username: "carol", Password: canary, Hosts: []string{"r.example"}},
			false,
			"password carol --username\n--username: used", "",
		},
		{
			"flags for another host", `{}`, "o.example",
			Options{Username: "carol", Password: canary, Hosts: []string{"r.example"}},
			false,
			"none\n--username: skipped\ndocker config: skipped\nDOCKER_AUTH_CONFIG: skipped\npodman auth file: skipped", "",
		},
		{"anonymous", `{`, "r.example", Options{Anonymous: true}, false, "none\n--anonymous: skipped", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.DockerConfig, tt.o.Getenv = writeConfig(t, tt.config), values{"REGISTRY_AUTH_FILE": podman}.get
			got, err := newKeychain(t, tt.o).Explain(t.Context(), tt.host, "team/app", !tt.without)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, told(got)); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
			if raw, err := json.Marshal(got); err != nil || strings.Contains(string(raw), canary) {
				t.Errorf("%s, %v", raw, err)
			}
		})
	}
}

// What is explained is what is used, for any of these repositories.
func TestExplainAgreesWithCredential(t *testing.T) {
	noHelpers(t)
	file := fmt.Sprintf(`{"auths":{"r.example":{"auth":%q},"r.example/team":{"auth":%q}}}`, basic("host", "x"), basic("team", "x"))
	o := Options{Getenv: values{"REGISTRY_AUTH_FILE": writeConfig(t, file)}.get, Home: filepath.Join(t.TempDir(), "none")}
	for _, repository := range []string{"team", "team/app", "teams", "app"} {
		k := newKeychain(t, o)
		used, err := k.Credential(t.Context(), "r.example", k.Namespace("r.example", repository))
		if err != nil {
			t.Fatal(err)
		}
		shown, err := k.Explain(t.Context(), "r.example", repository, true)
		if err != nil || shown.Credential == nil || shown.Credential.Username != used.Username {
			t.Errorf("%s: %q is used, %+v is shown, %v", repository, used.Username, shown.Credential, err)
		}
	}
}
