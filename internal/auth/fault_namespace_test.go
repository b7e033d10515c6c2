//go:build unix

package auth

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

// TestFault15EntryOfANamespaceIsNotTheHosts has a file name two namespaces of
// one host: neither is for the host, and none is picked by chance.
func TestFault15EntryOfANamespaceIsNotTheHosts(t *testing.T) {
	noHelpers(t)
	a, b, host := basic("alice", "a"), basic("bob", "b"), basic("host", "h")
	for _, tt := range []struct{ name, config, want string }{
		{"two namespaces", fmt.Sprintf(`{"auths":{"reg.example/team":{"auth":%q},"reg.example/other":{"auth":%q}}}`, a, b), ""},
		{"a namespace and one below it", fmt.Sprintf(`{"auths":{"reg.example/team":{"auth":%q},"reg.example/team/app":{"auth":%q}}}`, a, b), ""},
		{"namespaces called as versions of the API", fmt.Sprintf(`{"auths":{"reg.example/v1":{"auth":%q},"reg.example/v2":{"auth":%q}}}`, a, b), ""},
		{"beside the host's own", fmt.Sprintf(`{"auths":{"reg.example/a":{"auth":%q},"reg.example":{"auth":%q},"reg.example/z":{"auth":%q}}}`, a, host, b), "host"},
		{"a helper of a namespace", `{"credHelpers":{"reg.example/team":"trap"}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 40 { // the order of a map must not matter
				k := newKeychain(t, Options{DockerConfig: writeConfig(t, tt.config)})
				for _, repository := range []string{"", "elsewhere/app"} {
					got, err := k.Credential(t.Context(), "reg.example", repository)
					if err != nil || got.Username != tt.want || tt.want == "" && got != (authn.AuthConfig{}) {
						t.Fatalf("%q: user %q, %v, want %q", repository, got.Username, err, tt.want)
					}
				}
			}
		})
	}
}

// TestFault15TheLongestPathPrefixWins asks a Podman file with several entries
// for one host, 100 times, as the transport does: for the repository's
// namespace, then for that namespace's credential.
func TestFault15TheLongestPathPrefixWins(t *testing.T) {
	noHelpers(t)
	var entries string
	for _, key := range []string{"", "/team", "/team/app", "/team/app/deep", "/other", "/v1", "/tea"} {
		entries += fmt.Sprintf(`,"Reg.example:5000%s":{"auth":%q}`, key, basic("of"+key, "x"))
	}
	file := `{"auths":{"reg.example:5000/empty":{}` + entries +
		fmt.Sprintf(`,"docker.io/team":{"auth":%q}}}`, basic("hub", "x"))
	for range 100 {
		k := newKeychain(t, Options{Getenv: values{"REGISTRY_AUTH_FILE": writeConfig(t, file)}.get})
		for repository, want := range map[string]string{
			"team": "of/team", "team/web": "of/team", "team/app": "of/team/app", "team/app/x": "of/team/app",
			"team/app/deep/er": "of/team/app/deep", "team/apple": "of/team", "teams/app": "of", "other/a": "of/other",
			"v1": "of/v1", "v1/x": "of/v1", "tea/m": "of/tea", "empty/a": "of", "elsewhere": "of",
		} {
			namespace := k.Namespace("reg.example:5000", repository)
			got, err := k.Credential(t.Context(), "reg.example:5000", namespace)
			if err != nil || got.Username != want {
				t.Fatalf("%s (%q): user %q, %v, want %q", repository, namespace, got.Username, err, want)
			}
			if direct, err := k.Credential(t.Context(), "reg.example:5000", repository); err != nil || direct != got {
				t.Fatalf("%s: user %q by itself, %q by its namespace", repository, direct.Username, got.Username)
			}
		}
		for host, want := range map[string]string{"index.docker.io": "hub", "reg.example": "", "mirror.docker.io": ""} {
			got, err := k.Credential(t.Context(), host, k.Namespace(host, "team/app"))
			if err != nil || got.Username != want {
				t.Fatalf("%s: user %q, %v, want %q", host, got.Username, err, want)
			}
		}
	}
}

// A registry without such entries has one credential, whatever else the files
// hold, and so does one whose credential is on the command line.
func TestNamespace_NoEntry(t *testing.T) {
	noHelpers(t)
	file := fmt.Sprintf(`{"auths":{"a.example":{"auth":%[1]q},"b.example/team":{"auth":%[1]q}}}`, basic("u", "x"))
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, file), Username: "u", Password: "x", Hosts: []string{"b.example"}})
	for _, host := range []string{"a.example", "b.example", "c.example"} {
		if namespace := k.Namespace(host, "team/app"); namespace != "" {
			t.Errorf("%s has the namespace %q", host, namespace)
		}
	}
}

// The entry for a namespace is the narrower one, also beside a helper of its
// registry.
func TestNamespace_BeforeHelper(t *testing.T) {
	h := newHelpers(t)
	h.add(t, "test", answerScript)
	file := fmt.Sprintf(`{"credsStore":"test","auths":{"r.example/team":{"auth":%q}}}`, basic("team", "x"))
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, file)})
	var users []string
	for _, repository := range []string{"team/app", "app", "team/web", "web"} {
		got, err := k.Credential(t.Context(), "r.example", k.Namespace("r.example", repository))
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, got.Username)
	}
	if want := []string{"team", "u-get", "team", "u-get"}; !slices.Equal(users, want) {
		t.Errorf("users %q, want %q", users, want)
	}
	if runs := h.runs(t, "test"); runs != "get r.example\n" {
		t.Errorf("helper runs: %q", runs)
	}
}
