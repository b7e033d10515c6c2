//go:build e2e

// Package redistest starts the servers of Redis of the end to end tests: one alone,
// a Cluster, and a master with a replica and Sentinels.
package redistest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// Password is that of every server.
const Password = "looking-glass"

// Server is a process of Redis.
type Server struct {
	// Addr is its address, HOST:PORT.
	Addr string

	args   []string
	config string
	daemon *clitest.Daemon
}

// Start starts a server with more lines for its configuration. It ends with the test.
func Start(t *testing.T, lines ...string) *Server {
	t.Helper()
	return launch(t, nil, append([]string{
		"requirepass " + Password, "masterauth " + Password, `save ""`, "appendonly no", "repl-diskless-sync-delay 0",
	}, lines...))
}

// freePort is replaced by a free port in the lines of a configuration.
const freePort = "FREE-PORT"

// launch starts a server at free ports. Another process may take one of them before the
// server does, which then ends: other ports are tried.
func launch(t *testing.T, args, lines []string) *Server {
	t.Helper()
	for tries := 1; ; tries++ {
		s := configure(t, args, lines)
		err := s.start(t)
		if err == nil {
			return s
		}
		if tries == 3 {
			t.Fatal(err)
		}
		t.Log(err)
	}
}

// configure returns a server at free ports that is not started yet.
func configure(t *testing.T, args, lines []string) *Server {
	t.Helper()
	port, dir := clitest.FreePort(t), t.TempDir()
	s := &Server{Addr: net.JoinHostPort("127.0.0.1", port), args: args, config: filepath.Join(dir, "redis.conf")}
	text := strings.Join(append([]string{"port " + port, "bind 127.0.0.1", "dir " + dir}, lines...), "\n") + "\n"
	if strings.Contains(text, freePort) {
		text = strings.ReplaceAll(text, freePort, clitest.FreePort(t))
	}
	clitest.Must(t, os.WriteFile(s.config, []byte(text), 0o600))
	return s
}

// start starts the server and waits until it responds.
func (s *Server) start(t *testing.T) error {
	t.Helper()
	cmd := exec.Command(clitest.FindTool(t, "redis-server"), append([]string{s.config}, s.args...)...)
	daemon, err := clitest.StartDaemon(t, cmd, func(string) bool { return strings.Contains(s.ping(), "PONG") })
	s.daemon = daemon
	return err
}

// Restart starts the server again, at the same address, and waits until it responds.
func (s *Server) Restart(t *testing.T) {
	t.Helper()
	clitest.Must(t, s.start(t))
}

// ping sends PING; the answer may be that a password is missing.
func (s *Server) ping() string {
	c, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write([]byte("AUTH " + Password + "\r\nPING\r\n")); err != nil {
		return ""
	}
	var answer bytes.Buffer
	for range 3 {
		part := make([]byte, 256)
		n, _ := c.Read(part)
		if answer.Write(part[:n]); strings.Contains(answer.String(), "PONG") {
			break
		}
	}
	return answer.String()
}

// Kill ends the server at once.
func (s *Server) Kill() { s.daemon.Kill() }

// Freeze stops the server from responding, without closing its connections, until Thaw.
func (s *Server) Freeze(t *testing.T) {
	t.Helper()
	s.daemon.Signal(t, syscall.SIGSTOP)
}

// Thaw lets a frozen server respond again.
func (s *Server) Thaw(t *testing.T) {
	t.Helper()
	s.daemon.Signal(t, syscall.SIGCONT)
}

// CLI runs redis-cli at the server and returns its output.
func (s *Server) CLI(t *testing.T, args ...string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Addr)
	clitest.Must(t, err)
	session := clitest.Session{Env: []string{"REDISCLI_AUTH=" + Password}}
	return session.MustRunTool(t, "redis-cli", append([]string{"-h", "127.0.0.1", "-p", port}, args...)...)
}

// Keys returns the keys of a server that begin with a prefix.
func (s *Server) Keys(t *testing.T, prefix string) []string {
	t.Helper()
	return strings.Fields(s.CLI(t, "KEYS", prefix+"*"))
}
