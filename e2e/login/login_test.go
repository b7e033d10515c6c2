//go:build e2e

package login

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/interop"
	"manifest-tool/e2e/internal/registrytest"
)

// loginDoors are the ways registries ask for a login, all with TLS under the
// tests' own authority.
func loginDoors(t *testing.T) map[string]*registrytest.Registry {
	t.Helper()
	token, _ := registrytest.NewTokenServer(t).Start(t, registrytest.NewAuthority(t))
	return map[string]*registrytest.Registry{"password": registrytest.StartBasicTLS(t), "token": token}
}

// oddConfig is a config file that other programs keep things in, formatted by
// hand.
const oddConfig = "{ \"psFormat\": \"table {{.ID}}\",\n   \"auths\": { \"other.example\": {\"auth\": \"dTpw\"} },\n  \"HttpHeaders\": {\"X\": \"y\"}}\n"

// TestOtherClientsReadOurLogin logs in, pushes, has skopeo and docker read with
// the same file, and logs out: the file then is what it was, byte for byte.
func TestOtherClientsReadOurLogin(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "config.json")
			clitest.Must(t, os.WriteFile(path, []byte(oddConfig), 0o644))
			s := clitest.Session{Env: append(g.TrustEnv(), "DOCKER_CONFIG="+dir)}
			mustLogin(t, s, g.Host)
			info, err := os.Stat(path)
			clitest.Must(t, err)
			if info.Mode() != 0o600 {
				t.Errorf("the file has mode %v", info.Mode())
			}
			registrytest.PushAndInspect(t, s, g)
			wantOthersRead(t, s, g, path)
			out := s.Run(t, "logout", g.Host)
			out.WantCode(t, 0)
			clitest.WantText(t, "logout", "Logged out of "+g.Host+": erased from docker config "+path+" (DOCKER_CONFIG), key "+g.Host+"\n", out.Stdout)
			after, err := os.ReadFile(path)
			clitest.Must(t, err)
			clitest.WantText(t, "config.json after login and logout", oddConfig, string(after))
			wantLoggedOut(t, s, g)
			again := s.Run(t, "logout", g.Host)
			again.WantCode(t, 0)
			clitest.WantText(t, "second logout", "Not logged in to "+g.Host+": there was nothing to erase\n", again.Stdout)
		})
	}
}

// mustLogin logs alice in and asserts that her password is not shown.
func mustLogin(t *testing.T, s clitest.Session, host string, flags ...string) clitest.Result {
	t.Helper()
	s.Stdin = registrytest.UserPassword + "\n"
	done := s.Run(t, append([]string{"--debug", "login", host, "-u", registrytest.UserName, "--password-stdin"}, flags...)...)
	done.WantCode(t, 0)
	registrytest.WantNoSecret(t, done, registrytest.UserPassword)
	if !strings.HasPrefix(done.Stdout, "Logged in to "+host+" as "+registrytest.UserName+"; the ") && len(flags) == 0 {
		t.Errorf("login says %q", done.Stdout)
	}
	return done
}

// wantOthersRead has skopeo and docker read what the main job pushed, with the
// logins of that file.
func wantOthersRead(t *testing.T, s clitest.Session, g *registrytest.Registry, authFile string) {
	t.Helper()
	name := g.Host + "/job:all"
	raw := s.MustRunTool(t, "skopeo", "inspect", "--raw", "--authfile", authFile, "docker://"+name)
	shown := s.MustRunTool(t, "docker", "manifest", "inspect", name)
	if diff := cmp.Diff(interop.WithoutAnnotations(clitest.DecodeJSON(t, []byte(raw))), clitest.DecodeJSON(t, []byte(shown))); diff != "" {
		t.Errorf("skopeo and docker differ (-skopeo +docker):\n%s", diff)
	}
}

func wantLoggedOut(t *testing.T, s clitest.Session, g *registrytest.Registry) {
	t.Helper()
	done := s.Run(t, "inspect", g.Host+"/job:all")
	done.WantCode(t, 1)
	done.WantStderr(t, "unauthorized", "hint: log in with manifest-tool login ", "auth explain")
}

// TestLoginOfOtherClients has skopeo log in, to a file of Podman's kind; docker
// login is part of TestMainJobWithCredentials.
func TestLoginOfOtherClients(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "auth.json")
			s := clitest.Session{Env: append(g.TrustEnv(), "REGISTRY_AUTH_FILE="+path), Stdin: registrytest.UserPassword}
			s.MustRunTool(t, "skopeo", "login", "-u", registrytest.UserName, "--password-stdin", g.Host)
			registrytest.PushAndInspect(t, clitest.Session{Env: s.Env}, g)
			explained := s.Run(t, "auth", "explain", g.Host+"/job")
			explained.WantCode(t, 0)
			clitest.WantLines(t, explained.Stdout, "Login:      password of user "+registrytest.UserName+", from podman auth file "+path+" (REGISTRY_AUTH_FILE), key "+g.Host)
			// Both write the file, and skopeo reads what we wrote.
			s.Run(t, "logout", g.Host).WantCode(t, 0)
			wantLoggedOut(t, s, g)
			mustLogin(t, s, g.Host)
			s.MustRunTool(t, "skopeo", "inspect", "--raw", "docker://"+g.Host+"/job:all")
			clitest.WantText(t, "skopeo login --get-login", registrytest.UserName+"\n", s.MustRunTool(t, "skopeo", "login", "--get-login", g.Host))
		})
	}
}

// TestLoginFileSharedWithDocker logs in with docker, out with ours, in with
// ours and out with docker.
func TestLoginFileSharedWithDocker(t *testing.T) {
	t.Parallel()
	g := loginDoors(t)["token"]
	s := clitest.Session{Env: append(g.TrustEnv(), "DOCKER_CONFIG="+t.TempDir()), Stdin: registrytest.UserPassword}
	s.MustRunTool(t, "docker", "login", "-u", registrytest.UserName, "--password-stdin", g.Host)
	registrytest.PushAndInspect(t, clitest.Session{Env: s.Env}, g)
	s.Run(t, "logout", g.Host).WantCode(t, 0)
	wantLoggedOut(t, s, g)
	mustLogin(t, s, g.Host)
	s.MustRunTool(t, "docker", "manifest", "inspect", g.Host+"/job:all")
	s.MustRunTool(t, "docker", "logout", g.Host)
	wantLoggedOut(t, s, g)
}

// TestLoginRefused holds that nothing is kept of a wrong password, and nothing
// of it shown.
func TestLoginRefused(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := clitest.Session{Env: append(g.TrustEnv(), "DOCKER_CONFIG="+dir), Stdin: "looking-glass\n"}
			done := s.Run(t, "--debug", "login", g.Host, "-u", registrytest.UserName, "--password-stdin")
			done.WantCode(t, 1)
			done.WantStderr(t, "manifest-tool failed with error: logging in: "+g.Host+": unauthorized", "hint: check the user name and the password")
			registrytest.WantNoSecret(t, done, "looking-glass")
			left, err := os.ReadDir(dir)
			clitest.Must(t, err)
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestLoginWithoutAPassword is about what cannot be asked for without a
// terminal, and about what is no registry.
func TestLoginWithoutAPassword(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"no user name is given":                {"login", "r.example"},
		"a password is required":               {"login", "r.example", "-u", "a"},
		"a registry has no path":               {"login", "r.example/team", "-u", "a"},
		"--anonymous cannot be used to log in": {"login", "r.example", "-u", "a", "--password-stdin", "--anonymous"},
		"login needs one registry":             {"login"},
		"standard input is empty":              {"login", "r.example", "-u", "a", "--password-stdin"},
	} {
		s := clitest.Session{Home: t.TempDir()}
		if strings.Contains(want, "anonymous") {
			s.Stdin = "x\n"
		}
		done := s.Run(t, args...)
		done.WantCode(t, 2)
		done.WantStderr(t, want)
		if left, err := os.ReadDir(s.Home); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind %v, %v", want, left, err)
		}
	}
}

// TestLoginStoresIdentityToken is about token servers that give one, as docker
// login asks for it.
func TestLoginStoresIdentityToken(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	server.IdentityToken = "e2e-identity-token-0123456789"
	g, seen := server.Start(t, registrytest.NewAuthority(t))
	dir := t.TempDir()
	s := clitest.Session{Env: append(g.TrustEnv(), "DOCKER_CONFIG="+dir)}
	done := mustLogin(t, s, g.Host, "-o", "json")
	registrytest.WantNoSecret(t, done, server.IdentityToken)
	clitest.WantSchema(t, "login", done.Stdout)
	raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
	clitest.Must(t, err)
	var file struct {
		Auths map[string]struct{ Auth, IdentityToken string }
	}
	clitest.Must(t, json.Unmarshal(raw, &file))
	if entry := file.Auths[g.Host]; entry.IdentityToken != server.IdentityToken || entry.Auth != "YWxpY2U6" {
		t.Errorf("the file holds %+v", entry)
	}
	registrytest.PushAndInspect(t, s, g)
	tokens := seen.Matching(func(r registrytest.Request) bool { return r.Kind == "token" && r.Method == "POST" })
	if len(tokens) == 0 {
		t.Error("no token was asked for with the identity token")
	}
	wantOthersRead(t, s, g, filepath.Join(dir, "config.json"))
	out := s.Run(t, "logout", "-o", "json", g.Host)
	out.WantCode(t, 0)
	registrytest.WantNoSecret(t, out, server.IdentityToken)
	clitest.WantSchema(t, "logout", out.Stdout)

	other := clitest.Session{Env: append(g.TrustEnv(), "DOCKER_CONFIG="+t.TempDir()), Stdin: registrytest.UserPassword}
	other.MustRunTool(t, "docker", "login", "-u", registrytest.UserName, "--password-stdin", g.Host)
	explained := other.Run(t, "auth", "explain", "-o", "template={{.Credential.Kind}} {{.Credential.Username}}", g.Host+"/job")
	clitest.WantText(t, "what docker login kept", "identity token "+registrytest.UserName+"\n", explained.Stdout)
	other.Run(t, "inspect", g.Host+"/job:all").WantCode(t, 0)
}
