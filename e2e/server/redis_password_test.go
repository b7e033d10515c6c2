//go:build e2e

package server

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault41PasswordOfRedis has a server in place of Redis that repeats the arguments
// of a command that it does not know, as Redis does.
func TestFault41PasswordOfRedis(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	clitest.Must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				lines := bufio.NewScanner(conn)
				for lines.Scan() {
					if strings.Contains(lines.Text(), "wonderland") {
						fmt.Fprintf(conn, "-ERR unknown command 'AUTH', with args beginning with: '%s'\r\n", lines.Text())
					}
				}
			}()
		}
	}()
	s := registrytest.WithLogin(t, "registry.example")
	s.Env = append(s.Env, "MANIFEST_TOOL_CACHE_PASSWORD=wonderland")
	v := s.Serve(t, "--cache", "redis://"+listener.Addr().String())
	get(t, v, "/v1/images/registry.example/app:1")
	if log := v.Log(); strings.Contains(log, "wonderland") || !strings.Contains(log, "beginning with: 'REDACTED'") {
		t.Error(log)
	}
}
