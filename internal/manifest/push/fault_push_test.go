package push

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// storeFor is a store that may read a reference.
func storeFor(t *testing.T, ref reference.Ref) *store.Store {
	t.Helper()
	s := manifesttest.NewStore(t)
	s.Announce(ref, false)
	return s
}

// pretend takes a manifest and does not keep it.
func pretend(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	w.Header().Set("Docker-Content-Digest", req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:])
	w.WriteHeader(http.StatusCreated)
}

// twoRegistries are a source with two images and an empty target, and the in
// that copies them.
func twoRegistries(t *testing.T) (target *manifesttest.Registry, in spec.Spec, children []ocispec.Descriptor) {
	t.Helper()
	source, target := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	children = []ocispec.Descriptor{
		manifesttest.PutImage(t, source.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64),
		manifesttest.PutImage(t, source.Host+"/app:armv7", ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7),
	}
	return target, spec.Spec{
		Image:     target.Host + "/app:1",
		Manifests: []spec.Source{{Image: source.Host + "/app:amd64"}, {Image: source.Host + "/app:armv7"}},
	}, children
}

// TestFault65AChildThatTheTargetLostIsPushedAgain has a registry take a child
// without keeping it, and refuse the index for that.
func TestFault65AChildThatTheTargetLostIsPushedAgain(t *testing.T) {
	target, in, children := twoRegistries(t)
	child := "PUT /v2/app/manifests/" + children[1].Digest.String()
	target.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		lost := req.Method+" "+req.URL.Path == child && target.CountExact(child) == 1
		if lost {
			pretend(w, req)
		}
		return lost
	})
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	if n, tags := target.CountExact(child), target.CountExact("PUT /v2/app/manifests/1"); n != 2 || tags != 2 {
		t.Errorf("the child was put %d times and the tag %d times, want 2 and 2", n, tags)
	}
}

// unknownBlob refuses a manifest as distribution 2.8 does while another push
// writes a blob of it.
func unknownBlob(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprint(w, `{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"},`+
		`{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}`)
}

// TestFault65ABlobThatTheTargetMissesIsLookedAtAgain has a registry refuse a
// manifest for want of what was pushed a moment before.
func TestFault65ABlobThatTheTargetMissesIsLookedAtAgain(t *testing.T) {
	tests := []struct {
		name    string
		of      string // the manifest that is refused: child or 1, the tag
		refused int    // how often
		gone    bool   // the blobs are gone by then
		works   bool
		// puts are those of what is refused, uploads those of all blobs.
		puts, uploads int
	}{
		{"an image, once", "child", 1, false, true, 2, 4},
		{"an image whose blobs are gone", "child", 1, true, true, 2, 6},
		{"an image, again and again", "child", 100, false, false, 2, 4},
		{"the index, once", "1", 1, false, true, 2, 4},
		{"the index, until its children came again", "1", 2, false, true, 3, 8},
		{"the index, again and again", "1", 100, false, false, 3, 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target, in, children := twoRegistries(t)
			path := "/v2/app/manifests/" + strings.Replace(tt.of, "child", children[1].Digest.String(), 1)
			target.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
				isRefused := req.Method == http.MethodPut && req.URL.Path == path && target.CountExact("PUT "+path) <= tt.refused
				isGone := tt.gone && req.Method == http.MethodHead && strings.Contains(req.URL.Path, "/blobs/")
				if isRefused {
					unknownBlob(w, req)
				} else if isGone {
					w.WriteHeader(http.StatusNotFound)
				}
				return isRefused || isGone
			})
			w := &waits{}
			_, _, err := pushed(t, in, Options{Sleep: w.wait})
			if tt.works != (err == nil) || !tt.works && !errors.Is(err, store.ErrMissingContent) {
				t.Errorf("error %v", err)
			}
			uploads := 0
			for _, what := range target.Writes() {
				if strings.HasPrefix(what, "PUT /v2/app/blobs/uploads/") {
					uploads++
				}
			}
			// A push that fails ends what it does beside that.
			if puts := target.CountExact("PUT " + path); puts != tt.puts || uploads > tt.uploads || tt.works && uploads < tt.uploads {
				t.Errorf("it was put %d times, and %d blobs were, want %d and %d", puts, uploads, tt.puts, tt.uploads)
			}
			if w.sum < 200*time.Millisecond || w.sum > time.Second {
				t.Errorf("it was waited for %v", w.sum)
			}
			if named := target.CountExact("PUT /v2/app/manifests/1"); !tt.works && tt.of == "child" && named > 0 {
				t.Error("the tag was put all the same")
			}
		})
	}
}

// TestFault66ASparseIndexThatIsRefusedNamesWhatIsMissing has a registry never
// keep one child: it is pushed once more, and then named.
func TestFault66ASparseIndexThatIsRefusedNamesWhatIsMissing(t *testing.T) {
	target, in, children := twoRegistries(t)
	child := "PUT /v2/app/manifests/" + children[1].Digest.String()
	target.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		lost := req.Method+" "+req.URL.Path == child
		if lost {
			pretend(w, req)
		}
		return lost
	})
	_, _, err := pushed(t, in, Options{})
	if !errors.Is(err, store.ErrMissingContent) {
		t.Fatalf("error %v", err)
	}
	if text := err.Error(); !strings.Contains(text, "linux/arm/v7 ("+children[1].Digest.String()+")") || strings.Contains(text, "linux/amd64") {
		t.Errorf("error %v", err)
	}
	if n := target.CountExact(child); n != 2 {
		t.Errorf("the child was put %d times, want 2", n)
	}
	if n := target.CountExact("PUT /v2/app/manifests/1"); n != 2 {
		t.Errorf("the tag was put %d times, want 2", n)
	}
}

// TestFault71EveryTagIsPutOnceAndChildrenByDigest is about cases 71 and 72:
// no tag ever names a child, not even for a moment.
func TestFault71EveryTagIsPutOnceAndChildrenByDigest(t *testing.T) {
	target, in, children := twoRegistries(t)
	in.Tags = []string{"1.0", "latest", "1"}
	var mu sync.Mutex
	var puts []string
	target.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodPut && strings.Contains(req.URL.Path, "/manifests/") {
			mu.Lock()
			defer mu.Unlock()
			puts = append(puts, strings.TrimPrefix(req.URL.Path, "/v2/app/manifests/")+" "+req.Header.Get("Content-Type"))
		}
		return false
	})
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, d := range children {
		want = append(want, d.Digest.String()+" "+ocispec.MediaTypeImageManifest)
	}
	for _, tag := range []string{"1", "1.0", "latest"} {
		want = append(want, tag+" "+ocispec.MediaTypeImageIndex)
	}
	mu.Lock()
	defer mu.Unlock()
	first, last := slices.Clone(puts[:min(2, len(puts))]), slices.Clone(puts[min(2, len(puts)):])
	slices.Sort(first)
	slices.Sort(last)
	slices.Sort(want[:2])
	if diff := cmp.Diff(want, append(first, last...)); diff != "" {
		t.Errorf("PUTs, children before tags (-want +got):\n%s", diff)
	}
}

func TestFault72EveryTagIsPutOnce(t *testing.T) {
	target, in, _ := twoRegistries(t)
	in.Tags = []string{"1.0", "latest", "1"}
	if _, _, err := pushed(t, in, Options{Confirm: true, Sleep: nil}); err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"1", "1.0", "latest"} {
		if n := target.CountExact("PUT /v2/app/manifests/" + tag); n != 1 {
			t.Errorf("%s was put %d times", tag, n)
		}
	}
}

// immutable refuses every PUT of a tag.
func immutable(status int, code string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPut || !strings.Contains(req.URL.Path, "/manifests/") || strings.Contains(req.URL.Path, "sha256:") {
			return false
		}
		_, _ = io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"errors":[{"code":%q,"message":"no"}]}`, code)
		return true
	}
}

func TestFault73AnImmutableTagThatIsRightIsSuccess(t *testing.T) {
	target, in, _ := twoRegistries(t)
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	target.ResetRequests()
	target.Intercept(immutable(400, "TAG_INVALID"))
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	if w := target.Writes(); len(w) > 0 {
		t.Errorf("it wrote %q", w)
	}
	// A tag that another one set to the same index in the meantime.
	looked := false
	target.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodHead && strings.HasSuffix(req.URL.Path, "/1") && !looked {
			looked = true
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		return immutable(409, "CONFLICT")(w, req)
	})
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Errorf("a tag that became right meanwhile: %v", err)
	}
}

func TestFault74AnImmutableTagThatIsAnothersIsItsOwnError(t *testing.T) {
	for _, answer := range []struct {
		status int
		code   string
	}{{400, "TAG_INVALID"}, {403, "DENIED"}, {409, "CONFLICT"}, {412, "PRECONDITION_FAILED"}} {
		t.Run(fmt.Sprint(answer.status), func(t *testing.T) {
			target, in, children := twoRegistries(t)
			if _, _, err := pushed(t, in, Options{}); err != nil {
				t.Fatal(err)
			}
			to, _ := reference.Parse(in.Image)
			old, err := storeFor(t, to).Head(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			target.Intercept(immutable(answer.status, answer.code))
			in.Manifests = in.Manifests[:1]
			_, _, err = pushed(t, in, Options{})
			var refused *TagRejectedError
			if !errors.As(err, &refused) || refused.Have != old.Digest || refused.Want == old.Digest || refused.Want == children[0].Digest {
				t.Errorf("error %v", err)
			}
			if err != nil && (!strings.Contains(err.Error(), refused.Have.String()) || !strings.Contains(err.Error(), refused.Want.String())) {
				t.Errorf("a digest is not named: %v", err)
			}
		})
	}
}

func TestFault75OneTagOfSevenIsRefused(t *testing.T) {
	target, in, _ := twoRegistries(t)
	in.Tags = []string{"2", "3", "4", "5", "6", "7"}
	target.Fail("PUT /v2/app/manifests/4", http.StatusForbidden)
	_, _, err := pushed(t, in, Options{})
	var partial *PartialError
	if !errors.As(err, &partial) {
		t.Fatalf("error %v, want a PartialError", err)
	}
	if diff := cmp.Diff([][]string{{"1", "2", "3", "5", "6", "7"}, {"4"}}, [][]string{partial.Written, partial.Failed}); diff != "" {
		t.Errorf("written, failed (-want +got):\n%s", diff)
	}
	if len(partial.Results) != 7 || !errors.Is(partial.Results[3].Err, store.ErrDenied) {
		t.Errorf("results %+v", partial.Results)
	}
	to, _ := reference.Parse(in.Image)
	for _, tag := range partial.Written {
		if _, err := storeFor(t, to).Get(t.Context(), to.WithTag(tag)); err != nil {
			t.Errorf("%s counts as written: %v", tag, err)
		}
	}
}

// TestFault80AnAnswerThatIsLostIsNoSecondChange has the PUT of a tag take
// effect and its connection close, in every try of the first run.
func TestFault80AnAnswerThatIsLostIsNoSecondChange(t *testing.T) {
	target, in, _ := twoRegistries(t)
	var swallowing atomic.Bool
	swallowing.Store(true)
	var again atomic.Bool
	target.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPut || !strings.HasSuffix(req.URL.Path, "/manifests/1") || !swallowing.Load() || again.Swap(true) {
			return false
		}
		inner, err := http.NewRequestWithContext(req.Context(), req.Method, "http://"+target.Host+req.URL.Path, req.Body)
		if err == nil {
			inner.Header = req.Header.Clone()
			if resp, err := http.DefaultClient.Do(inner); err == nil {
				_ = resp.Body.Close()
			}
		}
		panic(http.ErrAbortHandler)
	})
	// The client's own second try finds the tag as it wants it.
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	swallowing.Store(false)
	target.ResetRequests()
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	if w := target.Writes(); len(w) > 0 {
		t.Errorf("the second run wrote %q", w)
	}
}

// TestFault81ASourceTagThatMovesIsReadOnce moves a source's tag as soon as it
// was read.
func TestFault81ASourceTagThatMovesIsReadOnce(t *testing.T) {
	source, target := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	first := manifesttest.PutImage(t, source.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	manifesttest.PutImage(t, source.Host+"/app:other", ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7)
	source.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if strings.HasSuffix(req.URL.Path, "/manifests/amd64") && source.CountExact("GET /v2/app/manifests/amd64") > 1 {
			req.URL.Path = "/v2/app/manifests/other"
		}
		return false
	})
	source.ResetRequests()
	index, _, err := pushed(t, spec.Spec{Image: target.Host + "/app:1", Manifests: []spec.Source{{Image: source.Host + "/app:amd64"}}}, Options{Type: TypeOCI})
	if err != nil {
		t.Fatal(err)
	}
	if len(index.Manifests) != 1 || index.Manifests[0].Digest != first.Digest {
		t.Errorf("the index names %+v, want %s", index.Manifests, first.Digest)
	}
	if n := source.CountExact("GET /v2/app/manifests/amd64") + source.CountExact("HEAD /v2/app/manifests/amd64"); n != 1 {
		t.Errorf("the tag was read %d times", n)
	}
}

// TestFault82AChildThatIsCollectedMidPushComesBack removes a child of the
// target's own repository just before the tag is put.
func TestFault82AChildThatIsCollectedMidPushComesBack(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	child := manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	var collected atomic.Bool
	r.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodPut && strings.HasSuffix(req.URL.Path, "/manifests/1") && !collected.Swap(true) {
			for _, name := range []string{child.Digest.String(), "amd64"} {
				inner, err := http.NewRequestWithContext(req.Context(), http.MethodDelete, "http://"+r.Host+"/v2/app/manifests/"+name, nil)
				if err == nil {
					if resp, err := http.DefaultClient.Do(inner); err == nil {
						_ = resp.Body.Close()
					}
				}
			}
		}
		return false
	})
	if _, _, err := pushed(t, spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}}}, Options{}); err != nil {
		t.Fatal(err)
	}
	to, _ := reference.Parse(r.Host + "/app:1")
	if _, err := storeFor(t, to).Get(t.Context(), to.WithDigest(child.Digest)); err != nil || !collected.Load() {
		t.Errorf("collected: %v; the child: %v", collected.Load(), err)
	}
}
