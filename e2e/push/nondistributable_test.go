//go:build e2e

package push

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// nondistributable returns images of one usual layer and one of the given type, whose
// url must not be requested: first one with the bytes of all layers, then one whose
// source lacks them.
func nondistributable(t *testing.T, family fixture.MediaTypes, layerType, url string) (complete, sparse fixture.Object) {
	t.Helper()
	base := fixture.NewImage(t, family, "windows", ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1"}, 2)
	var m ocispec.Manifest
	clitest.Must(t, json.Unmarshal(base.Raw, &m))
	m.Layers[0].MediaType = layerType
	if url != "" {
		m.Layers[0].URLs = []string{url}
	}
	complete, sparse = base, base
	complete.Raw = clitest.EncodeJSON(t, m)
	sparse.Raw, sparse.Blobs = complete.Raw, base.Blobs[1:]
	return complete, sparse
}

// TestNondistributableLayers has a real registry that requires these layers if they
// have no url, and refuses their urls unless it is configured to accept them.
func TestNondistributableLayers(t *testing.T) {
	t.Parallel()
	const docker, oci = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
	closed := registrytest.StartOpen(t)
	accepting := &registrytest.Registry{
		Scheme: "http", Client: &http.Client{}, Authorize: func(*http.Request) {},
		Host: registrytest.Launch(t, "", "validation:\n  manifests:\n    urls:\n      allow: [\"^http://\"]\n"),
	}
	trap, requests := closed.BehindProxy(t, nil)
	url := "http://" + trap.Host + "/layer"
	for name, tt := range map[string]struct {
		to                *registrytest.Registry
		family            fixture.MediaTypes
		layer, url        string
		without, with     int // exit codes
		withoutIt, withIt []string
	}{
		"required":         {closed, fixture.OCI(), oci, "", 1, 0, []string{"1 layer that is not distributed by registries, and was not copied", oci, "hint: ", "--allow-nondistributable"}, nil},
		"refused":          {closed, fixture.OCI(), oci, url, 1, 1, []string{"was not copied", "--allow-nondistributable"}, []string{"and was copied", "hint: the registry may not accept the urls"}},
		"accepted":         {accepting, fixture.OCI(), oci, url, 0, 0, nil, nil},
		"accepted, docker": {accepting, fixture.Docker(), docker, url, 0, 0, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			complete, sparse := nondistributable(t, tt.family, tt.layer, tt.url)
			from := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": complete})) + ":1"
			lacking := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": sparse})) + ":1"
			repo := strings.ReplaceAll(name, ", ", "-")
			push := func(s clitest.Session, tag, source string, flags ...string) clitest.Result {
				spec := clitest.WriteSpec(t, tt.to.Host, "image: REGISTRY/"+repo+":"+tag+"\nmanifests:\n  - image: "+source+"\n")
				return s.Run(t, append(append([]string{"push"}, flags...), "from-spec", spec)...)
			}
			first := push(clitest.Session{}, "1", from)
			first.WantCode(t, tt.without)
			first.WantStderr(t, tt.withoutIt...)
			if tt.without != 0 {
				tt.to.WantAbsent(t, repo, "1")
			}
			short := push(clitest.Session{}, "2", lacking, "--allow-nondistributable")
			short.WantStderr(t, "warning: the non-distributable layer", "does not have it")
			if tt.without != 0 {
				short.WantCode(t, 1)
				short.WantStderr(t, "was not copied, since the source of the image lacks it", "hint: push the image from a place that has these layers")
			}
			push(clitest.Session{}, "3", lacking, "--allow-nondistributable", "--strict").WantCode(t, 2)
			// The index may be there already, without the layer.
			done := push(clitest.WithSettings(t, "allow-nondistributable: true\n"), "1", from)
			done.WantCode(t, tt.with)
			done.WantStderr(t, tt.withIt...)
			if tt.with == 0 {
				fixture.WantEntries(t, fixture.WantComplete(t, tt.to.Repository(repo), done.PushedDigest(t)), complete)
			}
		})
	}
	if seen := requests.All(); len(seen) > 0 {
		t.Errorf("the url of a layer was requested: %+v", seen)
	}
}
