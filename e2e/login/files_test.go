//go:build e2e

package login

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// logins is the text of a config file: for each key the user, whose password is
// that of passwordOf.
func logins(t *testing.T, users map[string]string) string {
	t.Helper()
	auths := map[string]any{}
	for key, user := range users {
		auths[key] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + passwordOf(user)))}
	}
	return string(clitest.EncodeJSON(t, map[string]any{"auths": auths}))
}

func passwordOf(user string) string { return "secret-of-" + user }

// fileWith writes a text into a file of a new folder.
func fileWith(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	clitest.Must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// startOwned starts a registry where team, other and root have the access of
// TokenServer.OwnNamespaceOnly.
func startOwned(t *testing.T) (*registrytest.Registry, *registrytest.Recorder) {
	t.Helper()
	server := registrytest.NewTokenServer(t)
	server.OwnNamespaceOnly, server.Users = true, map[string]string{}
	for _, user := range []string{"team", "other", "root"} {
		server.Users[user] = passwordOf(user)
	}
	return server.Start(t, registrytest.NewAuthority(t))
}

// TestFault15EachNamespaceIsReadWithItsOwnLogin reads from two namespaces of
// one host, 100 times each, with a file that has a login for either.
func TestFault15EachNamespaceIsReadWithItsOwnLogin(t *testing.T) {
	t.Parallel()
	g, _ := startOwned(t)
	image := fixture.NewImageSet(t, fixture.OCI(), "app")[0].Image
	for _, repository := range []string{"team/app", "other/app", "third/app"} {
		g.Put(t, repository, "one", image)
	}
	file := fileWith(t, "auth.json", logins(t, map[string]string{g.Host + "/team": "team", g.Host + "/other": "other"}))
	s := clitest.Session{Home: t.TempDir(), Env: append(g.TrustEnv(), "REGISTRY_AUTH_FILE="+file)}
	// Docker keeps the logins in a map: a choice by chance would be wrong in some round.
	const rounds = 25
	right := 0
	for range rounds {
		a := s.Run(t, "inspect", g.Host+"/team/app:one")
		b := s.Run(t, "inspect", g.Host+"/other/app:one")
		if a.Code == 0 && b.Code == 0 {
			right++
		}
	}
	if right != rounds {
		t.Errorf("right %d times of %d", right, rounds)
	}
	done := s.Run(t, "inspect", g.Host+"/third/app:one")
	done.WantCode(t, 1)
	done.WantStderr(t, "unauthorized")
}

// TestFault15AMountAcrossTwoLogins pushes from one namespace to another. Where
// the target's user may read the source, blobs are mounted; else they are
// uploaded, each read with the login of its own namespace.
func TestFault15AMountAcrossTwoLogins(t *testing.T) {
	t.Parallel()
	for owner, mounts := range map[string]bool{"other": false, "root": true} {
		t.Run(owner, func(t *testing.T) {
			g, seen := startOwned(t)
			images := fixture.NewImageSet(t, fixture.OCI(), "job "+owner)
			g.PutImagesApart(t, "team/app", images)
			file := fileWith(t, "auth.json", logins(t, map[string]string{g.Host + "/team": "team", g.Host + "/other": owner}))
			s := clitest.Session{Env: append(g.TrustEnv(), "REGISTRY_AUTH_FILE="+file)}
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/other/job:all", "REGISTRY/team/app-%s:1.0"))
			// The three sources lie below team, and not in team/app.
			printed := s.Run(t, "push", "from-spec", spec).PushedDigest(t)
			fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("other/job"), printed), images.Objects()...)
			uploads := seen.Matching(func(r registrytest.Request) bool {
				return r.Kind == "upload" && r.Method == "PUT" && r.Repo == "other/job"
			})
			if (len(uploads) == 0) != mounts {
				t.Errorf("%d uploads, mounts %v", len(uploads), mounts)
			}
			// Again, to see that nothing is written that is there.
			s.Run(t, "--quiet=false", "push", "from-spec", spec).WantStderr(t, "unchanged")
		})
	}
}

// TestFault87AnEmptyDockerConfigDoesNotHidePodmans is about the file of the
// home folder, of DOCKER_CONFIG, and of --docker-cfg.
func TestFault87AnEmptyDockerConfigDoesNotHidePodmans(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	g.Put(t, "app", "one", fixture.NewImageSet(t, fixture.OCI(), "app")[0].Image)
	entry := string(clitest.EncodeJSON(t, map[string]any{"auths": map[string]any{g.Host: map[string]string{
		"auth": base64.StdEncoding.EncodeToString([]byte(registrytest.UserName + ":" + registrytest.UserPassword)),
	}}}))
	podman := fileWith(t, "auth.json", entry)
	for _, empty := range []string{"", "{}", `{"auths":{}}`, `{"auths":{"other.example":{"auth":"dTpw"}}}`} {
		home, xdg := t.TempDir(), t.TempDir()
		docker := filepath.Join(home, ".docker")
		clitest.Must(t, os.MkdirAll(docker, 0o700))
		clitest.Must(t, os.WriteFile(filepath.Join(docker, "config.json"), []byte(empty), 0o600))
		clitest.Must(t, os.MkdirAll(filepath.Join(xdg, "containers"), 0o700))
		clitest.Must(t, os.WriteFile(filepath.Join(xdg, "containers", "auth.json"), []byte(entry), 0o600))
		for name, env := range map[string][]string{
			"REGISTRY_AUTH_FILE": {"REGISTRY_AUTH_FILE=" + podman},
			"XDG_RUNTIME_DIR":    {"XDG_RUNTIME_DIR=" + xdg},
			"XDG_CONFIG_HOME":    {"XDG_CONFIG_HOME=" + xdg},
			"DOCKER_CONFIG":      {"DOCKER_CONFIG=" + docker, "REGISTRY_AUTH_FILE=" + podman},
			"DOCKER_AUTH_CONFIG": {"DOCKER_AUTH_CONFIG=" + entry},
		} {
			s := clitest.Session{Home: home, Env: append(env, g.TrustEnv()...)}
			done := s.Run(t, "inspect", g.Host+"/app:one")
			if done.Code != 0 {
				t.Errorf("%q, %s: exit code %d: %s", empty, name, done.Code, done.Stderr)
			}
			done = s.Run(t, "--docker-cfg", docker, "inspect", g.Host+"/app:one")
			if done.Code != 0 {
				t.Errorf("%q, %s, --docker-cfg: exit code %d: %s", empty, name, done.Code, done.Stderr)
			}
		}
	}
}

// TestFault83ABrokenFileIsOneLineWithAWayOut is about files of Docker's and of
// Podman's; --anonymous reads none of them.
func TestFault83ABrokenFileIsOneLineWithAWayOut(t *testing.T) {
	t.Parallel()
	const canary = "wonderland-canary"
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "one", fixture.NewImageSet(t, fixture.OCI(), "app")[0].Image)
	broken := fileWith(t, "config.json", "{\n  \"auths\": {\""+g.Host+"\": "+canary+"}}\n")
	for name, s := range map[string]clitest.Session{
		"docker config":    {Env: []string{"DOCKER_CONFIG=" + filepath.Dir(broken)}},
		"podman auth file": {Env: []string{"REGISTRY_AUTH_FILE=" + broken}},
	} {
		done := s.Run(t, "inspect", g.Host+"/app:one")
		wantOneLine(t, done, "reading the "+name+` "`+broken+`": line 2 is not valid JSON`, "hint: fix or remove it")
		registrytest.WantNoSecret(t, done, canary)
		s.Run(t, "--anonymous", "inspect", g.Host+"/app:one").WantCode(t, 0)
		explained := s.Run(t, "auth", "explain", g.Host+"/app")
		explained.WantCode(t, 1)
		registrytest.WantNoSecret(t, explained, canary)
		explained.WantStderr(t, "line 2 is not valid JSON")
		if !strings.Contains(explained.Stdout, name+" "+broken) {
			t.Errorf("the way to it is not told: %s", explained.Stdout)
		}
	}
	// A variable is often set for other programs: it is warned of.
	s := clitest.Session{Env: []string{"DOCKER_AUTH_CONFIG={" + canary}}
	done := s.Run(t, "inspect", g.Host+"/app:one")
	done.WantCode(t, 0)
	done.WantStderr(t, "warning: reading DOCKER_AUTH_CONFIG: line 1 is not valid JSON", "; continuing without its logins")
	registrytest.WantNoSecret(t, done, canary)
}

// TestAuthExplain shows the whole answer once in each format, and the exit
// codes.
func TestAuthExplain(t *testing.T) {
	t.Parallel()
	file := fileWith(t, "auth.json", logins(t, map[string]string{"r.example/team": "team", "r.example": "root"}))
	s := clitest.Session{Home: t.TempDir(), Env: []string{"REGISTRY_AUTH_FILE=" + file}}
	text := s.Run(t, "auth", "explain", "r.example/team/app:1.0")
	text.WantCode(t, 0)
	clitest.WantText(t, "auth explain", fmt.Sprintf(`Registry:   r.example
Repository: team/app
Login:      password of user team, from podman auth file %[1]s (REGISTRY_AUTH_FILE), key r.example/team
Checked:
 1. --username: skipped, it is not given
 2. DOCKER_AUTH_CONFIG: skipped, it is not set
 3. podman auth file %[1]s (REGISTRY_AUTH_FILE), key r.example/team: used
Sent to a token server only if it is r.example; --realm-host HOST, or realm-hosts in the settings, adds another
`, file), text.Stdout)

	data := s.Run(t, "auth", "explain", "-o", "json", "r.example/web")
	data.WantCode(t, 0)
	clitest.WantSchema(t, "auth-explain", data.Stdout)
	var told struct {
		Credential struct{ Kind, Username, Source, Path, NamedBy, Key string }
		Steps      []struct{ Source, Result string }
	}
	clitest.Must(t, json.Unmarshal([]byte(data.Stdout), &told))
	if c := told.Credential; c.Username != "root" || c.Kind != "password" || c.Path != file || c.NamedBy != "REGISTRY_AUTH_FILE" || c.Key != "r.example" || len(told.Steps) != 3 {
		t.Errorf("auth explain says %s", data.Stdout)
	}
	for _, r := range []clitest.Result{text, data} {
		registrytest.WantNoSecret(t, r, passwordOf("team"))
		registrytest.WantNoSecret(t, r, passwordOf("root"))
	}

	none := s.Run(t, "auth", "explain", "o.example/app")
	none.WantCode(t, 3)
	none.WantStderr(t, "manifest-tool: there is no login for o.example/app")
	clitest.WantLines(t, none.Stdout, "Login:      none")
	s.Run(t, "auth", "explain", "oci-layout://x:1").WantCode(t, 2)
	s.Run(t, "auth", "explain", "--anonymous", "r.example/app").WantCode(t, 3)
}

// TestAuthExplainRunsTheHelper asserts that it does, that it does not show what
// the helper said, and that --no-helpers leaves it alone.
func TestAuthExplainRunsTheHelper(t *testing.T) {
	t.Parallel()
	s, runs := scripted(t, &registrytest.Registry{}, fmt.Sprintf(`echo '{"Username":"%s","Secret":"%s"}'`, registrytest.UserName, registrytest.UserPassword))
	without := s.Run(t, "auth", "explain", "--no-helpers", "r.example/app")
	without.WantCode(t, 0)
	if _, err := os.Stat(runs); err == nil || !strings.Contains(without.Stdout, "Login:      unknown, the helper was not run") {
		t.Errorf("with --no-helpers: %s, %v", without.Stdout, err)
	}
	with := s.Run(t, "auth", "explain", "--debug", "r.example/app")
	with.WantCode(t, 0)
	registrytest.WantNoSecret(t, with, registrytest.UserPassword)
	if !strings.Contains(with.Stdout, "Login:      password of user "+registrytest.UserName+", from docker config ") {
		t.Errorf("auth explain says %s", with.Stdout)
	}
}
