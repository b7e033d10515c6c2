//go:build e2e

package requests

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestLoopbackSchemes runs jobs on hosts of this machine by both names, in
// plain HTTP and in TLS, without being told which: the requests are the same.
func TestLoopbackSchemes(t *testing.T) {
	t.Parallel()
	backend, ca := registrytest.StartOpen(t), registrytest.NewAuthority(t)
	images := fixture.NewLargeImageSet(t, 10)
	backend.PutImages(t, "one", images)
	backend.PutImagesApart(t, "src/app", images)
	backend.Put(t, "one", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))
	trust := clitest.Session{Env: []string{"SSL_CERT_FILE=" + ca.File}}
	g := golden{backend: backend, auth: "open", images: images}
	number := 0
	for name, settings := range map[string]registrytest.RecordingProxy{
		"http":           {Backend: backend},
		"TLS":            {Backend: backend, TLS: ca.ServerCertificate(t), HTTP1: true},
		"TLS and HTTP/2": {Backend: backend, TLS: ca.ServerCertificate(t)},
	} {
		for _, host := range []string{"127.0.0.1", "localhost"} {
			number++
			repo := fmt.Sprintf("loop-%d", number)
			open := func(t *testing.T) (f registrytest.RecordingProxy, at string) {
				f = settings
				f.Open(t)
				return f, strings.Replace(f.Host, "127.0.0.1", host, 1)
			}
			t.Run(name+" on "+host+", inspect", func(t *testing.T) {
				t.Parallel()
				f, at := open(t)
				trust.Run(t, "inspect", at+"/one:all").WantCode(t, 0)
				g.want(t, &f, g.wantInspect("one", "all"))
				// One connection that is answered in plain HTTP, one in TLS for all.
				if total, _ := f.Conns.Count(); f.TLS != nil && !f.HTTP1 && total != 2 {
					t.Errorf("%d connections, want 2", total)
				}
			})
			t.Run(name+" on "+host+", push", func(t *testing.T) {
				t.Parallel()
				f, at := open(t)
				g.push(t, trust, images.Spec(at+"/"+repo+":all", at+"/src/app-%s:1.0"), "all")
				g.want(t, &f, g.wantOthers(repo, "all"))
			})
			t.Run(name+" on "+host+", push of what is declared", func(t *testing.T) {
				t.Parallel()
				f, at := open(t)
				// All that goes out at first is HEADs, whose answers have no body to tell
				// a TLS host by.
				g.push(t, trust, images.SpecWithPlatforms(at+"/one:"+repo, at+"/one:%s"), repo, "--verify", "none")
				g.want(t, &f, g.wantSameDeclared("one", repo))
			})
		}
	}
}
