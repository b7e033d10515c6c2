package output

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/auth"
)

// printed is what a result looks like in a pipe.
func printed(t *testing.T, show func(Printer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := show(Printer{Out: &out}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLoginsAsText(t *testing.T) {
	file := auth.Location{Source: "docker config", Path: "/c.json", NamedBy: "--docker-cfg"}
	keyed, helped := file, file
	keyed.Key, helped.Helper = "r.example", "docker-credential-x"
	for _, c := range []struct {
		name string
		show func(Printer) error
		want string
	}{
		{
			"logged in, file", func(p Printer) error {
				return p.PrintLogin(auth.LoginResult{Registry: "r.example", Username: "alice", Kind: auth.KindPassword, Path: "/c.json"})
			},
			"Logged in to r.example as alice; the password is stored in /c.json\n",
		},
		{
			"logged in, helper", func(p Printer) error {
				return p.PrintLogin(auth.LoginResult{Registry: "r.example", Username: "alice", Kind: auth.KindIdentityToken, Path: "/c.json", Helper: "docker-credential-x"})
			},
			"Logged in to r.example as alice; the identity token is stored in docker-credential-x, which /c.json names\n",
		},
		{
			"logged out", func(p Printer) error {
				return p.PrintLogout(auth.LogoutResult{Registry: "r.example", Erased: []auth.Location{helped, keyed}})
			},
			"Logged out of r.example: erased from docker config /c.json (--docker-cfg), helper docker-credential-x\n" +
				"Logged out of r.example: erased from docker config /c.json (--docker-cfg), key r.example\n",
		},
		{
			"nothing to log out of, and one elsewhere", func(p Printer) error {
				return p.PrintLogout(auth.LogoutResult{Registry: "r.example", Remaining: &auth.CredentialInfo{Location: auth.Location{Source: "DOCKER_AUTH_CONFIG", Key: "r.example"}, Kind: auth.KindRegistryToken}})
			},
			"Not logged in to r.example: there was nothing to erase\n" +
				"Another login for r.example remains: registry token, from DOCKER_AUTH_CONFIG, key r.example\n",
		},
		{
			"what drives a terminal", func(p Printer) error {
				bad := auth.Location{Source: "docker config", Path: "/\x1b]0;p\a", Key: "k\x1b[2J", Helper: "h\u202e"}
				return p.PrintExplanation(auth.Explanation{
					Registry: "r\x1b", Repository: "a\nb", Credential: &auth.CredentialInfo{Location: bad, Kind: auth.KindPassword, Username: "u\x1b[31m"},
					Steps: []auth.Step{{Location: bad, Result: auth.ResultFailed, Reason: "why\x1b\n"}},
				})
			},
			`Registry:   r\x1b
Repository: a\x0ab
Login:      password of user u\x1b[31m, from docker config /\x1b]0;p\x07, helper h\u202e, key k\x1b[2J
Checked:
 1. docker config /\x1b]0;p\x07, helper h\u202e, key k\x1b[2J: failed, why\x1b\x0a
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := printed(t, c.show)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if strings.ContainsRune(got, 0x1b) {
				t.Error("an escape came through")
			}
		})
	}
}

// loginResults are those of login, logout and auth explain.
func loginResults() []result {
	at := auth.Location{Source: "docker config", Path: "/c.json", NamedBy: "--docker-cfg", Key: "r.example", Helper: "docker-credential-x"}
	bad := auth.Location{Source: hostile, Path: hostile, NamedBy: hostile, Key: hostile, Helper: hostile}
	known := auth.CredentialInfo{Location: at, Kind: auth.KindPassword, Username: "alice"}
	return []result{
		{"login", "in a file", auth.LoginResult{Schema: "login/v1", Registry: "r.example", Username: "alice", Kind: auth.KindPassword, Path: "/c.json"}},
		{"login", "in a helper", auth.LoginResult{Schema: "login/v1", Registry: "r.example", Username: hostile, Kind: auth.KindIdentityToken, Path: hostile, Helper: hostile}},
		{"logout", "nothing", auth.LogoutResult{Schema: "logout/v1", Registry: "r.example", Erased: []auth.Location{}}},
		{"logout", "one is left", auth.LogoutResult{Schema: "logout/v1", Registry: "r.example", Erased: []auth.Location{at, bad}, Remaining: &known}},
		{"auth-explain", "none", auth.Explanation{Schema: "auth-explain/v1", Registry: "r.example", Repository: "app", Steps: []auth.Step{{Location: auth.Location{Source: "--username"}, Result: auth.ResultSkipped, Reason: "it is not given"}}}},
		{"auth-explain", "token", auth.Explanation{Schema: "auth-explain/v1", Registry: "r.example", Repository: "app", Credential: &auth.CredentialInfo{Location: auth.Location{Source: "--username"}, Kind: auth.KindRegistryToken}, Steps: []auth.Step{}, TokenServers: []string{"r.example", "gitlab.example"}}},
		{"auth-explain", "hostile", auth.Explanation{
			Schema: "auth-explain/v1", Registry: hostile, Repository: hostile, Credential: &known,
			Steps: []auth.Step{{Location: bad, Result: auth.ResultFailed, Reason: hostile}, {Location: at, Result: auth.ResultUsed}},
		}},
	}
}
