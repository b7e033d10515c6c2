package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// waits notes how long it was to wait, and does not.
type waits struct {
	mu  sync.Mutex
	sum time.Duration
}

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sum += d
	return ctx.Err()
}

// TestFault76ATagThatShowsLateIsWaitedFor has a registry show nothing, or what
// the tag named before, for some looks after the PUT.
func TestFault76ATagThatShowsLateIsWaitedFor(t *testing.T) {
	for _, before := range []bool{false, true} {
		for _, late := range []int{0, 3, 1000} {
			t.Run(fmt.Sprint(before, late), func(t *testing.T) {
				target, in, _ := twoRegistries(t)
				old := spec.Spec{Image: in.Image, Manifests: in.Manifests[:1]}
				if before {
					if _, _, err := pushed(t, old, Options{}); err != nil {
						t.Fatal(err)
					}
				}
				target.ResetRequests()
				target.Intercept(stale(t, in.Image, before, late))
				w := &waits{}
				err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, Options{Type: TypeAuto, Warn: func(string) {}, Confirm: true, Sleep: w.wait}, func(Result) error { return nil })
				if late < 1000 {
					if err != nil {
						t.Errorf("error %v", err)
					}
					return
				}
				var lost *TagConflictError
				if err == nil || !strings.Contains(err.Error(), "unconfirmed") || errors.As(err, &lost) {
					t.Errorf("error %v, want unconfirmed", err)
				}
				if w.sum == 0 || w.sum > confirmLimit {
					t.Errorf("it was waited for %v", w.sum)
				}
			})
		}
	}
}

// stale hides what was put under a tag for some looks.
func stale(t *testing.T, image string, before bool, looks int) func(http.ResponseWriter, *http.Request) bool {
	t.Helper()
	to, err := reference.Parse(image)
	if err != nil {
		t.Fatal(err)
	}
	old := ocispec.Descriptor{}
	if before {
		if old, err = storeFor(t, to).Head(t.Context(), to); err != nil {
			t.Fatal(err)
		}
	}
	path := "/v2/app/manifests/" + to.Tag
	var put atomic.Bool
	var seen atomic.Int32
	return func(w http.ResponseWriter, req *http.Request) bool {
		if req.URL.Path != path {
			return false
		}
		if req.Method == http.MethodPut {
			put.Store(true)
			return false
		}
		if !put.Load() || int(seen.Add(1)) > looks {
			return false
		}
		if old.Digest == "" {
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		req.URL.Path = "/v2/app/manifests/" + old.Digest.String()
		return false
	}
}

func TestFault77WhatIsExpectedIsLookedAtFirst(t *testing.T) {
	target, in, _ := twoRegistries(t)
	w := &waits{}
	push := func(expect digest.Digest, n int) (digest.Digest, error) {
		target.ResetRequests()
		one := spec.Spec{Image: in.Image, Manifests: in.Manifests[:n]}
		var got digest.Digest
		err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{one}, Options{Type: TypeAuto, Warn: func(string) {}, Expect: expect, Sleep: w.wait},
			func(p Result) error { got = p.Digest; return nil })
		return got, err
	}
	other := digest.FromString("other")
	wantRefused := func(expect digest.Digest) {
		t.Helper()
		_, err := push(expect, 1)
		var unexpected *TagConflictError
		if !errors.As(err, &unexpected) || unexpected.Overwritten {
			t.Errorf("expecting %s: %v", expect, err)
		}
		if w := target.Writes(); len(w) > 0 {
			t.Errorf("expecting %s it wrote %q", expect, w)
		}
	}
	wantRefused(other)
	first, err := push(ExpectAbsent, 2)
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(ExpectAbsent)
	wantRefused(other)
	if _, err := push(first, 1); err != nil {
		t.Error(err)
	}
}

// TestFault77ALostRaceIsReported lets two pushes of one tag run at once, many
// times: whose index the tag names in the end has succeeded, and who fails
// says that another one came first or last.
func TestFault77ALostRaceIsReported(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	sources := []spec.Source{
		{Image: r.Host + "/app:amd64"}, {Image: r.Host + "/app:armv7"},
	}
	manifesttest.PutImage(t, sources[0].Image, ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	manifesttest.PutImage(t, sources[1].Image, ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7)
	w := &waits{}
	for round := range 100 {
		name := fmt.Sprintf("%s/app:race%d", r.Host, round)
		var all sync.WaitGroup
		var errs [2]error
		var digests [2]digest.Digest
		for i := range sources {
			all.Go(func() {
				o := Options{Type: TypeOCI, Warn: func(string) {}, Expect: ExpectAbsent, Sleep: w.wait}
				errs[i] = pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{{Image: name, Manifests: sources[i : i+1]}}, o,
					func(p Result) error { digests[i] = p.Digest; return nil })
			})
		}
		all.Wait()
		to, _ := reference.Parse(name)
		now, err := storeFor(t, to).Head(t.Context(), to)
		if err != nil {
			t.Fatal(err)
		}
		won := false
		for i, err := range errs {
			var unexpected *TagConflictError
			switch {
			case err == nil:
				won = won || digests[i] == now.Digest
			case !errors.As(err, &unexpected):
				t.Errorf("round %d: %v", round, err)
			}
		}
		if !won {
			t.Errorf("round %d: the tag names %s, which nobody has pushed: %v, %v", round, now.Digest, errs[0], errs[1])
		}
	}
}

// TestFault77AWriterThatCameLastIsNamed has another push take the tag right
// after ours: ours does not claim that it holds it.
func TestFault77AWriterThatCameLastIsNamed(t *testing.T) {
	target, in, children := twoRegistries(t)
	path := "/v2/app/manifests/1"
	target.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPut && req.URL.Path == path && target.CountExact("PUT "+path) > 0 {
			req.URL.Path = "/v2/app/manifests/" + children[0].Digest.String()
		}
		return false
	})
	w := &waits{}
	err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, Options{Type: TypeAuto, Warn: func(string) {}, Expect: ExpectAbsent, Sleep: w.wait},
		func(Result) error { return nil })
	var lost *TagConflictError
	if !errors.As(err, &lost) || !lost.Overwritten || lost.Have != children[0].Digest {
		t.Errorf("error %v", err)
	}
}

// TestFault77WhatIsExpectedIsLookedAtAgainAtTheEnd has another push take the tag
// while ours copies its images: ours then sets no tag, neither that one nor the
// further ones.
func TestFault77WhatIsExpectedIsLookedAtAgainAtTheEnd(t *testing.T) {
	target, in, children := twoRegistries(t)
	in.Tags = []string{"2", "3"}
	path := "/v2/app/manifests/"
	target.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if req.URL.Path == path+"1" && len(target.Writes()) > 0 {
			req.URL.Path = path + children[0].Digest.String()
		}
		return false
	})
	w := &waits{}
	var told []Result
	err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, Options{Type: TypeAuto, Warn: func(string) {}, Expect: ExpectAbsent, Sleep: w.wait},
		func(p Result) error { told = append(told, p); return nil })
	var late *TagConflictError
	if !errors.As(err, &late) || !late.DuringPush || late.Overwritten || late.Have != children[0].Digest {
		t.Errorf("error %v", err)
	}
	for _, tag := range []string{"1", "2", "3"} {
		if n := target.CountExact("PUT " + path + tag); n > 0 {
			t.Errorf("tag %s was written", tag)
		}
	}
	if len(told) != 1 || len(told[0].Tags) != 3 {
		t.Fatalf("told was %+v", told)
	}
	for _, r := range told[0].Tags {
		if r.State != TagFailed {
			t.Errorf("tag %s is %s", r.Tag, r.State)
		}
	}
}

// TestFault77TheFurtherTagsFollowTheOneThatIsHeld has another push take the tag
// right after ours: ours then leaves the further tags alone. Where it holds the
// tag, it sets them.
func TestFault77TheFurtherTagsFollowTheOneThatIsHeld(t *testing.T) {
	for _, taken := range []bool{true, false} {
		target, in, children := twoRegistries(t)
		in.Tags = []string{"2", "3"}
		path := "/v2/app/manifests/"
		target.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
			if taken && req.Method == http.MethodHead && req.URL.Path == path+"1" && target.CountExact("PUT "+path+"1") > 0 {
				req.URL.Path = path + children[0].Digest.String()
			}
			return false
		})
		w := &waits{}
		err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, Options{Type: TypeAuto, Warn: func(string) {}, Expect: ExpectAbsent, Sleep: w.wait},
			func(Result) error { return nil })
		var lost *TagConflictError
		if errors.As(err, &lost) != taken || taken != (err != nil) || taken && !lost.Overwritten {
			t.Errorf("error %v", err)
		}
		if n := target.CountExact("PUT " + path + "1"); n != 1 {
			t.Errorf("tag 1 was put %d times", n)
		}
		for _, tag := range []string{"2", "3"} {
			if n := target.CountExact("PUT " + path + tag); (n == 0) != taken {
				t.Errorf("tag %s was put %d times", tag, n)
			}
		}
		if w.sum < recheckDelay {
			t.Errorf("it was waited for %v", w.sum)
		}
	}
}
