//go:build e2e

package requests

import (
	"testing"

	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestQueryRequests holds every request of query, resolve and diff: the index,
// and nothing where it suffices.
func TestQueryRequests(t *testing.T) {
	t.Parallel()
	images := fixture.NewLargeImageSet(t, 12)
	for _, kind := range registrytest.AuthModes() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			backend.PutImages(t, "one", images)
			g := golden{backend: backend, tokens: tokens, auth: kind.Name, images: images}
			older := fixture.NewIndex(t, fixture.OCI(), images[:10].Objects()...)
			newer := fixture.NewIndex(t, fixture.OCI(), images[1:11].Objects()...)
			backend.PutManifest(t, "one", "older", older.MediaType, older.Raw)
			backend.PutManifest(t, "one", "newer", newer.MediaType, newer.Raw)
			for _, job := range g.asked(older.Digest().String()) {
				t.Run(job.name, func(t *testing.T) {
					t.Parallel()
					f := g.front(t)
					g.session(t, f).Run(t, job.args(f.Host)...).WantCode(t, job.code)
					f.Seen.WantNoWrites(t)
					g.want(t, f, job.want)
				})
			}
		})
	}
}

// asking is one question and the requests it needs.
type asking struct {
	name string
	args func(host string) []string
	code int
	want registrytest.RequestSet
}

func (g golden) asked(same string) []asking {
	on := func(args ...string) func(string) []string {
		return func(host string) []string {
			var all []string
			for _, a := range args {
				if a[0] == '/' {
					a = host + a
				}
				all = append(all, a)
			}
			return all
		}
	}
	const windows = "windows/amd64:10.0.20348.3"
	return []asking{
		{"query of an index", on("query", "/one:older"), 0, g.wantManifest("one", "manifests/older")},
		{"query of an image", on("query", "/one:i00"), 0, g.wantManifest("one", "manifests/i00", "blobs/"+g.images[0].ConfigName())},
		{"query of both, with platforms", on("query", "--has", windows, "/one:older", "/one:newer"), 0, g.wantManifest("one", "manifests/older", "manifests/newer")},
		{"resolve", on("resolve", "--platform", windows, "/one:older"), 0, g.wantManifest("one", "manifests/older")},
		{"resolve for many, by any rule", on("resolve", "--rule", "podman", "--platform", windows+",linux/arm/v7", "/one:older"), 3, g.wantManifest("one", "manifests/older")},
		{"resolve of an image", on("resolve", "--platform", windows, "/one:i03"), 0, g.wantManifest("one", "manifests/i03", "blobs/"+g.images[3].ConfigName())},
		{"diff of the same", on("diff", "/one:older", "/one@"+same), 0, g.wantManifest("one", "manifests/older", "manifests/"+same)},
		{"diff, one more and one less", on("diff", "--platform", windows, "/one:older", "/one:newer"), 0, g.wantManifest("one", "manifests/older", "manifests/newer")},
		// Builds of one Windows are a pair, so here all entries are equal or
		// read: one comes and one goes, and these two are compared.
		{
			"diff of two that changed", on("diff", "/one:older", "/one:newer"), 3, g.wantManifest("one", "manifests/older", "manifests/newer",
				"manifests/<image i00>", "manifests/<image i10>", "blobs/"+g.images[0].ConfigName(), "blobs/"+g.images[10].ConfigName()),
		},
		{"diff without reading", on("diff", "--shallow", "/one:older", "/one:newer"), 3, g.wantManifest("one", "manifests/older", "manifests/newer")},
	}
}

// wantManifest is a GET for each path of one repository.
func (g golden) wantManifest(repo string, paths ...string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	for _, path := range paths {
		w.Add("GET /v2/%s/%s 200", repo, path)
	}
	g.addTokens(w, nil, []string{repo})
	return w
}
