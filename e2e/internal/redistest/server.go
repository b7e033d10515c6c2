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

	args    []string
	config  string
	process *exec.Cmd
}

// Start starts a server with more lines for its configuration. It ends with the test.
func Start(t *testing.T, lines ...string) *Server {
	t.Helper()
	return launch(t, nil, append([]string{
		"requirepass " + Password, "masterauth " + Password, `save ""`, "appendonly no", "repl-diskless-sync-delay 0",
	}, lines...))
}

func launch(t *testing.T, args, lines []string) *Server {
	t.Helper()
	port, dir := FreePort(t), t.TempDir()
	s := &Server{Addr: net.JoinHostPort("127.0.0.1", port), args: args, config: filepath.Join(dir, "redis.conf")}
	all := append([]string{"port " + port, "bind 127.0.0.1", "dir " + dir, "logfile " + filepath.Join(dir, "log")}, lines...)
	clitest.Must(t, os.WriteFile(s.config, []byte(strings.Join(all, "\n")+"\n"), 0o600))
	s.Restart(t)
	t.Cleanup(s.Kill)
	return s
}

// FreePort returns a port that no program listens at.
func FreePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	clitest.Must(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	clitest.Must(t, err)
	return port
}

// Restart starts the server again, at the same address, and waits until it responds.
func (s *Server) Restart(t *testing.T) {
	t.Helper()
	s.process = exec.Command(clitest.FindTool(t, "redis-server"), append([]string{s.config}, s.args...)...)
	clitest.Must(t, s.process.Start())
	clitest.WaitFor(t, "redis-server responds", func() bool { return strings.Contains(s.ping(), "PONG") })
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
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait() // killed: how it ended does not matter
}

// Freeze stops the server from responding, without closing its connections, until Thaw.
func (s *Server) Freeze(t *testing.T) {
	t.Helper()
	clitest.Must(t, s.process.Process.Signal(syscall.SIGSTOP))
}

// Thaw lets a frozen server respond again.
func (s *Server) Thaw(t *testing.T) {
	t.Helper()
	clitest.Must(t, s.process.Process.Signal(syscall.SIGCONT))
}

// CLI runs redis-cli at the server and returns its output.
func (s *Server) CLI(t *testing.T, args ...string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Addr)
	clitest.Must(t, err)
	session := clitest.Session{Env: []string{"REDISCLI_AUTH=" + Password}}
	return session.MustRunTool(t, "redis-cli", append([]string{"-h", "127.0.0.1", "-p", port}, args...)...)
}

// StartCluster starts a Cluster of three masters.
func StartCluster(t *testing.T) []*Server {
	t.Helper()
	var all []*Server
	create := []string{"--cluster", "create"}
	for range 3 {
		one := Start(t, "cluster-enabled yes", "cluster-port "+FreePort(t))
		all, create = append(all, one), append(create, one.Addr)
	}
	all[0].CLI(t, append(create, "--cluster-yes")...)
	for _, one := range all {
		clitest.WaitFor(t, "the Cluster is complete", func() bool {
			return strings.Contains(one.CLI(t, "cluster", "info"), "cluster_state:ok")
		})
	}
	return all
}

// StartSentinels starts a master, a replica, and three Sentinels that know the master as
// "main".
func StartSentinels(t *testing.T) (master, replica *Server, sentinels []*Server) {
	t.Helper()
	master = Start(t)
	_, port, err := net.SplitHostPort(master.Addr)
	clitest.Must(t, err)
	replica = Start(t, "replicaof 127.0.0.1 "+port)
	for range 3 {
		sentinels = append(sentinels, launch(t, []string{"--sentinel"}, []string{
			"sentinel monitor main 127.0.0.1 " + port + " 2", "sentinel auth-pass main " + Password,
			"sentinel down-after-milliseconds main 500", "sentinel failover-timeout main 3000",
		}))
	}
	for _, one := range sentinels {
		clitest.WaitFor(t, "the Sentinels know each other and the replica", func() bool {
			info := one.CLI(t, "sentinel", "master", "main")
			return field(info, "num-other-sentinels") == "2" && field(info, "num-slaves") == "1"
		})
	}
	return master, replica, sentinels
}

// field returns the line after a name.
func field(text, name string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines[:max(0, len(lines)-1)] {
		if strings.TrimSpace(line) == name {
			return strings.TrimSpace(lines[i+1])
		}
	}
	return ""
}

// Addresses returns the addresses of servers with commas between.
func Addresses(all []*Server) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, one.Addr)
	}
	return strings.Join(texts, ",")
}

// Keys returns the keys of a server that begin with a prefix.
func (s *Server) Keys(t *testing.T, prefix string) []string {
	t.Helper()
	return strings.Fields(s.CLI(t, "KEYS", prefix+"*"))
}
