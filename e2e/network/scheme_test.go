//go:build e2e

package network

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestUnknownAuthorityOnLoopback falls back to nothing: a certificate that is
// not trusted is no reason to go on in plain HTTP.
func TestUnknownAuthorityOnLoopback(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartBasic(t)
	f := (&registrytest.RecordingProxy{Backend: backend, TLS: registrytest.NewAuthority(t).ServerCertificate(t)}).Open(t)
	done := registrytest.WithLogin(t, f.Host).Run(t, "inspect", f.Host+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, "certificate")
	if diff := cmp.Diff(registrytest.RequestSet{}, f.Seen.Rows(fixture.ImageSet{}.DigestNames())); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// relayTo passes connections to a listener on to host, bytes as they are, until
// the test ends. One whose first byte is not that of a TLS handshake is reset,
// and counted.
func relayTo(t *testing.T, listener net.Listener, host string) (resets *atomic.Int32) {
	t.Helper()
	resets = &atomic.Int32{}
	t.Cleanup(func() { _ = listener.Close() })
	pass := func(c *net.TCPConn) {
		defer c.Close()
		first := make([]byte, 1)
		if _, err := io.ReadFull(c, first); err != nil || first[0] != 0x16 {
			resets.Add(1)
			_ = c.SetLinger(0)
			return
		}
		to, err := net.Dial("tcp", host)
		if err != nil {
			return
		}
		defer to.Close()
		go func() { _, _ = io.Copy(to, io.MultiReader(bytes.NewReader(first), c)) }() // ends with c
		_, _ = io.Copy(c, to)
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if tcp, ok := c.(*net.TCPConn); ok {
				go pass(tcp)
			}
		}
	}()
	return resets
}

// TestTLSServerResetsPlainConnections is found out about like any other, and is
// not even tried in plain HTTP where the settings of the host are about TLS.
func TestTLSServerResetsPlainConnections(t *testing.T) {
	t.Parallel()
	backend, ca := registrytest.StartOpen(t), registrytest.NewAuthority(t)
	backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	f := (&registrytest.RecordingProxy{Backend: backend, TLS: ca.ServerCertificate(t)}).Open(t)
	for name, c := range map[string]struct {
		entry  string
		flags  []string
		resets int32
	}{
		"found out":         {"", []string{"--ca-file", ca.File}, 1},
		"with a ca-file":    {"ca-file: " + ca.File, nil, 0},
		"said to be secure": {"plain-http: false", []string{"--ca-file", ca.File}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener := registrytest.Listen(t)
			host, text := listener.Addr().String(), "jobs: 8\n"
			if c.entry != "" {
				text = "registries:\n  - name: " + host + "\n    " + c.entry + "\n"
			}
			resets := relayTo(t, listener, f.Host)
			done := clitest.WithSettings(t, text).Run(t, append(c.flags, "tags", host+"/app")...)
			done.WantCode(t, 0)
			if n := resets.Load(); n != c.resets {
				t.Errorf("%d plain connections, want %d", n, c.resets)
			}
		})
	}
}

// TestLoopbackAddressWithoutPort has a registry at port 443 and none at 80.
func TestLoopbackAddressWithoutPort(t *testing.T) {
	t.Parallel()
	const address = "127.77.44.3"
	listener, err := net.Listen("tcp", address+":443")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Skipf("this user or system has no port 443 of an address of its own: %v", err)
	}
	clitest.Must(t, err)
	backend, ca := registrytest.StartOpen(t), registrytest.NewAuthority(t)
	backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	relayTo(t, listener, (&registrytest.RecordingProxy{Backend: backend, TLS: ca.ServerCertificate(t)}).Open(t).Host)
	clitest.Run(t, "--insecure", "tags", address+"/app").WantCode(t, 0)
	done := clitest.Run(t, "tags", address+"/app")
	done.WantCode(t, 1)
	done.WantStderr(t, "https://"+address+"/", "certificate")
}

// TestErrorNamesScheme has nobody listen on a host of this machine, which is
// asked in plain HTTP.
func TestErrorNamesScheme(t *testing.T) {
	t.Parallel()
	gone := registrytest.ClosedPort(t)
	done := clitest.Run(t, "inspect", gone+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, `"http://`+gone+`/v2/app/manifests/all"`, "connection refused")
	// Neither does one name https that came from elsewhere: a token server.
	server := registrytest.NewTokenServer(t)
	f := (&registrytest.RecordingProxy{Backend: registrytest.StartTokenAuth(t, server)}).Open(t)
	done = registrytest.WithLogin(t, f.Host).Run(t, "inspect", f.Host+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, "getting a token for "+f.Host, `"http://`+f.Host+`/v2/app/manifests/all"`)
}
