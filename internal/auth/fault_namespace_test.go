package auth

import (
	"fmt"
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
				got, err := newKeychain(t, Options{DockerConfig: writeConfig(t, tt.config)}).Credential(t.Context(), "reg.example")
				if err != nil || got.Username != tt.want || tt.want == "" && got != (authn.AuthConfig{}) {
					t.Fatalf("user %q, %v, want %q", got.Username, err, tt.want)
				}
			}
		})
	}
}
