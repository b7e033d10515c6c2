//go:build e2e

package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault102BadClients sends what no HTTP client library sends.
func TestFault102BadClients(t *testing.T) {
	t.Parallel()
	v := clitest.Session{}.Serve(t)
	raw := func(text string) string {
		conn, err := net.DialTimeout("tcp", v.Address(), 10*time.Second)
		clitest.Must(t, err)
		defer conn.Close()
		clitest.Must(t, conn.SetDeadline(time.Now().Add(clitest.WaitLimit)))
		_, _ = io.WriteString(conn, text) // the service may answer before it has all
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return line
	}
	host := "Host: " + v.Address() + "\r\n\r\n"
	for text, status := range map[string]string{
		"GET /v1/images/" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\n" + host: "431",
		"GET /v1/images/" + strings.Repeat("a", 9<<10) + " HTTP/1.1\r\n" + host: "414",
		"GET /v1/images/../../etc/passwd HTTP/1.1\r\n" + host:                   "400",
		"GET /v1/images/a//b HTTP/1.1\r\n" + host:                               "400",
		"BREW /mquery HTTP/1.1\r\n" + host:                                      "405",
		"GET /mquery?image=a\nb HTTP/1.1\r\n" + host:                            "400",
		"GET /healthz HTTP/1.1\r\nHost: rebound.example\r\n\r\n":                "421",
		"GET http://rebound.example/healthz HTTP/1.1\r\n" + host:                "421",
		"GET /healthz HTTP/1.1\r\n\r\n":                                         "400",
		"nonsense\r\n\r\n":                                                      "400",
		"GET /healthz HTTP/1.1\r\n" + host:                                      "200",
	} {
		if line := raw(text); !strings.Contains(line, " "+status+" ") {
			t.Errorf("%.60q: %q, want %s", text, line, status)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(v.Log()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has %q", line)
		}
	}
}

// TestFault102SlowClientsDoNotBlockOthers opens many connections that send a part of a
// request. All are closed by the service, and others are answered meanwhile: while one
// that came before them is still open. On a busy machine its time may be over before.
func TestFault102SlowClientsDoNotBlockOthers(t *testing.T) {
	const clients, requests = 10000, 20 // each client takes a descriptor here and one there
	v := clitest.Session{}.Serve(t)
	conns := make([]net.Conn, clients, clients+requests)
	for i := range conns {
		conns[i] = startSlowly(t, v)
	}
	before := 0
	for range requests {
		slow := startSlowly(t, v)
		conns = append(conns, slow)
		if r := get(t, v, "/healthz"); r.Status != http.StatusOK {
			t.Errorf("status %d", r.Status)
		}
		clitest.Must(t, slow.SetReadDeadline(time.Now().Add(time.Millisecond)))
		if _, err := slow.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			before++
		}
	}
	if before <= requests/2 {
		t.Errorf("%d of %d requests were answered before a slow client was closed", before, requests)
	}
	for _, conn := range conns {
		clitest.Must(t, conn.SetDeadline(time.Now().Add(clitest.WaitLimit)))
		if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("it is not closed: %v", err)
		}
	}
}

// startSlowly connects to a service and sends a part of a request.
func startSlowly(t *testing.T, v *clitest.Service) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", v.Address(), clitest.WaitLimit)
	clitest.Must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: ")
	clitest.Must(t, err)
	return conn
}

// TestFault103DrainsAndEnds stops a service while a request waits for a registry.
func TestFault103DrainsAndEnds(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "1", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/arm64"), 1))
	arrived, release := make(chan bool, 1), make(chan bool)
	slow, _ := g.BehindProxy(t, func(http.ResponseWriter, *http.Request) bool {
		select {
		case arrived <- true:
			<-release
		default:
		}
		return false
	})
	v := clitest.Session{}.Serve(t, "--allow-registry", slow.Host)
	status := make(chan int, 1)
	go func() {
		resp, err := http.Get(v.URL + "/v1/images/" + slow.Host + "/app:1") //nolint:noctx // it ends with the service
		if err != nil {
			status <- 0
			return
		}
		_ = resp.Body.Close()
		status <- resp.StatusCode
	}()
	<-arrived
	ended := make(chan int, 1)
	var took time.Duration
	go func() {
		code, duration := v.Stop(t)
		took = duration
		ended <- code
	}()
	clitest.WaitFor(t, "the end of the listener", func() bool {
		conn, err := net.DialTimeout("tcp", v.Address(), time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	close(release)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request in progress: status %d", got)
	}
	if code := <-ended; code != 0 || took > 10*time.Second {
		t.Errorf("exit code %d after %v\n%s", code, took, v.Log())
	}
}
