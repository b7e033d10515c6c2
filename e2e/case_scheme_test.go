//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLoopbackSchemes runs jobs on hosts of this machine by both names, in
// plain HTTP and in TLS, without being told which: the requests are the same.
func TestLoopbackSchemes(t *testing.T) {
	t.Parallel()
	backend, ca := startOpen(t), newAuthority(t)
	images := newLargeImageSet(t, 10)
	images.put(t, backend, "one")
	images.putApart(t, backend, "src/app")
	backend.put(t, "one", "all", newIndex(t, ociMedia(), images.images()...))
	trust := session{env: []string{"SSL_CERT_FILE=" + ca.file}}
	g := golden{backend: backend, auth: "open", images: images}
	number := 0
	for name, settings := range map[string]recordingProxy{
		"http":           {backend: backend},
		"TLS":            {backend: backend, tls: ca.certificate(t), http1: true},
		"TLS and HTTP/2": {backend: backend, tls: ca.certificate(t)},
	} {
		for _, host := range []string{"127.0.0.1", "localhost"} {
			number++
			repo := fmt.Sprintf("loop-%d", number)
			open := func(t *testing.T) (f recordingProxy, at string) {
				f = settings
				f.open(t)
				return f, strings.Replace(f.host, "127.0.0.1", host, 1)
			}
			t.Run(name+" on "+host+", inspect", func(t *testing.T) {
				t.Parallel()
				f, at := open(t)
				trust.manifestTool(t, "inspect", at+"/one:all").wantCode(t, 0)
				g.want(t, &f, g.wantInspect("one", "all"))
				// One connection that is answered in plain HTTP, one in TLS for all.
				if total, _ := f.conns.count(); f.tls != nil && !f.http1 && total != 2 {
					t.Errorf("%d connections, want 2", total)
				}
			})
			t.Run(name+" on "+host+", push", func(t *testing.T) {
				t.Parallel()
				f, at := open(t)
				g.push(t, trust, images.spec(at+"/"+repo+":all", at+"/src/app-%s:1.0"), "all")
				g.want(t, &f, g.wantOthers(repo, "all"))
			})
			t.Run(name+" on "+host+", push of what is declared", func(t *testing.T) {
				t.Parallel()
				f, at := open(t)
				// All that goes out at first is HEADs, whose answers have no body to tell
				// a TLS host by.
				g.push(t, trust, images.declared(at+"/one:"+repo, at+"/one:%s"), repo, "--verify", "none")
				g.want(t, &f, g.wantSameDeclared("one", repo))
			})
		}
	}
}

// TestAnUnknownAuthorityOnLoopback falls back to nothing: a certificate that
// is not trusted is no reason to go on in plain HTTP.
func TestAnUnknownAuthorityOnLoopback(t *testing.T) {
	t.Parallel()
	backend := startPassword(t)
	f := (&recordingProxy{backend: backend, tls: newAuthority(t).certificate(t)}).open(t)
	done := login(t, f.host).manifestTool(t, "inspect", f.host+"/app:all")
	done.wantCode(t, 1)
	done.wantStderr(t, "certificate")
	if diff := cmp.Diff(requestSet{}, f.seen.rows(imageSet{}.names())); diff != "" {
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
	newImageSet(t, ociMedia(), "app").put(t, backend, "app")
	f := (&recordingProxy{backend: backend, tls: ca.certificate(t)}).open(t)
	for name, c := range map[string]struct {
		entry  string
		flags  []string
		resets int32
	}{
		"found out":         {"", []string{"--ca-file", ca.file}, 1},
		"with a ca-file":    {"ca-file: " + ca.file, nil, 0},
		"said to be secure": {"plain-http: false", []string{"--ca-file", ca.file}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener := listen(t)
			host, text := listener.Addr().String(), "jobs: 8\n"
			if c.entry != "" {
				text = "registries:\n  - name: " + host + "\n    " + c.entry + "\n"
			}
			resets := relayTo(t, listener, f.host)
			done := settings(t, text).manifestTool(t, append(c.flags, "tags", host+"/app")...)
			done.wantCode(t, 0)
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
	newImageSet(t, ociMedia(), "app").put(t, backend, "app")
	relayTo(t, listener, (&recordingProxy{backend: backend, tls: ca.certificate(t)}).open(t).host)
	manifestTool(t, "--insecure", "tags", address+"/app").wantCode(t, 0)
	done := manifestTool(t, "tags", address+"/app")
	done.wantCode(t, 1)
	done.wantStderr(t, "https://"+address+"/", "certificate")
}

// TestAnErrorNamesTheSchemeThatWasSpoken has nobody listen on a host of this
// machine, which is asked in plain HTTP.
func TestAnErrorNamesTheSchemeThatWasSpoken(t *testing.T) {
	t.Parallel()
	gone := listen(t)
	must(t, gone.Close())
	done := manifestTool(t, "inspect", gone.Addr().String()+"/app:all")
	done.wantCode(t, 1)
	done.wantStderr(t, `"http://`+gone.Addr().String()+`/v2/app/manifests/all"`, "connection refused")
	// Neither does one name https that came from elsewhere: a token server.
	server := newTokenServer(t)
	f := (&recordingProxy{backend: startTokenAuth(t, server)}).open(t)
	done = login(t, f.host).manifestTool(t, "inspect", f.host+"/app:all")
	done.wantCode(t, 1)
	done.wantStderr(t, "getting a token for "+f.host, `"http://`+f.host+`/v2/app/manifests/all"`)
}
