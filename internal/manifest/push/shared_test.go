package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// indexesOfOneImage are specs of n indexes in one repository, of an image of another
// registry.
func indexesOfOneImage(t *testing.T, n int) (specs []spec.Spec, to *manifesttest.Registry) {
	t.Helper()
	from, to := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, from.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	for i := range n {
		specs = append(specs, spec.Spec{Image: fmt.Sprintf("%s/app:%d", to.Host, i), Manifests: []spec.Source{{Image: from.Host + "/app:amd64"}}})
	}
	return specs, to
}

func TestAll_CopiesOnceIntoARepository(t *testing.T) {
	specs, to := indexesOfOneImage(t, 20)
	if err := pushSpecs(t.Context(), manifesttest.NewStore(t), specs, Options{}, func(Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	manifests, uploads := 0, 0
	for _, w := range to.Writes() {
		if strings.HasPrefix(w, "PUT /v2/app/manifests/sha256:") {
			manifests++
		}
		if strings.HasPrefix(w, "POST /v2/app/blobs/uploads/") {
			uploads++
		}
	}
	if manifests != 1 || uploads != 2 {
		t.Errorf("%d puts of the image and %d uploads, want 1 and 2 (its config and its layer)", manifests, uploads)
	}
}

// What an index copied for another one is copied again if the registry says that it is
// missing.
func TestAll_CopiesLostContentAgain(t *testing.T) {
	specs, to := indexesOfOneImage(t, 3)
	var refused, again atomic.Int32
	to.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodPut && strings.HasPrefix(req.URL.Path, "/v2/app/manifests/sha256:") {
			again.Add(1)
		}
		if req.Method != http.MethodPut || req.URL.Path != "/v2/app/manifests/2" || again.Load() > 1 {
			return false
		}
		refused.Add(1)
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}`))
		return true
	})
	if err := pushSpecs(t.Context(), manifesttest.NewStore(t), specs, Options{}, func(Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if refused.Load() == 0 || again.Load() != 2 {
		t.Errorf("refused %d times, the image put %d times; want it put again", refused.Load(), again.Load())
	}
}

// A copy that fails for one index does not keep another one from copying the same
// blob from elsewhere.
func TestSharingWriter_FailureIsNotShared(t *testing.T) {
	to, err := reference.Parse("registry.example.com/app:1")
	if err != nil {
		t.Fatal(err)
	}
	s := &sharingWriter{targets: map[string]bool{"registry.example.com/app": true}}
	refused := errors.New("refused")
	writes := 0
	write := func(err error) func() error { return func() error { writes++; return err } }
	for i, c := range []struct{ fails, want error }{{refused, refused}, {nil, nil}} {
		if err := s.once(t.Context(), to, "blob", write(c.fails)); !errors.Is(err, c.want) {
			t.Errorf("copy %d: error %v, want %v", i, err, c.want)
		}
	}
	if writes != 2 {
		t.Errorf("%d copies, want 2", writes)
	}
}

// --confirm reads a tag back that other indexes of the run have read as a source before
// it was written.
func TestAll_ConfirmsATagThatIsASource(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	amd64 := manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	manifesttest.PutIndex(t, r.Host+"/app:all", manifesttest.WithPlatform(amd64, manifesttest.LinuxAMD64))
	manifesttest.PutImage(t, r.Host+"/app:arm", ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7)
	specs := []spec.Spec{{Image: r.Host + "/app:all", Manifests: []spec.Source{{Image: r.Host + "/app:arm"}}}}
	for _, tag := range []string{"b", "c"} {
		specs = append(specs, spec.Spec{Image: r.Host + "/app:" + tag, Manifests: []spec.Source{{Image: r.Host + "/app:all"}}})
	}
	sleep := func(context.Context, time.Duration) error { return nil }
	if err := pushSpecs(t.Context(), manifesttest.NewStore(t), specs, Options{Confirm: true, Sleep: sleep}, func(Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// If a result cannot be shown, what is begun is finished, and listed as it is.
func TestAll_OutputFails(t *testing.T) {
	specs, to := indexesOfOneImage(t, 40)
	var shown int
	err := pushSpecs(t.Context(), manifesttest.NewStore(t), specs, Options{}, func(Result) error {
		shown++
		return errors.New("broken pipe")
	})
	var failed *manifest.OutputError
	if !errors.As(err, &failed) || len(failed.Written)+len(failed.Remaining) != len(specs) {
		t.Fatalf("error %v", err)
	}
	tags := 0
	for _, w := range to.Writes() {
		if strings.HasPrefix(w, "PUT /v2/app/manifests/") && !strings.Contains(w, "sha256:") {
			tags++
		}
	}
	if tags != len(failed.Written) || shown != tags {
		t.Errorf("%d tags put, %d indexes listed as written, %d shown", tags, len(failed.Written), shown)
	}
}
