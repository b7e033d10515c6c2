//go:build e2e

package network

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestOneConnectionOnHTTP2 pushes from 50 repositories: where everything goes
// out at once from the beginning, and where a refusal and tokens come first,
// all requests share a connection.
func TestOneConnectionOnHTTP2(t *testing.T) {
	t.Parallel()
	images := fixture.NewLargeImageSet(t, 50)
	for _, kind := range registrytest.AuthModes() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			ca := registrytest.NewAuthority(t)
			backend, tokens := kind.Start(t)
			backend.PutImagesApart(t, "src/app", images)
			f := (&registrytest.RecordingProxy{Backend: backend, Tokens: tokens, TLS: ca.ServerCertificate(t, registrytest.PublicName)}).Open(t)
			p := registrytest.StartForwardProxy(t, f.Host)

			s := clitest.Session{}
			if kind.Name != "open" {
				s = registrytest.WithLogin(t, registrytest.PublicName)
			}
			s.Env = append(append(s.Env, p.Env()...), "SSL_CERT_FILE="+ca.File)
			spec := clitest.WriteSpec(t, registrytest.PublicName, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
			s.Run(t, "push", "from-spec", spec).PushedDigest(t)
			if total, _ := f.Conns.Count(); total != 1 {
				t.Errorf("%d connections for %d requests, want 1", total, len(f.Seen.All()))
			}
			for _, r := range f.Seen.All() {
				if r.Proto != "HTTP/2.0" {
					t.Fatalf("%s %s came by %s", r.Method, r.Path, r.Proto)
				}
			}
			p.WantNoPlainHTTP(t)
		})
	}
}

// TestConnectionLimit pushes from 50 repositories to a host that answers none
// of the sources before as many are asked for at once as may be: a narrower run
// opens fewer connections, a wider one more.
func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	backend, ca := registrytest.StartOpen(t), registrytest.NewAuthority(t)
	images := fixture.NewLargeImageSet(t, 50)
	backend.PutImagesApart(t, "src/app", images)
	fronts := map[string]registrytest.RecordingProxy{
		"plain": {Backend: backend},
		"TLS":   {Backend: backend, TLS: ca.ServerCertificate(t, registrytest.PublicName), HTTP1: true},
	}
	for name, settings := range fronts {
		for _, most := range []int{32, 4} {
			t.Run(fmt.Sprintf("%s, %d", name, most), func(t *testing.T) {
				t.Parallel()
				f := settings
				f.Intercept = gathering(most)
				f.Open(t)
				host, s, flags := f.Host, clitest.Session{}, []string{"push"}
				if f.TLS != nil {
					host = registrytest.PublicName
					s.Env = append(registrytest.StartForwardProxy(t, f.Host).Env(), "SSL_CERT_FILE="+ca.File)
				}
				if most != 32 {
					flags = []string{"--jobs", fmt.Sprint(most), "push"}
				}
				repo := fmt.Sprintf("%s-%d", strings.ToLower(name), most)
				spec := clitest.WriteSpec(t, host, images.Spec("REGISTRY/"+repo+":all", "REGISTRY/src/app-%s:1.0"))
				s.Run(t, append(flags, "from-spec", spec)...).PushedDigest(t)
				if _, open := f.Conns.Count(); open != most {
					t.Errorf("%d connections open at once, want %d", open, most)
				}
			})
		}
	}
}

// gathering holds requests for sources until so many are there at once, for a
// while at most. Then it takes its time, so that more of them would come. The
// first one passes: until it is answered, a run may not know the host's scheme.
func gathering(most int) registrytest.Interceptor {
	var came atomic.Int32
	full := make(chan struct{})
	return func(_ http.ResponseWriter, r *http.Request) bool {
		repo, kind, _ := registrytest.SplitPath(r.URL.Path)
		if kind != "manifest" || !strings.HasPrefix(repo, "src/") {
			return false
		}
		switch came.Add(1) {
		case 1:
			return false
		case int32(most) + 1:
			time.AfterFunc(100*time.Millisecond, func() { close(full) })
		}
		select {
		case <-full:
		case <-time.After(clitest.WaitLimit):
		case <-r.Context().Done():
		}
		return false
	}
}

// TestConnectionReusedAfterRefusal has the first request answered by 401 and a
// page: its connection is used again. A body left unread would close it.
func TestConnectionReusedAfterRefusal(t *testing.T) {
	t.Parallel()
	for _, kind := range registrytest.AuthModes()[1:] {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			images := fixture.NewImageSet(t, fixture.OCI(), "app")
			backend.PutImagesApart(t, "src/app", images)
			backend.Put(t, "listed", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))

			read := wordyFront(t, backend, tokens)
			registrytest.WithLogin(t, read.Host).Run(t, "--jobs", "1", "inspect", read.Host+"/listed:all").WantCode(t, 0)
			wantOneRefusalOneConnection(t, read)

			written := wordyFront(t, backend, tokens)
			spec := clitest.WriteSpec(t, written.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
			registrytest.WithLogin(t, written.Host).Run(t, "--jobs", "1", "push", "from-spec", spec).PushedDigest(t)
			wantOneRefusalOneConnection(t, written)
		})
	}
}

// wordyFront explains each refusal on a page of 30 kB.
func wordyFront(t *testing.T, backend *registrytest.Registry, tokens http.Handler) *registrytest.RecordingProxy {
	t.Helper()
	page := bytes.Repeat([]byte("<p>who are you?</p>\n"), 1500)
	return (&registrytest.RecordingProxy{Backend: backend, Tokens: tokens, Rewrite: func(resp *http.Response) {
		if resp.StatusCode == http.StatusUnauthorized && resp.Request.Method != http.MethodHead {
			registrytest.ReplaceBody(resp, page)
		}
	}}).Open(t)
}

func wantOneRefusalOneConnection(t *testing.T, f *registrytest.RecordingProxy) {
	t.Helper()
	all := f.Seen.All()
	refused := f.Seen.Matching(func(r registrytest.Request) bool { return r.Status == http.StatusUnauthorized })
	if len(refused) != 1 || all[0].Status != http.StatusUnauthorized {
		t.Fatalf("%d requests refused, want the first one", len(refused))
	}
	again := f.Seen.Matching(func(r registrytest.Request) bool {
		return r.Status != http.StatusUnauthorized && r.Client == refused[0].Client
	})
	if len(again) == 0 {
		t.Error("the connection of the refused request was not used again")
	}
	// One request at a time may still read an answer beside the next request.
	if total, _ := f.Conns.Count(); total > 2 {
		t.Errorf("%d connections for %d requests, want at most 2", total, len(all))
	}
}
