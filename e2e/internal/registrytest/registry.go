//go:build e2e

// Package registrytest starts the registries of the end to end tests: processes
// of docker-registry with each kind of authentication and TLS, the proxies in
// front of them that record requests or respond in their place, and a client that
// shares no code with the product.
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

	"manifest-tool/e2e/internal/clitest"
)

// The only user of the registries with credentials, and the password's bcrypt
// hash, of the least cost as each request is checked against it.
const (
	UserName     = "alice"
	UserPassword = "wonderland"
	userHash     = "$2y$04$LN4ZyHTSJsmbVE.hZ5KmCu1m8diviwWzxtp2mSu8lxdK2UJGZxXfW"
)

// Registry is a running docker-registry and how the harness reaches it.
type Registry struct {
	Host   string // HOST:PORT, as in references
	Scheme string
	CAFile string // PEM of the CA to trust, for https
	Client *http.Client
	// Authorize adds the credentials that the registry requires to a request of the
	// harness.
	Authorize func(*http.Request)
}

// StartOpen starts a registry without TLS and authentication.
func StartOpen(t *testing.T) *Registry {
	t.Helper()
	return &Registry{
		Host:      Launch(t, "", ""),
		Scheme:    "http",
		Client:    &http.Client{},
		Authorize: func(*http.Request) {},
	}
}

// StartBasicTLS starts a registry with one user in an htpasswd file, and TLS
// under a CA of the test's own.
func StartBasicTLS(t *testing.T) *Registry {
	t.Helper()
	ca := NewAuthority(t)
	cert, key := ca.ServerFiles(t)
	passwords := filepath.Join(t.TempDir(), "htpasswd")
	clitest.Must(t, os.WriteFile(passwords, []byte(UserName+":"+userHash+"\n"), 0o600))

	host := Launch(t,
		fmt.Sprintf("  tls:\n    certificate: %s\n    key: %s\n", cert, key),
		fmt.Sprintf("auth:\n  htpasswd:\n    realm: e2e\n    path: %s\n", passwords))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool()}}
	t.Cleanup(transport.CloseIdleConnections)
	return &Registry{
		Host:      host,
		Scheme:    "https",
		CAFile:    ca.File,
		Client:    &http.Client{Transport: transport},
		Authorize: func(r *http.Request) { r.SetBasicAuth(UserName, UserPassword) },
	}
}

// Launch starts a docker-registry process on a free port of 127.0.0.1, waits
// until it listens and returns HOST:PORT. The process ends with the test. The
// sections are YAML: tlsPart is indented below "http:", authPart is at the top
// level.
func Launch(t *testing.T, tlsPart, authPart string) string {
	t.Helper()
	return launchConfig(t, configYAML(tlsPart, authPart))
}

// StartOnDisk starts a registry as StartOpen does, with its data in files as
// most registries have it, so that concurrent pushes write to the same files.
// It returns their directory, too.
func StartOnDisk(t *testing.T) (g *Registry, dir string) {
	t.Helper()
	dir = t.TempDir()
	files := "filesystem: {rootdirectory: " + dir + "}"
	host := launchConfig(t, strings.Replace(configYAML("", ""), "inmemory: {}", files, 1))
	return &Registry{Host: host, Scheme: "http", Client: &http.Client{}, Authorize: func(*http.Request) {}}, dir
}

// StartWithoutDelete starts a registry as StartOpen does that refuses to delete.
func StartWithoutDelete(t *testing.T) *Registry {
	t.Helper()
	host := launchConfig(t, strings.Replace(configYAML("", ""), "enabled: true", "enabled: false", 1))
	return &Registry{Host: host, Scheme: "http", Client: &http.Client{}, Authorize: func(*http.Request) {}}
}

// IsVersion3 reports whether docker-registry is of version 3 (make test-v3), which
// differs from version 2 in some responses.
func IsVersion3(t *testing.T) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), clitest.FindTool(t, "docker-registry"), "--version").CombinedOutput()
	clitest.Must(t, err)
	return strings.Contains(string(out), " v3.") || strings.Contains(string(out), " 3.")
}

// StartReadOnly starts a registry that takes no pushes, with its data in a directory.
func StartReadOnly(t *testing.T, dir string) *Registry {
	t.Helper()
	storage := "filesystem: {rootdirectory: " + dir + "}\n  maintenance: {readonly: {enabled: true}}"
	host := launchConfig(t, strings.Replace(configYAML("", ""), "inmemory: {}", storage, 1))
	return &Registry{Host: host, Scheme: "http", Client: &http.Client{}, Authorize: func(*http.Request) {}}
}

// launchConfig starts a docker-registry process as Launch does, with a complete
// configuration.
func launchConfig(t *testing.T, text string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.yml")
	clitest.Must(t, os.WriteFile(config, []byte(text), 0o600))
	// Version 3 would look for a collector of traces; version 2 does not know
	// the variable. Hundreds of registries are started, each with little data:
	// collecting garbage less often saves time.
	cmd := exec.Command(clitest.FindTool(t, "docker-registry"), "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none", "GOGC=400")
	listening := regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)
	var address string
	_, err := clitest.StartDaemon(t, cmd, func(output string) bool {
		if found := listening.FindStringSubmatch(output); found != nil {
			address = found[1]
		}
		return address != ""
	})
	clitest.Must(t, err)
	return address
}

// configYAML returns the configuration of a registry that has its data in
// memory (on disk it syncs after each blob), permits deleting manifests and
// listens on a free port.
func configYAML(tlsPart, authPart string) string {
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
