//go:build e2e

package faults

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault88ThePasswordIsInNoCommandLine looks at the command lines of the
// binary and of the credential helper it starts, while they run.
func TestFault88ThePasswordIsInNoCommandLine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("command lines are read from /proc, which only Linux has")
	}
	const canary = "CaNaRy"
	var mu sync.Mutex
	var lines []string
	look := func(_ http.ResponseWriter, _ *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, name := range all {
			if raw, err := os.ReadFile(name); err == nil && strings.Contains(string(raw), "fault88") {
				lines = append(lines, strings.ReplaceAll(string(raw), "\x00", " "))
			}
		}
		return false
	}
	g, _ := registrytest.StartOpen(t).BehindProxy(t, look)
	bin, home := t.TempDir(), t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nread -r server\necho \"$0 $*\" >>%s/args\necho '{\"Username\":\"u\",\"Secret\":\"%s\"}'\n", bin, canary)
	clitest.WriteScript(t, filepath.Join(bin, "docker-credential-fault88"), script)
	clitest.Must(t, os.WriteFile(filepath.Join(home, "config.json"), []byte(`{"credsStore":"fault88"}`), 0o600))
	s := clitest.Session{Env: []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "DOCKER_CONFIG=" + home}}
	s.Run(t, "inspect", g.Host+"/fault88:one").WantCode(t, 1)
	s.Stdin = canary + "\n"
	done := s.Run(t, "--debug", "--username", "u", "--password-stdin", "inspect", g.Host+"/fault88:one")
	done.WantCode(t, 1)
	registrytest.WantNoSecret(t, done, canary)
	s.Run(t, "--debug", "login", g.Host, "-u", "fault88", "--password-stdin").WantCode(t, 0)
	args, err := os.ReadFile(filepath.Join(bin, "args"))
	clitest.Must(t, err)
	if !strings.Contains(string(args), "docker-credential-fault88 get") || !strings.Contains(string(args), "docker-credential-fault88 store") || strings.Contains(string(args), canary) {
		t.Errorf("the helper was started as %s", args)
	}
	if len(lines) == 0 || strings.Contains(strings.Join(lines, "\n"), canary) {
		t.Errorf("command lines: %q", lines)
	}
	warned := clitest.Run(t, "--quiet=false", "--username", "u", "--password", "x", "inspect", g.Host+"/fault88:one")
	warned.WantStderr(t, "warning: --password shows the password")
}

func TestFault91AnAuthorityMayBeAFileOrAFolder(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	g.Put(t, "app", "one", fixture.NewImageSet(t, fixture.OCI(), "app")[0].Image)
	dir := t.TempDir()
	raw, err := os.ReadFile(g.CAFile)
	clitest.Must(t, err)
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "authority.pem"), raw, 0o600))
	for _, env := range []string{"SSL_CERT_FILE=" + g.CAFile, "SSL_CERT_DIR=" + dir} {
		s := clitest.Session{Env: []string{env}, Stdin: registrytest.UserPassword}
		s.Run(t, "--username", registrytest.UserName, "--password-stdin", "inspect", g.Host+"/app:one").WantCode(t, 0)
	}
	s := clitest.Session{Stdin: registrytest.UserPassword}
	done := s.Run(t, "--username", registrytest.UserName, "--password-stdin", "inspect", g.Host+"/app:one")
	done.WantCode(t, 1)
	done.WantStderr(t, "certificate", "hint: ")
}

// TestFault92TheProxysPasswordStaysHidden has the proxy of the environment ask
// for another password, and refuse to connect.
func TestFault92TheProxysPasswordStaysHidden(t *testing.T) {
	t.Parallel()
	const canary = "CaNaRy"
	for status, hint := range map[int]string{
		http.StatusProxyAuthRequired: "hint: put the user and the password into the URL in HTTPS_PROXY",
		http.StatusForbidden:         "hint: ask the proxy's operator",
	} {
		var mu sync.Mutex
		var sent []string
		listener := registrytest.Listen(t)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
			w.WriteHeader(status)
		})}
		go func() { _ = server.Serve(listener) }() // ends with Close below
		t.Cleanup(func() { _ = server.Close() })
		s := clitest.Session{Env: []string{"HTTPS_PROXY=http://" + registrytest.UserName + ":" + canary + "@" + listener.Addr().String()}}
		done := s.Run(t, "--debug", "inspect", registrytest.PublicName+"/app:one")
		done.WantCode(t, 1)
		done.WantStderr(t, fmt.Sprint(status), hint)
		registrytest.WantNoSecret(t, done, canary)
		if len(sent) != 1 || !strings.HasPrefix(sent[0], "CONNECT "+registrytest.PublicName+":443 Basic ") {
			t.Errorf("the proxy got %q, want one request", sent)
		}
	}
}
