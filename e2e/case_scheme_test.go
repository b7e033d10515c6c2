//go:build e2e

package e2e

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
)

// TestAnUnknownAuthorityOnLoopback falls back to nothing: a certificate that
// is not trusted is no reason to go on in plain HTTP.
func TestAnUnknownAuthorityOnLoopback(t *testing.T) {
	t.Parallel()
	backend := startPassword(t)
	f := (&recordingProxy{Backend: backend, TLS: newAuthority(t).ServerCertificate(t)}).Open(t)
	done := login(t, f.Host).Run(t, "inspect", f.Host+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, "certificate")
	if diff := cmp.Diff(requestSet{}, f.Seen.Rows(imageSet{}.DigestNames())); diff != "" {
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

// TestATLSServerThatResetsPlainConnections is found out about like any other,
// and is not even tried in plain HTTP where the settings of the host are about
// TLS.
func TestATLSServerThatResetsPlainConnections(t *testing.T) {
	t.Parallel()
	backend, ca := startOpen(t), newAuthority(t)
	backend.PutImages(t, "app", newImageSet(t, ociMedia(), "app"))
	f := (&recordingProxy{Backend: backend, TLS: ca.ServerCertificate(t)}).Open(t)
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
			listener := listen(t)
			host, text := listener.Addr().String(), "jobs: 8\n"
			if c.entry != "" {
				text = "registries:\n  - name: " + host + "\n    " + c.entry + "\n"
			}
			resets := relayTo(t, listener, f.Host)
			done := settings(t, text).Run(t, append(c.flags, "tags", host+"/app")...)
			done.WantCode(t, 0)
			if n := resets.Load(); n != c.resets {
				t.Errorf("%d plain connections, want %d", n, c.resets)
			}
		})
	}
}

// TestALoopbackAddressWithoutAPort has a registry at port 443 and none at 80.
func TestALoopbackAddressWithoutAPort(t *testing.T) {
	t.Parallel()
	const address = "127.77.44.3"
	listener, err := net.Listen("tcp", address+":443")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Skipf("this user or system has no port 443 of an address of its own: %v", err)
	}
	must(t, err)
	backend, ca := startOpen(t), newAuthority(t)
	backend.PutImages(t, "app", newImageSet(t, ociMedia(), "app"))
	relayTo(t, listener, (&recordingProxy{Backend: backend, TLS: ca.ServerCertificate(t)}).Open(t).Host)
	manifestTool(t, "--insecure", "tags", address+"/app").WantCode(t, 0)
	done := manifestTool(t, "tags", address+"/app")
	done.WantCode(t, 1)
	done.WantStderr(t, "https://"+address+"/", "certificate")
}

// TestAnErrorNamesTheSchemeThatWasSpoken has nobody listen on a host of this
// machine, which is asked in plain HTTP.
func TestAnErrorNamesTheSchemeThatWasSpoken(t *testing.T) {
	t.Parallel()
	gone := listen(t)
	must(t, gone.Close())
	done := manifestTool(t, "inspect", gone.Addr().String()+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, `"http://`+gone.Addr().String()+`/v2/app/manifests/all"`, "connection refused")
	// Neither does one name https that came from elsewhere: a token server.
	server := newTokenServer(t)
	f := (&recordingProxy{Backend: startTokenAuth(t, server)}).Open(t)
	done = login(t, f.Host).Run(t, "inspect", f.Host+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, "getting a token for "+f.Host, `"http://`+f.Host+`/v2/app/manifests/all"`)
}
