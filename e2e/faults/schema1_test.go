//go:build e2e

package faults

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// schema1 is an image manifest of Docker's first kind, with the signature that
// makes its digest another than that of its bytes.
const schema1 = `{"schemaVersion":1,"name":"app","tag":"1","architecture":"amd64",` +
	`"fsLayers":[{"blobSum":"sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"}],` +
	`"history":[{"v1Compatibility":"{\"id\":\"x\",\"architecture\":\"amd64\",\"os\":\"linux\"}"}],` +
	`"signatures":[{"header":{"alg":"ES256"},"signature":"c2ln","protected":"e30"}]}`

// TestFault18SchemaOneIsCalledByItsName runs every command that reads an image
// on one of schema 1: each says what it is and what to do, and doubts neither
// the digest nor the registry.
func TestFault18SchemaOneIsCalledByItsName(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{
		"signed":     "application/vnd.docker.distribution.manifest.v1+prettyjws",
		"not signed": "application/vnd.docker.distribution.manifest.v1+json",
	} {
		g := registrytest.StartOpen(t)
		images := fixture.NewImageSet(t, fixture.OCI(), "app")
		g.PutImages(t, "new", images)
		claimed := digest.FromString(schema1)
		if name == "signed" {
			claimed = digest.FromString("without its signatures")
		}
		front, _ := g.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
			old := strings.Contains(r.URL.Path, "/v2/old/manifests/")
			if old && r.Method != http.MethodPut {
				w.Header().Set("Content-Type", kind)
				w.Header().Set("Docker-Content-Digest", claimed.String())
				w.Header().Set("Content-Length", fmt.Sprint(len(schema1)))
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(w, schema1)
				}
			}
			return old && r.Method != http.MethodPut
		})
		old, tag := front.Host+"/old:1", front.Host+"/new:"+images[0].Tag
		target := front.Host + "/pushed:1"
		for _, args := range [][]string{
			{"inspect", old},
			{"inspect", "--raw", old},
			{"inspect", "--raw-bytes", old},
			{"inspect", front.Host + "/old@" + claimed.String()},
			{"query", old},
			{"resolve", "--platform", "linux/amd64", old},
			{"diff", old, tag},
			{"diff", tag, old},
			{"verify", old},
			{"push", "from-args", "--platforms", "linux/amd64", "--template", old, "--target", target},
			{"push", "--verify", "none", "from-args", "--platforms", "linux/amd64", "--template", old, "--target", front.Host + "/old:2"},
			{"inspect", "--strict", old},
		} {
			t.Run(name+", "+strings.Join(args[:2], " "), func(t *testing.T) {
				t.Parallel()
				done := clitest.Run(t, args...)
				done.WantCode(t, 1)
				done.WantStderr(t, "schema 1, which is not supported", "hint: Docker has deprecated schema 1")
				if strings.Contains(done.Stderr, "warning") || strings.Contains(done.Stderr, "bytes") || strings.Contains(done.Stderr, "registry?") {
					t.Errorf("stderr:\n%s", done.Stderr)
				}
				g.WantAbsent(t, "pushed", "1")
			})
		}
	}
}
