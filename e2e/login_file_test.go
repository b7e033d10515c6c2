//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// logins is the text of a config file: for each key the user, whose password is
// that of passwordOf.
func logins(t *testing.T, users map[string]string) string {
	t.Helper()
	auths := map[string]any{}
	for key, user := range users {
		auths[key] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + passwordOf(user)))}
	}
	return string(encode(t, map[string]any{"auths": auths}))
}

func passwordOf(user string) string { return "secret-of-" + user }

// fileWith writes a text into a file of a new folder.
func fileWith(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// startOwned starts a registry where team, other and root may do what
// tokenServer.owned says.
func startOwned(t *testing.T) (*registry, *recorder) {
	t.Helper()
	server := newTokenServer(t)
	server.owned, server.users = true, map[string]string{}
	for _, user := range []string{"team", "other", "root"} {
		server.users[user] = passwordOf(user)
	}
	return server.start(t, newAuthority(t))
}

// TestFault15EachNamespaceIsReadWithItsOwnLogin reads from two namespaces of
// one host, 100 times each, with a file that has a login for either.
func TestFault15EachNamespaceIsReadWithItsOwnLogin(t *testing.T) {
	t.Parallel()
	g, _ := startOwned(t)
	image := newImageSet(t, ociMedia(), "app")[0].image
	for _, repository := range []string{"team/app", "other/app", "third/app"} {
		g.put(t, repository, "one", image)
	}
	file := fileWith(t, "auth.json", logins(t, map[string]string{g.host + "/team": "team", g.host + "/other": "other"}))
	s := session{home: t.TempDir(), env: append(g.trust(), "REGISTRY_AUTH_FILE="+file)}
	right := 0
	for range 100 {
		a := s.manifestTool(t, "inspect", g.host+"/team/app:one")
		b := s.manifestTool(t, "inspect", g.host+"/other/app:one")
		if a.code == 0 && b.code == 0 {
			right++
		}
	}
	if right != 100 {
		t.Errorf("right %d times of 100", right)
	}
	done := s.manifestTool(t, "inspect", g.host+"/third/app:one")
	done.wantCode(t, 1)
	done.wantStderr(t, "unauthorized")
}

// TestFault15AMountAcrossTwoLogins pushes from one namespace to another. Where
// the target's user may read the source, blobs are mounted; else they are
// uploaded, each read with the login of its own namespace.
func TestFault15AMountAcrossTwoLogins(t *testing.T) {
	t.Parallel()
	for owner, mounts := range map[string]bool{"other": false, "root": true} {
		t.Run(owner, func(t *testing.T) {
			g, seen := startOwned(t)
			images := newImageSet(t, ociMedia(), "job "+owner)
			images.putApart(t, g, "team/app")
			file := fileWith(t, "auth.json", logins(t, map[string]string{g.host + "/team": "team", g.host + "/other": owner}))
			s := session{env: append(g.trust(), "REGISTRY_AUTH_FILE="+file)}
			spec := specFile(t, g.host, images.spec("REGISTRY/other/job:all", "REGISTRY/team/app-%s:1.0"))
			// The three sources lie below team, and not in team/app.
			printed := s.manifestTool(t, "push", "from-spec", spec).pushed(t)
			wantEntries(t, wantComplete(t, repository{g, "other/job"}, printed), images.images()...)
			uploads := seen.matching(func(r request) bool { return r.kind == "upload" && r.method == "PUT" && r.repo == "other/job" })
			if (len(uploads) == 0) != mounts {
				t.Errorf("%d uploads, mounts %v", len(uploads), mounts)
			}
			// Again, to see that nothing is written that is there.
			s.manifestTool(t, "push", "from-spec", spec).wantStderr(t, "unchanged")
		})
	}
}

// TestFault87AnEmptyDockerConfigDoesNotHidePodmans is about the file of the
// home folder, of DOCKER_CONFIG, and of --docker-cfg.
func TestFault87AnEmptyDockerConfigDoesNotHidePodmans(t *testing.T) {
	t.Parallel()
	g := startBasic(t)
	g.put(t, "app", "one", newImageSet(t, ociMedia(), "app")[0].image)
	entry := string(encode(t, map[string]any{"auths": map[string]any{g.host: map[string]string{
		"auth": base64.StdEncoding.EncodeToString([]byte(userName + ":" + userPassword)),
	}}}))
	podman := fileWith(t, "auth.json", entry)
	for _, empty := range []string{"", "{}", `{"auths":{}}`, `{"auths":{"other.example":{"auth":"dTpw"}}}`} {
		home, xdg := t.TempDir(), t.TempDir()
		docker := filepath.Join(home, ".docker")
		must(t, os.MkdirAll(docker, 0o700))
		must(t, os.WriteFile(filepath.Join(docker, "config.json"), []byte(empty), 0o600))
		must(t, os.MkdirAll(filepath.Join(xdg, "containers"), 0o700))
		must(t, os.WriteFile(filepath.Join(xdg, "containers", "auth.json"), []byte(entry), 0o600))
		for name, env := range map[string][]string{
			"REGISTRY_AUTH_FILE": {"REGISTRY_AUTH_FILE=" + podman},
			"XDG_RUNTIME_DIR":    {"XDG_RUNTIME_DIR=" + xdg},
			"XDG_CONFIG_HOME":    {"XDG_CONFIG_HOME=" + xdg},
			"DOCKER_CONFIG":      {"DOCKER_CONFIG=" + docker, "REGISTRY_AUTH_FILE=" + podman},
			"DOCKER_AUTH_CONFIG": {"DOCKER_AUTH_CONFIG=" + entry},
		} {
			s := session{home: home, env: append(env, g.trust()...)}
			done := s.manifestTool(t, "inspect", g.host+"/app:one")
			if done.code != 0 {
				t.Errorf("%q, %s: exit code %d: %s", empty, name, done.code, done.stderr)
			}
			done = s.manifestTool(t, "--docker-cfg", docker, "inspect", g.host+"/app:one")
			if done.code != 0 {
				t.Errorf("%q, %s, --docker-cfg: exit code %d: %s", empty, name, done.code, done.stderr)
			}
		}
	}
}

// TestFault83ABrokenFileIsOneLineWithAWayOut is about files of Docker's and of
// Podman's; --anonymous reads none of them.
func TestFault83ABrokenFileIsOneLineWithAWayOut(t *testing.T) {
	t.Parallel()
	const canary = "wonderland-canary"
	g := startOpen(t)
	g.put(t, "app", "one", newImageSet(t, ociMedia(), "app")[0].image)
	broken := fileWith(t, "config.json", "{\n  \"auths\": {\""+g.host+"\": "+canary+"}}\n")
	for name, s := range map[string]session{
		"docker config":    {env: []string{"DOCKER_CONFIG=" + filepath.Dir(broken)}},
		"podman auth file": {env: []string{"REGISTRY_AUTH_FILE=" + broken}},
	} {
		done := s.manifestTool(t, "inspect", g.host+"/app:one")
		wantOneLine(t, done, "reading the "+name+` "`+broken+`": line 2 is not valid JSON`, "hint: fix or remove it")
		wantNoSecret(t, done, canary)
		s.manifestTool(t, "--anonymous", "inspect", g.host+"/app:one").wantCode(t, 0)
		explained := s.manifestTool(t, "auth", "explain", g.host+"/app")
		explained.wantCode(t, 1)
		wantNoSecret(t, explained, canary)
		explained.wantStderr(t, "line 2 is not valid JSON")
		if !strings.Contains(explained.stdout, name+" "+broken) {
			t.Errorf("the way to it is not told: %s", explained.stdout)
		}
	}
	// A variable is often set for other programs: it is warned of.
	s := session{env: []string{"DOCKER_AUTH_CONFIG={" + canary}}
	done := s.manifestTool(t, "inspect", g.host+"/app:one")
	done.wantCode(t, 0)
	done.wantStderr(t, "warning: going on without it: reading DOCKER_AUTH_CONFIG: line 1 is not valid JSON")
	wantNoSecret(t, done, canary)
}

// TestAuthExplain shows the whole answer once in each format, and the exit
// codes.
func TestAuthExplain(t *testing.T) {
	t.Parallel()
	file := fileWith(t, "auth.json", logins(t, map[string]string{"r.example/team": "team", "r.example": "root"}))
	s := session{home: t.TempDir(), env: []string{"REGISTRY_AUTH_FILE=" + file}}
	text := s.manifestTool(t, "auth", "explain", "r.example/team/app:1.0")
	text.wantCode(t, 0)
	wantText(t, "auth explain", fmt.Sprintf(`Registry:   r.example
Repository: team/app
Login:      password of user team, from podman auth file %[1]s (REGISTRY_AUTH_FILE), key r.example/team
Looked at:
 1. --username: skipped, it is not given
 2. DOCKER_AUTH_CONFIG: skipped, it is not set
 3. podman auth file %[1]s (REGISTRY_AUTH_FILE), key r.example/team: used
`, file), text.stdout)

	data := s.manifestTool(t, "auth", "explain", "-o", "json", "r.example/web")
	data.wantCode(t, 0)
	wantSchema(t, "auth-explain", data.stdout)
	var told struct {
		Credential struct{ Kind, Username, Source, Path, NamedBy, Key string }
		Steps      []struct{ Source, Result string }
	}
	must(t, json.Unmarshal([]byte(data.stdout), &told))
	if c := told.Credential; c.Username != "root" || c.Kind != "password" || c.Path != file || c.NamedBy != "REGISTRY_AUTH_FILE" || c.Key != "r.example" || len(told.Steps) != 3 {
		t.Errorf("auth explain says %s", data.stdout)
	}
	for _, r := range []result{text, data} {
		wantNoSecret(t, r, passwordOf("team"))
		wantNoSecret(t, r, passwordOf("root"))
	}

	none := s.manifestTool(t, "auth", "explain", "o.example/app")
	none.wantCode(t, 3)
	none.wantStderr(t, "manifest-tool: there is no login for o.example/app")
	wantLines(t, none.stdout, "Login:      none")
	s.manifestTool(t, "auth", "explain", "oci-layout://x:1").wantCode(t, 2)
	s.manifestTool(t, "auth", "explain", "--anonymous", "r.example/app").wantCode(t, 3)
}

// TestAuthExplainRunsTheHelper asserts that it does, that it does not show what
// the helper said, and that --no-helpers leaves it alone.
func TestAuthExplainRunsTheHelper(t *testing.T) {
	t.Parallel()
	s, runs := scripted(t, &registry{}, fmt.Sprintf(`echo '{"Username":"%s","Secret":"%s"}'`, userName, userPassword))
	without := s.manifestTool(t, "auth", "explain", "--no-helpers", "r.example/app")
	without.wantCode(t, 0)
	if _, err := os.Stat(runs); err == nil || !strings.Contains(without.stdout, "Login:      not known, as the helper was not run") {
		t.Errorf("with --no-helpers: %s, %v", without.stdout, err)
	}
	with := s.manifestTool(t, "auth", "explain", "--debug", "r.example/app")
	with.wantCode(t, 0)
	wantNoSecret(t, with, userPassword)
	if !strings.Contains(with.stdout, "Login:      password of user "+userName+", from docker config ") {
		t.Errorf("auth explain says %s", with.stdout)
	}
}
