//go:build e2e

package registrytest

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// startLimit bounds the start of a registry process.
const startLimit = 20 * time.Second

// The only user of the registries with credentials, and the password's bcrypt
// hash.
const (
	UserName     = "alice"
	UserPassword = "wonderland"
	userHash     = "$2y$05$LN4ZyHTSJsmbVE.hZ5KmCu3v6rQE1f2VwQQlKd35mf4AefzPmOJQK"
)

// registry is a running docker-registry and how the stage itself reaches it.
type Registry struct {
	Host   string // HOST:PORT, as the product is told
	Scheme string
	CAFile string // PEM of the authority to trust, for https
	Client *http.Client
	// Authorize adds what the registry asks for to a request of the stage.
	Authorize func(*http.Request)
}

// startOpen starts a registry on plain HTTP that lets everyone do everything.
func StartOpen(t *testing.T) *Registry {
	t.Helper()
	return &Registry{
		Host:      Launch(t, "", ""),
		Scheme:    "http",
		Client:    &http.Client{},
		Authorize: func(*http.Request) {},
	}
}

// startBasic starts a registry with TLS under an authority of the test's own
// and one user in an htpasswd file.
func StartBasicTLS(t *testing.T) *Registry {
	t.Helper()
	ca := NewAuthority(t)
	cert, key := ca.ServerFiles(t)
	passwords := filepath.Join(t.TempDir(), "htpasswd")
	clitest.Must(t, os.WriteFile(passwords, []byte(UserName+":"+userHash+"\n"), 0o600))

	host := Launch(t,
		fmt.Sprintf("  tls:\n    certificate: %s\n    key: %s\n", cert, key),
		fmt.Sprintf("auth:\n  htpasswd:\n    realm: e2e\n    path: %s\n", passwords))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}}
	t.Cleanup(transport.CloseIdleConnections)
	return &Registry{
		Host:      host,
		Scheme:    "https",
		CAFile:    ca.File,
		Client:    &http.Client{Transport: transport},
		Authorize: func(r *http.Request) { r.SetBasicAuth(UserName, UserPassword) },
	}
}

// launch starts a docker-registry process on a free port of 127.0.0.1, waits
// until it listens and returns HOST:PORT. The sections are YAML: tlsPart is
// indented below "http:", authPart stands at the top level. The process ends
// with the test.
func Launch(t *testing.T, tlsPart, authPart string) string {
	t.Helper()
	return LaunchConfig(t, ConfigYAML(tlsPart, authPart))
}

// startOnDisk is startOpen with a registry that keeps its data in files, as
// most do: pushes at the same time then meet in them. It returns their folder.
func StartOnDisk(t *testing.T) (g *Registry, folder string) {
	t.Helper()
	folder = t.TempDir()
	files := "filesystem: {rootdirectory: " + folder + "}"
	host := LaunchConfig(t, strings.Replace(ConfigYAML("", ""), "inmemory: {}", files, 1))
	return &Registry{Host: host, Scheme: "http", Client: &http.Client{}, Authorize: func(*http.Request) {}}, folder
}

// launchWith is launch with a configuration in full.
func LaunchConfig(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	clitest.Must(t, os.WriteFile(config, []byte(text), 0o600))
	logPath := filepath.Join(dir, "log")
	log, err := os.Create(logPath)
	clitest.Must(t, err)
	defer log.Close()

	// Version 3 would look for a collector of traces; version 2 does not know
	// the variable.
	cmd := exec.Command(clitest.FindTool(t, "docker-registry"), "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	cmd.Stdout, cmd.Stderr = log, log
	clitest.Must(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed below: how it ended does not matter
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	return waitForAddress(t, logPath, ended)
}

// registryConfig returns the configuration of a registry that keeps its data
// in memory (on disk it waits for the disk after each blob), lets manifests be
// deleted and picks its own port.
func ConfigYAML(tlsPart, authPart string) string {
	return fmt.Sprintf(`version: 0.1
log:
  level: info
  accesslog:
    disabled: true
storage:
  inmemory: {}
  delete:
    enabled: true
http:
  addr: 127.0.0.1:0
  secret: e2e
%s%s`, tlsPart, authPart)
}

// waitForAddress reads the log of a starting registry until it tells the
// address it listens on.
func waitForAddress(t *testing.T, logPath string, ended <-chan struct{}) string {
	t.Helper()
	listening := regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)
	deadline := time.After(startLimit)
	for {
		log, err := os.ReadFile(logPath)
		clitest.Must(t, err)
		if found := listening.FindSubmatch(log); found != nil {
			return string(found[1])
		}
		select {
		case <-ended:
			t.Fatalf("docker-registry ended at once:\n%s", log)
		case <-deadline:
			t.Fatalf("docker-registry did not listen within %v:\n%s", startLimit, log)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
