//go:build e2e

package faults

import (
	"bytes"
	"net/http"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault64ASessionIsGivenBackToARealRegistry copies a layer that turns out to
// be damaged when its last byte is read. A session that has whole chunks, or
// nothing yet, is given back. One that got a part of a body is asked to be: what
// becomes of that is the registry's matter, and distribution 2.8 says no.
func TestFault64ASessionIsGivenBackToARealRegistry(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	layer := bytes.Repeat([]byte("0123456789abcdef"), 6<<20/16)
	config := clitest.EncodeJSON(t, ocispec.Image{Platform: fixture.ParsePlatform("linux/amd64")})
	family := fixture.OCI()
	image := fixture.NewManifest(t, family.Manifest, family.Config, config, []ocispec.Descriptor{fixture.DescriptorOf(family.Layer, layer)}, [][]byte{layer}, fixture.ParsePlatform("linux/amd64"))
	from := fixture.WriteLayout(t, map[string]fixture.Object{"1": image})
	from.WriteFile(t, fixture.BlobPath(fixture.DescriptorOf("", layer).Digest), append(layer[:len(layer)-1:len(layer)-1], 'x'))
	for name, c := range map[string]struct {
		answer registrytest.Interceptor
		given  []int
	}{
		"in one PUT": {func(http.ResponseWriter, *http.Request) bool { return false }, []int{http.StatusNoContent, http.StatusNotFound}},
		"in chunks": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				w.Header().Set("OCI-Chunk-Min-Length", "1000")
			}
			return false
		}, []int{http.StatusNoContent}},
		"refused": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut {
				return false
			}
			w.WriteHeader(http.StatusForbidden)
			return true
		}, []int{http.StatusNoContent}},
	} {
		g, seen := open.BehindProxy(t, c.answer)
		done := clitest.Run(t, "push", "from-args", "--platforms", "linux/amd64", "--template", "oci-layout://"+string(from)+":1", "--target", g.Host+"/app:1")
		if done.Code != 1 && done.Code != 2 { // refused, or bad input: whichever comes first
			t.Errorf("%s: exit code %d", name, done.Code)
		}
		clitest.WantText(t, "stdout", "", done.Stdout)
		gone := seen.Matching(func(r registrytest.Request) bool { return r.Method == http.MethodDelete && r.Kind == "upload" })
		if len(gone) == 0 {
			t.Errorf("%s: no session was given back", name)
		}
		for _, r := range gone {
			if r.Status != c.given[0] && r.Status != c.given[len(c.given)-1] {
				t.Errorf("%s: giving a session back was answered %d", name, r.Status)
			}
		}
		open.WantAbsent(t, "app", "1")
	}
}
