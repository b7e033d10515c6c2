//go:build e2e

package assemble

import (
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

const subjectType = "application/vnd.example.collection"

// TestSubject pushes indexes that are about an image to a registry without the referrers
// API: other clients find them by the fallback tag, which is written when asked.
func TestSubject(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	subject := g.Host + "/app:amd64"
	about := "subject: " + subject + "\nartifactType: " + subjectType + "\n"
	first := clitest.WriteSpec(t, g.Host, about+images.Spec("REGISTRY/app:1", "REGISTRY/app:%s"))
	second := clitest.WriteSpec(t, g.Host, about+"annotations: {n: '2'}\n"+images.Spec("REGISTRY/app:2", "REGISTRY/app:%s"))
	fallback := strings.Replace(images[0].Image.Digest().String(), ":", "-", 1)

	clitest.Run(t, "push", "from-spec", first).WantStderr(t, "--referrers-tag writes the tag")
	g.WantAbsent(t, "app", fallback) // it was not asked for
	var digests []string
	for _, spec := range []string{first, second, second} {
		done := clitest.Run(t, "push", "from-spec", "--confirm", "--referrers-tag", spec)
		if d := done.PushedDigest(t).String(); !slices.Contains(digests, d) {
			digests = append(digests, d)
		}
	}
	s := clitest.Session{Home: t.TempDir()}
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	for name, listed := range map[string]string{
		"regctl": s.MustRunTool(t, "regctl", "artifact", "list", "--format", "{{json .}}", subject),
		"oras":   s.MustRunTool(t, "oras", "discover", "--plain-http", "--format", "json", subject),
		"ours":   s.Run(t, "inspect", "--referrers", "-o", "json", subject).Stdout,
	} {
		for _, d := range digests {
			if !strings.Contains(listed, d) || !strings.Contains(listed, subjectType) {
				t.Errorf("%s does not list %s:\n%s", name, d, listed)
			}
		}
	}
}

// TestSubjectUnconfirmed has a registry that reports the fallback tag as written and loses
// it, as another client does that writes its list at the same time. With --confirm that is
// noticed, and the index is added again.
func TestSubjectUnconfirmed(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	var toLose atomic.Int32
	front, _ := g.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/manifests/sha256-") || toLose.Add(-1) < 0 {
			return false
		}
		if raw, err := io.ReadAll(r.Body); err == nil {
			w.Header().Set("Docker-Content-Digest", digest.FromBytes(raw).String())
		}
		w.WriteHeader(http.StatusCreated)
		return true
	})
	spec := clitest.WriteSpec(t, front.Host, "subject: REGISTRY/app:amd64\nartifactType: "+subjectType+"\n"+images.Spec("REGISTRY/app:1", "REGISTRY/app:%s"))
	push := func(lost int32, code int, flags ...string) {
		t.Helper()
		toLose.Store(lost)
		done := clitest.Run(t, append([]string{"push", "from-spec", "--referrers-tag", spec}, flags...)...)
		done.WantCode(t, code)
		if code != 0 {
			done.WantStderr(t, "is unconfirmed: it does not list")
		}
	}
	push(1, 0)
	push(100, 4, "--confirm")
	push(2, 0, "--confirm")
	if listed := clitest.Run(t, "inspect", "--referrers", "-o", "json", g.Host+"/app:amd64").Stdout; !strings.Contains(listed, subjectType) {
		t.Errorf("the index is not listed:\n%s", listed)
	}
}

// TestSubjectReplaced has another client that read the list of the fallback tag before this
// push wrote it, and writes its own a moment later. With --confirm the index is added again.
func TestSubjectReplaced(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	const list = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`
	var puts atomic.Int32
	front, _ := g.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/sha256-") && puts.Add(1) == 1 {
			time.AfterFunc(100*time.Millisecond, func() {
				g.PutManifest(t, "app", filepath.Base(r.URL.Path), ocispec.MediaTypeImageIndex, []byte(list))
			})
		}
		return false
	})
	spec := clitest.WriteSpec(t, front.Host, "subject: REGISTRY/app:amd64\nartifactType: "+subjectType+"\n"+images.Spec("REGISTRY/app:1", "REGISTRY/app:%s"))
	clitest.Run(t, "push", "from-spec", "--referrers-tag", "--confirm", spec).WantCode(t, 0)
	listed := clitest.Run(t, "inspect", "--referrers", "-o", "json", g.Host+"/app:amd64").Stdout
	if puts.Load() != 2 || !strings.Contains(listed, subjectType) {
		t.Errorf("the fallback tag was written %d times, want 2:\n%s", puts.Load(), listed)
	}
}

// TestSubjectTagOfAnotherKind has an image, or a Docker list, under the fallback tag: it is not
// replaced.
func TestSubjectTagOfAnotherKind(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	g.PutImages(t, "app", images)
	tag := strings.Replace(images[0].Image.Digest().String(), ":", "-", 1)
	spec := clitest.WriteSpec(t, g.Host, "subject: REGISTRY/app:amd64\n"+images.Spec("REGISTRY/app:1", "REGISTRY/app:%s"))
	for _, other := range []fixture.Object{images[1].Image, fixture.NewIndex(t, fixture.Docker(), images[1].Image)} {
		g.Put(t, "app", tag, other)
		done := clitest.Run(t, "push", "from-spec", "--referrers-tag", spec)
		done.WantCode(t, 4)
		done.WantStderr(t, "it is "+other.MediaType+", not a list of referrers")
		if now, _ := g.Manifest(t, "app", tag); now.Digest != other.Digest() {
			t.Errorf("the fallback tag of %s is %s now", other.Digest(), now.Digest)
		}
	}
}
