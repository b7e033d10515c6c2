//go:build e2e

package faults

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault65AManifestThatCameTooEarlyIsPutAgain has a registry refuse the
// manifest of an image once, in the words of distribution 2.8, for a blob that
// another push is just writing.
func TestFault65AManifestThatCameTooEarlyIsPutAgain(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "early")
	source, target := registrytest.StartOpen(t), registrytest.StartOpen(t)
	source.PutImages(t, "src", images)
	early := images[1].Image.Digest().String()
	var once sync.Once
	front, seen := target.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) (refused bool) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/"+early) {
			once.Do(func() {
				refused = true
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"},`+
					`{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}`)
			})
		}
		return refused
	})
	done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", images.Spec(front.Host+"/app:1", source.Host+"/src:%s")))
	images.WantPushed(t, done, target.Repository("app"))
	if n := len(seen.Matching(func(r registrytest.Request) bool { return r.Method == http.MethodPut && r.Ref == early })); n != 2 {
		t.Errorf("it was put %d times, want 2", n)
	}
	if n := len(seen.Matching(func(r registrytest.Request) bool {
		return r.Method == http.MethodHead && strings.Contains(r.Path, "/blobs/")
	})); n == 0 {
		t.Error("the registry was not asked for the blobs")
	}
}

// TestFault65PushesIntoAFreshRepositoryAtOnce is what pipelines do: some of them
// push the same images, under tags of their own, into a repository that is not
// there yet. The registry's own files are in each other's way then.
func TestFault65PushesIntoAFreshRepositoryAtOnce(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "fresh")
	target, _ := registrytest.StartOnDisk(t)
	from := fixture.WriteLayout(t, images.ByTag())
	for round := range 10 {
		var all sync.WaitGroup
		runs := make([]clitest.Result, 6)
		for i := range runs {
			file := clitest.WriteSpec(t, "", images.Spec(fmt.Sprintf("%s/app-%d:t%d", target.Host, round, i), "oci-layout://"+string(from)+":%s"))
			all.Go(func() { runs[i] = clitest.Run(t, "push", "from-spec", file) })
		}
		all.Wait()
		for _, done := range runs {
			done.WantCode(t, 0)
		}
		images.WantPushed(t, runs[0], target.Repository(fmt.Sprintf("app-%d", round)))
	}
}
