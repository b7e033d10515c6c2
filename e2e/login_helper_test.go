//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// passHelper returns the folder that docker-credential-pass is in. It is not in
// PATH: clients take a helper that they find there for the user's own.
func passHelper(t *testing.T) string {
	t.Helper()
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		dir := filepath.Join(folder, "helpers")
		if _, err := os.Stat(filepath.Join(dir, "docker-credential-pass")); err == nil {
			return dir
		}
	}
	t.Fatal("docker-credential-pass is not there: run the tests with \"make test\", which builds it")
	return ""
}

// withPass is a session whose config file leaves logins to a new, empty
// password store, encrypted with a key of its own without a passphrase.
func withPass(t *testing.T, env []string) (session, string) {
	t.Helper()
	tool(t, "pass")
	// gpg-agent's socket is below it, and a socket's path may have 108 bytes.
	home, err := os.MkdirTemp("", "mt")
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(home, ".gnupg"), 0o700))
	must(t, os.MkdirAll(filepath.Join(home, ".docker"), 0o700))
	config := filepath.Join(home, ".docker", "config.json")
	must(t, os.WriteFile(config, []byte(`{"credsStore": "pass"}`), 0o600))
	s := session{home: home, env: append([]string{"PATH=" + passHelper(t) + ":" + os.Getenv("PATH")}, env...)}
	t.Cleanup(func() {
		stop := exec.Command("gpgconf", "--kill", "all") // the agents of this home, which gpg started
		stop.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
		_ = stop.Run()
		_ = os.RemoveAll(home)
	})
	s.mustRun(t, "gpg", "--batch", "--passphrase", "", "--quick-generate-key", "e2e@example.test", "default", "default", "never")
	s.mustRun(t, "pass", "init", "e2e@example.test")
	return s, config
}

// TestLoginThroughPass is the whole way through a real helper and a real key,
// with nobody at a terminal: login, push, inspect, logout.
func TestLoginThroughPass(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			s, config := withPass(t, g.trust())
			done := s.login(t, g.host)
			wantText(t, "login", "Logged in to "+g.host+" as "+userName+"; the password is kept in docker-credential-pass, as "+config+" says\n", done.stdout)
			if strings.Contains(done.stderr, "warning") {
				t.Errorf("it warns: %s", done.stderr)
			}
			s.wantPass(t, fmt.Sprintf("{%q:%q}\n", g.host, userName))
			mainJob(t, s, g)
			s.mustRun(t, "docker", "manifest", "inspect", g.host+"/job:all")
			explained := s.manifestTool(t, "auth", "explain", g.host+"/job")
			explained.wantCode(t, 0)
			wantNoSecret(t, explained, userPassword)
			wantLines(t, explained.stdout, "Login:      password of user "+userName+", from docker config "+config+", helper docker-credential-pass")
			out := s.manifestTool(t, "logout", g.host)
			out.wantCode(t, 0)
			wantText(t, "logout", "Logged out of "+g.host+": erased from docker config "+config+", helper docker-credential-pass\n", out.stdout)
			s.wantPass(t, "{}\n")
			s.wantLoggedOut(t, g)
			raw, err := os.ReadFile(config)
			must(t, err)
			wantText(t, "config.json", `{"credsStore": "pass"}`, string(raw))
		})
	}
}

// wantPass compares what the helper lists.
func (s session) wantPass(t *testing.T, want string) {
	t.Helper()
	wantText(t, "docker-credential-pass list", want, s.mustRun(t, filepath.Join(passHelper(t), "docker-credential-pass"), "list"))
}

// TestAStoreOfThePlatformIsUsed has no file name a helper while the platform's
// own is there: as with docker login, it is used and named from then on.
func TestAStoreOfThePlatformIsUsed(t *testing.T) {
	t.Parallel()
	g := startBasic(t)
	s, config := withPass(t, g.trust())
	must(t, os.Remove(config))
	s.login(t, g.host)
	raw, err := os.ReadFile(config)
	must(t, err)
	wantText(t, "config.json", "{\n\t\"credsStore\": \"pass\"\n}", string(raw))
	mainJob(t, s, g)
}

// scripted is a session whose config file leaves all logins to a helper of this
// body. Each run of it adds a line to the file that is returned.
func scripted(t *testing.T, g *registry, body string) (session, string) {
	t.Helper()
	dir := t.TempDir()
	runs := filepath.Join(dir, "runs")
	script := fmt.Sprintf("#!/bin/sh\nread -r server\necho \"$1 $server\" >>%s\n%s\n", runs, body)
	must(t, os.WriteFile(filepath.Join(dir, "docker-credential-e2e"), []byte(script), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"credsStore":"e2e"}`), 0o600))
	return session{env: append(g.trust(), "DOCKER_CONFIG="+dir, "PATH="+dir+":"+os.Getenv("PATH"))}, runs
}

// TestFault85AHelperRunsOnceForTwentyRepositories counts the runs of a helper
// in a push from 20 repositories.
func TestFault85AHelperRunsOnceForTwentyRepositories(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			s, runs := scripted(t, g, fmt.Sprintf(`echo '{"Username":%q,"Secret":%q}'`, userName, userPassword))
			spec := "image: REGISTRY/job:all\nmanifests:\n"
			for i := range 20 {
				image := newImage(t, ociMedia(), fmt.Sprint("image ", i), platform("linux/amd64"), 1)
				g.put(t, fmt.Sprintf("part%d", i), "1", image)
				spec += fmt.Sprintf("  - image: REGISTRY/part%d:1\n    platform: {os: linux, architecture: amd64, os.version: \"%d\"}\n", i, i)
			}
			s.manifestTool(t, "push", "from-spec", specFile(t, g.host, spec)).pushed(t)
			raw, err := os.ReadFile(runs)
			must(t, err)
			wantText(t, "the helper's runs", "get "+g.host+"\n", string(raw))
		})
	}
}

// TestFault84AHelperThatFailsIsOneLineWithAWayOut is about helpers that are not
// there, fail, or answer nonsense; --anonymous does without them.
func TestFault84AHelperThatFailsIsOneLineWithAWayOut(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	g.put(t, "app", "one", newImageSet(t, ociMedia(), "app")[0].image)
	for name, c := range map[string]struct{ body, config, want string }{
		"junk":    {"echo " + userPassword, "", "its answer is not the JSON of the helper protocol"},
		"failing": {"echo the vault is locked; exit 1", "", `exit status 1: "the vault is locked"`},
		"a secret": {
			`echo '{"Username":"u","Secret":"` + userPassword + `"}'; exit 1`, "",
			"exit status 1 (its output is withheld, it may hold a secret)",
		},
		"too long": {"yes " + userPassword, "", "it answered more than 65536 bytes"},
		"missing":  {"", `{"credHelpers":{"HOST":"absent"}}`, "no directory in PATH has a program of this name"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := scripted(t, g, c.body)
			helper := "docker-credential-e2e"
			way := "hint: see what " + helper + " says"
			if c.config != "" {
				helper, way = "docker-credential-absent", "hint: install it, or remove it from the config file"
				dir := t.TempDir()
				must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(strings.Replace(c.config, "HOST", g.host, 1)), 0o600))
				s.env = append(s.env, "DOCKER_CONFIG="+dir)
			}
			done := s.manifestTool(t, "inspect", g.host+"/app:one")
			wantOneLine(t, done, fmt.Sprintf("credential helper %q for %q: ", helper, g.host), c.want, way)
			wantNoSecret(t, done, userPassword)
			s.manifestTool(t, "--anonymous", "inspect", g.host+"/app:one").wantCode(t, 0)
		})
	}
}

// wantOneLine asserts that a run failed with one line that says why and one
// that says what to do, and nothing else.
func wantOneLine(t *testing.T, r result, texts ...string) {
	t.Helper()
	r.wantCode(t, 1)
	r.wantStderr(t, append(texts, "manifest-tool failed with error: ", "\nhint: ")...)
	if n := strings.Count(r.stderr, "\n"); n != 2 || r.stdout != "" {
		t.Errorf("%d lines on stderr, want 2, and nothing on stdout:\n%s%s", n, r.stderr, r.stdout)
	}
}

// TestFault85AHangingHelperIsGivenUp waits for the limit of 30 seconds, and
// looks whether what the helper started is gone.
func TestFault85AHangingHelperIsGivenUp(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	child := filepath.Join(t.TempDir(), "child")
	s, _ := scripted(t, g, "sleep 300 & echo $! >"+child+"; wait")
	started := time.Now()
	done := s.manifestTool(t, "inspect", g.host+"/app:one")
	if took := time.Since(started); took < 29*time.Second || took > 30*time.Second+soon {
		t.Errorf("it took %v", took)
	}
	wantOneLine(t, done, "docker-credential-e2e", g.host, "it gave no answer within 30s")
	var pid int
	raw, err := os.ReadFile(child)
	must(t, err)
	_, err = fmt.Sscan(string(raw), &pid)
	must(t, err)
	waitFor(t, "the process that the helper started is gone", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		uncollected := err == nil && strings.Contains(string(stat), ") Z ")
		return uncollected || syscall.Kill(pid, 0) != nil
	})
}
