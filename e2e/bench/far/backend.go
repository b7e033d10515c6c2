//go:build e2e

package far

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// Auth is what a registry asks its clients for.
type Auth string

// The kinds of registry.
const (
	Open   Auth = "open"
	Basic  Auth = "basic"
	Bearer Auth = "bearer"
)

// The only user of registries that ask, and the password's bcrypt hash.
const (
	User     = "alice"
	Password = "wonderland"
	userHash = "$2y$05$LN4ZyHTSJsmbVE.hZ5KmCu3v6rQE1f2VwQQlKd35mf4AefzPmOJQK"
)

// startLimit bounds the start of a registry process.
const startLimit = 20 * time.Second

// realm is the placeholder of the token server in the backend's configuration; a Front
// puts its own address in its place.
const realm = "https://front.invalid/token"

// Backend is a docker-registry process on this machine, near: requests to it
// are neither delayed nor recorded.
type Backend struct {
	// Host is HOST:PORT on plain http.
	Host   string
	tokens *tokenServer
	auth   Auth
	client *http.Client
	cmd    *exec.Cmd
	ended  chan struct{}
}

// Start starts a registry that asks for auth. It keeps its data in the directory
// data, or in memory where that is empty; its configuration and log go to a
// new directory below dir.
func Start(ctx context.Context, dir, data string, auth Auth) (*Backend, error) {
	home, err := os.MkdirTemp(dir, "registry-")
	if err != nil {
		return nil, err
	}
	b := &Backend{auth: auth, ended: make(chan struct{}), client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64},
	}}
	config, err := b.configure(home, data)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	b.cmd = exec.CommandContext(ctx, "docker-registry", "serve", config)
	b.cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none") // version 3 would look for a collector
	b.cmd.Stdout, b.cmd.Stderr = log, log
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a registry: %w", err)
	}
	go func() {
		_ = b.cmd.Wait() // killed by Close: how it ended does not matter
		close(b.ended)
	}()
	b.Host, err = b.address(log.Name())
	return b, err
}

// Close ends the process.
func (b *Backend) Close() {
	_ = b.cmd.Process.Kill() // it may have ended already
	<-b.ended
	b.client.CloseIdleConnections()
}

// configure writes the configuration into the directory and returns its path.
func (b *Backend) configure(dir, data string) (path string, err error) {
	storage := "  inmemory: {}\n"
	if data != "" {
		storage = fmt.Sprintf("  filesystem:\n    rootdirectory: %s\n", data)
	}
	auth, err := b.authPart(dir)
	if err != nil {
		return "", err
	}
	text := "version: 0.1\nlog:\n  level: info\n  accesslog:\n    disabled: true\n" +
		"storage:\n" + storage + "http:\n  addr: 127.0.0.1:0\n  secret: bench\n" + auth
	path = filepath.Join(dir, "config.yml")
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// authPart returns the configuration of what the registry asks for.
func (b *Backend) authPart(dir string) (string, error) {
	switch b.auth {
	case Basic:
		path := filepath.Join(dir, "htpasswd")
		return fmt.Sprintf("auth:\n  htpasswd:\n    realm: bench\n    path: %s\n", path),
			os.WriteFile(path, []byte(User+":"+userHash+"\n"), 0o600)
	case Bearer:
		tokens, err := newTokenServer()
		if err != nil {
			return "", err
		}
		b.tokens = tokens
		path := filepath.Join(dir, "token.pem")
		return fmt.Sprintf("auth:\n  token:\n    realm: %s\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n",
			realm, tokenService, tokenService, path), writeCertificate(path, tokens.cert)
	default:
		return "", nil
	}
}

// address waits until the log shows where the registry listens.
func (b *Backend) address(logPath string) (string, error) {
	listening := regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		log, err := os.ReadFile(logPath)
		if err != nil {
			return "", err
		}
		if found := listening.FindSubmatch(log); found != nil {
			return string(found[1]), nil
		}
		select {
		case <-b.ended:
			return "", fmt.Errorf("the registry ended at once:\n%s", log)
		default:
		}
	}
	return "", fmt.Errorf("the registry did not listen within %v", startLimit)
}
