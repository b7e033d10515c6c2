//go:build e2e

package login

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
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
func withPass(t *testing.T, env []string) (clitest.Session, string) {
	t.Helper()
	clitest.FindTool(t, "pass")
	// gpg-agent's socket is below it, and a socket's path may have 108 bytes.
	home, err := os.MkdirTemp("", "mt")
	clitest.Must(t, err)
	clitest.Must(t, os.MkdirAll(filepath.Join(home, ".gnupg"), 0o700))
	clitest.Must(t, os.MkdirAll(filepath.Join(home, ".docker"), 0o700))
	config := filepath.Join(home, ".docker", "config.json")
	clitest.Must(t, os.WriteFile(config, []byte(`{"credsStore": "pass"}`), 0o600))
	s := clitest.Session{Home: home, Env: append([]string{"PATH=" + passHelper(t) + ":" + os.Getenv("PATH")}, env...)}
	t.Cleanup(func() {
		stop := exec.Command("gpgconf", "--kill", "all") // the agents of this home, which gpg started
		stop.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
		_ = stop.Run()
		_ = os.RemoveAll(home)
	})
	s.MustRunTool(t, "gpg", "--batch", "--passphrase", "", "--quick-generate-key", "e2e@example.test", "default", "default", "never")
	s.MustRunTool(t, "pass", "init", "e2e@example.test")
	return s, config
}

// TestLoginThroughPass is the whole way through a real helper and a real key,
// with nobody at a terminal: login, push, inspect, logout.
func TestLoginThroughPass(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			s, config := withPass(t, g.TrustEnv())
			done := mustLogin(t, s, g.Host)
			clitest.WantText(t, "login", "Logged in to "+g.Host+" as "+registrytest.UserName+"; the password is stored in docker-credential-pass, which "+config+" names\n", done.Stdout)
			if strings.Contains(done.Stderr, "warning") {
				t.Errorf("it warns: %s", done.Stderr)
			}
			wantPass(t, s, fmt.Sprintf("{%q:%q}\n", g.Host, registrytest.UserName))
			registrytest.PushAndInspect(t, s, g)
			s.MustRunTool(t, "docker", "manifest", "inspect", g.Host+"/job:all")
			explained := s.Run(t, "auth", "explain", g.Host+"/job")
			explained.WantCode(t, 0)
			registrytest.WantNoSecret(t, explained, registrytest.UserPassword)
			clitest.WantLines(t, explained.Stdout, "Login:      password of user "+registrytest.UserName+", from docker config "+config+", helper docker-credential-pass")
			out := s.Run(t, "logout", g.Host)
			out.WantCode(t, 0)
			clitest.WantText(t, "logout", "Logged out of "+g.Host+": erased from docker config "+config+", helper docker-credential-pass\n", out.Stdout)
			wantPass(t, s, "{}\n")
			wantLoggedOut(t, s, g)
			raw, err := os.ReadFile(config)
			clitest.Must(t, err)
			clitest.WantText(t, "config.json", `{"credsStore": "pass"}`, string(raw))
		})
	}
}

// wantPass compares what the helper lists.
func wantPass(t *testing.T, s clitest.Session, want string) {
	t.Helper()
	clitest.WantText(t, "docker-credential-pass list", want, s.MustRunTool(t, filepath.Join(passHelper(t), "docker-credential-pass"), "list"))
}

// TestPlatformCredentialStore has no file name a helper while the platform's
// own is there: as with docker login, it is used and named from then on.
func TestPlatformCredentialStore(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	s, config := withPass(t, g.TrustEnv())
	clitest.Must(t, os.Remove(config))
	mustLogin(t, s, g.Host)
	raw, err := os.ReadFile(config)
	clitest.Must(t, err)
	clitest.WantText(t, "config.json", "{\n\t\"credsStore\": \"pass\"\n}", string(raw))
	registrytest.PushAndInspect(t, s, g)
}

// scripted is a session whose config file leaves all logins to a helper of this
// body. Each run of it adds a line to the file that is returned.
func scripted(t *testing.T, g *registrytest.Registry, body string) (clitest.Session, string) {
	t.Helper()
	dir := t.TempDir()
	runs := filepath.Join(dir, "runs")
	script := fmt.Sprintf("#!/bin/sh\nread -r server\necho \"$1 $server\" >>%s\n%s\n", runs, body)
	clitest.WriteScript(t, filepath.Join(dir, "docker-credential-e2e"), script)
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"credsStore":"e2e"}`), 0o600))
	return clitest.Session{Env: append(g.TrustEnv(), "DOCKER_CONFIG="+dir, "PATH="+dir+":"+os.Getenv("PATH"))}, runs
}

// TestFault85AHelperRunsOnceForTwentyRepositories counts the runs of a helper
// in a push from 20 repositories.
func TestFault85AHelperRunsOnceForTwentyRepositories(t *testing.T) {
	t.Parallel()
	for name, g := range loginDoors(t) {
		t.Run(name, func(t *testing.T) {
			s, runs := scripted(t, g, fmt.Sprintf(`echo '{"Username":%q,"Secret":%q}'`, registrytest.UserName, registrytest.UserPassword))
			spec := "image: REGISTRY/job:all\nmanifests:\n"
			for i := range 20 {
				image := fixture.NewImage(t, fixture.OCI(), fmt.Sprint("image ", i), fixture.ParsePlatform("linux/amd64"), 1)
				g.Put(t, fmt.Sprintf("part%d", i), "1", image)
				spec += fmt.Sprintf("  - image: REGISTRY/part%d:1\n    platform: {os: linux, architecture: amd64, os.version: \"%d\"}\n", i, i)
			}
			s.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, spec)).PushedDigest(t)
			raw, err := os.ReadFile(runs)
			clitest.Must(t, err)
			clitest.WantText(t, "the helper's runs", "get "+g.Host+"\n", string(raw))
		})
	}
}

// TestFault84AHelperThatFailsIsOneLineWithAWayOut is about helpers that are not
// there, fail, or answer nonsense; --anonymous does without them.
func TestFault84AHelperThatFailsIsOneLineWithAWayOut(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "one", fixture.NewImageSet(t, fixture.OCI(), "app")[0].Image)
	for name, c := range map[string]struct{ body, config, want string }{
		"junk":    {"echo " + registrytest.UserPassword, "", "its output is not the JSON of the helper protocol"},
		"failing": {"echo the vault is locked; exit 1", "", `exit status 1: "the vault is locked"`},
		"a secret": {
			`echo '{"Username":"u","Secret":"` + registrytest.UserPassword + `"}'; exit 1`, "",
			"exit status 1 (its output is not shown, it may have a secret)",
		},
		"too long": {"yes " + registrytest.UserPassword, "", "its output is longer than 65536 bytes"},
		"missing":  {"", `{"credHelpers":{"HOST":"absent"}}`, "no directory in PATH has a program of this name"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := scripted(t, g, c.body)
			helper := "docker-credential-e2e"
			way := "hint: see what " + helper + " prints"
			if c.config != "" {
				helper, way = "docker-credential-absent", "hint: install it, or remove it from the config file"
				dir := t.TempDir()
				clitest.Must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(strings.Replace(c.config, "HOST", g.Host, 1)), 0o600))
				s.Env = append(s.Env, "DOCKER_CONFIG="+dir)
			}
			done := s.Run(t, "--strict", "inspect", g.Host+"/app:one")
			problem := fmt.Sprintf("credential helper %q for %q: ", helper, g.Host)
			wantOneLine(t, done, problem, c.want, way)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
			done = s.Run(t, "inspect", g.Host+"/app:one") // a public image
			done.WantCode(t, 0)
			done.WantStderr(t, "warning: continuing without a login at "+g.Host+": "+problem, c.want)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
			s.Run(t, "--anonymous", "inspect", g.Host+"/app:one").WantCode(t, 0)
		})
	}
}

// wantOneLine asserts that a run failed with one line that says why and one
// that says what to do, and nothing else.
func wantOneLine(t *testing.T, r clitest.Result, texts ...string) {
	t.Helper()
	r.WantCode(t, 1)
	r.WantStderr(t, append(texts, "manifest-tool failed with error: ", "\nhint: ")...)
	if n := strings.Count(r.Stderr, "\n"); n != 2 || r.Stdout != "" {
		t.Errorf("%d lines on stderr, want 2, and nothing on stdout:\n%s%s", n, r.Stderr, r.Stdout)
	}
}

// TestFault85AHangingHelperIsGivenUp waits for the limit of 30 seconds, and
// looks whether what the helper started is gone.
func TestFault85AHangingHelperIsGivenUp(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	child := filepath.Join(t.TempDir(), "child")
	s, _ := scripted(t, g, "sleep 300 & echo $! >"+child+"; wait")
	started := time.Now()
	done := s.Run(t, "inspect", g.Host+"/app:one")
	if took := time.Since(started); took < 29*time.Second || took > 30*time.Second+clitest.WaitLimit {
		t.Errorf("it took %v", took)
	}
	wantOneLine(t, done, "docker-credential-e2e", g.Host, "it did not exit within 30s")
	var pid int
	raw, err := os.ReadFile(child)
	clitest.Must(t, err)
	_, err = fmt.Sscan(string(raw), &pid)
	clitest.Must(t, err)
	clitest.WaitFor(t, "the process that the helper started is gone", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		uncollected := err == nil && strings.Contains(string(stat), ") Z ")
		return uncollected || syscall.Kill(pid, 0) != nil
	})
}
