//go:build unix

package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
)

// helpers is a folder of helper scripts, first on PATH.
type helpers struct{ dir string }

func newHelpers(t *testing.T) helpers {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return helpers{dir}
}

// add writes the helper docker-credential-NAME; each run appends its argument
// and the server it was asked for to the file NAME.log.
func (h helpers) add(t *testing.T, name, body string) {
	t.Helper()
	script := fmt.Sprintf("#!/bin/sh\nread -r server\necho \"$1 $server\" >>%s\n%s\n", h.log(name), body)
	if err := os.WriteFile(filepath.Join(h.dir, helperPrefix+name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func (h helpers) log(name string) string { return filepath.Join(h.dir, name+".log") }

func (h helpers) runs(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(h.log(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

const answerScript = `echo '{"ServerURL":"'$server'","Username":"u-'$1'","Secret":"s"}'`

func TestCredentialFromHelper(t *testing.T) {
	user := func(name string) authn.AuthConfig { return authn.AuthConfig{Username: name, Password: "s"} }
	inFile := fmt.Sprintf(`"auths":{"r.example":{"auth":%q,"registrytoken":"rt"}}`, basic("file", "f"))
	tests := []struct {
		name, config, host, script string
		want                       authn.AuthConfig
		log                        string
	}{
		{"store", `{"credsStore":"test"}`, "r.example", answerScript, user("u-get"), "get r.example\n"},
		{"store, hub", `{"credsStore":"test"}`, "docker.io", answerScript, user("u-get"), "get https://index.docker.io/v1/\n"},
		{"helper of the host", `{"credHelpers":{"r.example":"test"}}`, "r.example", answerScript, user("u-get"), "get r.example\n"},
		{"helper before store", `{"credsStore":"absent","credHelpers":{"r.example":"test"}}`, "r.example", answerScript, user("u-get"), "get r.example\n"},
		{"helper of another host", `{"credHelpers":{"o.example":"test"}}`, "r.example", answerScript, authn.AuthConfig{}, ""},
		{"hub's helper by its short name", `{"credHelpers":{"docker.io":"test"}}`, "index.docker.io", answerScript, user("u-get"), "get https://index.docker.io/v1/\n"},
		{
			"empty helper switches the store off", `{"credsStore":"test","credHelpers":{"r.example":""},` + inFile + `}`, "r.example", answerScript,
			authn.AuthConfig{Username: "file", Password: "f", RegistryToken: "rt"},
			"",
		},
		{
			"helper before the file, registry token kept", `{"credsStore":"test",` + inFile + `}`, "r.example", answerScript,
			authn.AuthConfig{Username: "u-get", Password: "s", RegistryToken: "rt"},
			"get r.example\n",
		},
		{"identity token", `{"credsStore":"test"}`, "r.example", `echo '{"Username":"<token>","Secret":"it"}'`, authn.AuthConfig{IdentityToken: "it"}, "get r.example\n"},
		{"not found", `{"credsStore":"test"}`, "r.example", "echo credentials not found in native keychain; exit 1", authn.AuthConfig{}, "get r.example\n"},
		{
			"not found, but in the file", `{"credsStore":"test",` + inFile + `}`, "r.example", "echo credentials not found in native keychain; exit 1",
			authn.AuthConfig{Username: "file", Password: "f", RegistryToken: "rt"},
			"get r.example\n",
		},
		{"noise on stderr", `{"credsStore":"test"}`, "r.example", "echo noise >&2; " + answerScript, user("u-get"), "get r.example\n"},
		{"left a process behind", `{"credsStore":"test"}`, "r.example", answerScript + "; sleep 60 &", user("u-get"), "get r.example\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHelpers(t)
			h.add(t, "test", tt.script)
			k, start := newKeychain(t, Options{DockerConfig: writeConfig(t, tt.config)}), time.Now()
			for range 2 {
				got, err := k.Credential(t.Context(), tt.host, "")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("credential (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(tt.log, h.runs(t, "test")); diff != "" {
				t.Errorf("helper runs (-want +got):\n%s", diff)
			}
			checkPrompt(t, start)
		})
	}
}

// prompt is how long a test gives what should happen at once: on a busy machine
// a script takes its time. A helper has 30 seconds, what one leaves behind here
// runs for 60.
const prompt = 20 * time.Second

// checkPrompt asserts that nothing sat out a helper's limit or its children.
func checkPrompt(t *testing.T, start time.Time) {
	t.Helper()
	if took := time.Since(start); took > prompt {
		t.Errorf("took %v", took)
	}
}

// waitFor waits until isSo, and fails the test if that is not promptly.
func waitFor(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for start := time.Now(); !isSo(); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > prompt {
			t.Fatalf("after %v still not: %s", prompt, what)
		}
	}
}

func TestFault84AHelperFailureNamesHelperAndHostOnly(t *testing.T) {
	const canary = "hunter2canary"
	tests := []struct{ name, script, want string }{
		{"exit 1, a reason", "echo the vault is locked; exit 1", `exit status 1: "the vault is locked"`},
		{"exit 1, silent", "exit 1", "exit status 1"},
		{"second line", "echo first; echo " + canary + "; exit 1", `"first"`},
		{"secret on stderr", "echo " + canary + " >&2; exit 1", "exit status 1"},
		{"answer, then exit 1", `echo '{"Username":"u","Secret":"` + canary + `"}'; exit 1`, "not shown"},
		{"named secret", "echo 'cannot store password: " + canary + "'; exit 1", "[redacted]"},
		{"header", "echo 'sent Authorization: Basic " + canary + "'; exit 1", "[redacted]"},
		{"long token", "echo 'bad eyJhbGciOiJIUzI1NiJ9." + canary + "'; exit 1", "[redacted]"},
		{"junk, exit 0", "echo " + canary, "not the JSON"},
		{"nothing, exit 0", "exit 0", "not the JSON"},
		{"wrong type", `echo '{"Secret":["` + canary + `"]}'`, "not the JSON"},
		{"control bytes", `printf 'a\033]0;x\007b\r\303\050\342\200\256'; exit 1`, `\x1b]0;x\ab\r\xc3(\u202e`},
		{"killed", "kill -9 $$", "signal: killed"},
		{"too long", "yes 0123456789", "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHelpers(t)
			h.add(t, "test", tt.script)
			k, start := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)}), time.Now()
			got, err := k.Credential(t.Context(), "r.example", "")
			checkPrompt(t, start)
			checkHelperError(t, got, err, tt.want)
			if strings.Contains(err.Error(), canary) {
				t.Errorf("error holds the secret: %q", err)
			}
			if _, again := k.Credential(t.Context(), "r.example", ""); again == nil || again.Error() != err.Error() {
				t.Errorf("second call: %v", again)
			}
			if diff := cmp.Diff("get r.example\n", h.runs(t, "test")); diff != "" {
				t.Errorf("helper runs (-want +got):\n%s", diff)
			}
		})
	}
}

// checkHelperError asserts what holds for every failure of a helper.
func checkHelperError(t *testing.T, got authn.AuthConfig, err error, want string) {
	t.Helper()
	if err == nil || got != (authn.AuthConfig{}) {
		t.Fatalf("credential %v, error %v", got, err)
	}
	msg := err.Error()
	for _, part := range []string{`"docker-credential-test"`, `"r.example"`, want} {
		if !strings.Contains(msg, part) {
			t.Errorf("error %q lacks %q", msg, part)
		}
	}
	if strings.ContainsFunc(msg, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("error holds more than printable ASCII: %q", msg)
	}
	if len(msg) > 100+excerptLimit {
		t.Errorf("error of %d bytes", len(msg))
	}
}

func TestExcerpt(t *testing.T) {
	h := newHelpers(t)
	h.add(t, "test", `printf '\033%.0s' $(seq 1000); exit 1`)
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)})
	got, err := k.Credential(t.Context(), "r.example", "")
	checkHelperError(t, got, err, `\x1b`)
}

func TestExcerpt_Runes(t *testing.T) {
	h := newHelpers(t)
	h.add(t, "test", `printf 'x'; printf '\303\244%.0s' $(seq 1000); exit 1`)
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)})
	got, err := k.Credential(t.Context(), "r.example", "")
	checkHelperError(t, got, err, `x\u00e4\u00e4`)
	if strings.Contains(err.Error(), `\x`) {
		t.Errorf("half a character is shown: %v", err)
	}
}

func TestFault84AMissingHelperIsNamed(t *testing.T) {
	newHelpers(t)
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)})
	got, err := k.Credential(t.Context(), "r.example", "")
	checkHelperError(t, got, err, "no directory in PATH has a program of this name")
}

func TestHelper_PathAsName(t *testing.T) {
	h := newHelpers(t)
	h.add(t, "test", answerScript)
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"x/../docker-credential-test"}`)})
	if _, err := k.Credential(t.Context(), "r.example", ""); err == nil {
		t.Error("a path was run")
	}
	if runs := h.runs(t, "test"); runs != "" {
		t.Errorf("helper ran: %q", runs)
	}
}

// hang is a helper that never answers; its child's id goes to child.pid.
func (h helpers) hang(t *testing.T, name string) {
	h.add(t, name, fmt.Sprintf("sleep 60 & echo $! >%s/child.tmp; mv %s/child.tmp %s; wait", h.dir, h.dir, h.pid()))
}

func (h helpers) pid() string { return filepath.Join(h.dir, "child.pid") }

// childIsGone waits until the hanging helper's own child has ended.
func (h helpers) childIsGone(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(h.pid())
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the process that the helper started is gone", func() bool { return !running(pid) })
}

// running tells a live process from one that is gone or only waits for its
// parent to collect it.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestFault85AHangingHelperIsEnded(t *testing.T) {
	h := newHelpers(t)
	h.hang(t, "test")
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)})
	k.limit = 10 * time.Second // the script must have started its child by then
	start := time.Now()
	got, err := k.Credential(t.Context(), "r.example", "")
	checkPrompt(t, start)
	checkHelperError(t, got, err, "did not exit within 10s")
	h.childIsGone(t)
}

func TestHelper_Cancel(t *testing.T) {
	h := newHelpers(t)
	h.hang(t, "test")
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)})
	first, stopFirst := context.WithCancel(t.Context())
	defer stopFirst()
	second, stopSecond := context.WithCancel(t.Context())
	defer stopSecond()
	ask := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			_, err := k.Credential(ctx, "r.example", "")
			done <- err
		}()
		return done
	}
	end := func(what string, stop func(), done <-chan error) {
		start := time.Now()
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
		checkPrompt(t, start)
	}
	running := ask(first)
	waitFor(t, "the helper runs", func() bool {
		_, err := os.Stat(h.pid())
		return err == nil
	})
	waiting := ask(second)
	end("the waiting caller", stopSecond, waiting)
	end("the caller with the helper", stopFirst, running)
	h.childIsGone(t)

	// A cancelled lookup is not an answer: the next caller asks anew.
	h.add(t, "test", answerScript)
	if got, err := k.Credential(t.Context(), "r.example", ""); err != nil || got.Username != "u-get" {
		t.Errorf("after the cancel: user %q, %v", got.Username, err)
	}
}

func TestFault85AHelperRunsOncePerHost(t *testing.T) {
	h := newHelpers(t)
	h.add(t, "test", "sleep 0.1; "+answerScript)
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, `{"credsStore":"test"}`)})
	hosts := []string{"docker.io", "index.docker.io", "registry-1.docker.io", "Docker.io"}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if got, err := k.Credential(t.Context(), hosts[i%len(hosts)], ""); err != nil || got.Username != "u-get" {
				t.Errorf("user %q, %v", got.Username, err)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff("get https://index.docker.io/v1/\n", h.runs(t, "test")); diff != "" {
		t.Errorf("helper runs (-want +got):\n%s", diff)
	}
}
