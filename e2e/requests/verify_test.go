//go:build e2e

package requests

import (
	"fmt"
	"testing"

	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// newRunnableFleet makes n images of three layers each. What an image starts is
// in its uppermost layer; the lowest is the same in all of them.
func newRunnableFleet(t *testing.T, n int) fixture.ImageSet {
	t.Helper()
	var f fixture.ImageSet
	for i := range n {
		tag := fmt.Sprintf("r%02d", i)
		f = append(f, fixture.TaggedImage{Tag: tag, Image: fixture.NewRunnableImage(t, fixture.NewConfig(fmt.Sprintf("linux/amd64:%d", i), "/app"),
			fixture.Files{"shared": "shared"}, fixture.Files{"own": tag}, fixture.Files{"app": "#!/sh\n# " + tag, "sh": fixture.StoredProgram(t, "go-linux-amd64-v1")})})
	}
	return f
}

// TestVerifyRequests holds every request of verify: each blob is asked for
// once, by HEAD or by GET, however many images have it.
func TestVerifyRequests(t *testing.T) {
	t.Parallel()
	all := newRunnableFleet(t, 10)
	for _, kind := range registrytest.AuthModes() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			backend.PutImages(t, "one", all)
			for _, n := range []int{1, 10} {
				g := golden{backend: backend, tokens: tokens, auth: kind.Name, images: all[:n]}
				tag := fmt.Sprintf("all-%d", n)
				index := fixture.NewIndex(t, fixture.OCI(), g.images.Objects()...)
				backend.PutManifest(t, "one", tag, index.MediaType, index.Raw)
				for flag, read := range map[string]int{"--binaries=none": 0, "--binaries=entrypoint": 1, "--binaries=all": 3, "--deep": 3} {
					t.Run(fmt.Sprint(n, " ", flag), func(t *testing.T) {
						f := g.front(t)
						g.session(t, f).Run(t, "verify", flag, f.Host+"/one:"+tag).WantCode(t, 0)
						g.want(t, f, g.wantVerify("one", tag, read))
					})
				}
			}
		})
	}
}

// wantVerify is what inspect asks for, the configs, and each layer once: the
// upper ones as far as they are read are fetched, the others only asked for.
func (g golden) wantVerify(repo, tag string, read int) registrytest.RequestSet {
	w := g.wantInspect(repo, tag)
	for _, one := range g.images {
		names := one.BlobNames()
		w.Add("GET /v2/%s/blobs/%s 200", repo, names[fixture.LayersPerImage])
		for i := range fixture.LayersPerImage {
			name, method := names[i], "HEAD"
			if i >= fixture.LayersPerImage-read {
				method = "GET"
			}
			if i == 0 {
				name = g.sharedLayer()
			}
			w[fmt.Sprintf("%s /v2/%s/blobs/%s 200", method, repo, name)] = 1
		}
	}
	return w
}

// sharedLayer is how rows name the layer that all images have.
func (g golden) sharedLayer() string {
	return g.images.DigestNames().Replace(fixture.DescriptorOf("", g.images[0].Image.Blobs[0]).Digest.String())
}
