package store

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
)

// joinTagErrors returns the errors of all tags.
func joinTagErrors(results []TagStatus) error {
	var errs []error
	for _, r := range results {
		errs = append(errs, r.Err)
	}
	return errors.Join(errs...)
}

func TestSeveralTagsInOneRequest(t *testing.T) {
	o := smallIndex("x")
	for _, c := range []struct {
		name  string
		ask   bool
		knows []string // the tags that the registry reports as set
		puts  []string
	}{
		{"not asked for", false, nil, []string{"/1", "/2", "/3"}},
		{"the registry knows the way", true, []string{"1", "2", "3"}, []string{"?tag"}},
		{"it sets one of them", true, []string{"2"}, []string{"/1", "/3", "?tag"}},
		{"it does not know the way", true, nil, []string{"/1", "/2", "/3", "?tag"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			puts := map[string]int{}
			f := newFront(t, nil)
			f.answer = func(w http.ResponseWriter, r *http.Request) bool {
				f.mu.Lock()
				defer f.mu.Unlock()
				if tags := r.URL.Query()["tag"]; len(tags) > 0 {
					puts["?tag"]++
					for _, tag := range c.knows {
						w.Header().Add("OCI-Tag", tag)
					}
					return false
				}
				puts["/"+r.URL.Path[len("/v2/d/manifests/"):]]++
				return false
			}
			s, err := New(Options{Host: func(string) RegistryConfig { return RegistryConfig{TagParams: c.ask} }})
			if err != nil {
				t.Fatal(err)
			}
			results := s.PutTags(t.Context(), ref(t, s, f.host+"/d:1", true), []string{"1", "2", "3"}, o)
			if diff := cmp.Diff([]TagStatus{{Tag: "1"}, {Tag: "2"}, {Tag: "3"}}, results); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			want := map[string]int{}
			for _, p := range c.puts {
				want[p] = 1
			}
			if diff := cmp.Diff(want, puts); diff != "" {
				t.Errorf("puts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFault77ATagIsLookedAtRightBeforeItsPUT is about a registry, which has no
// step that compares and writes.
func TestFault77ATagIsLookedAtRightBeforeItsPUT(t *testing.T) {
	o, other := smallIndex("x"), smallIndex("other")
	const look, write = "HEAD /v2/d/manifests/1", "PUT /v2/d/manifests/1 Created"
	for name, c := range map[string]struct {
		there bool
		want  digest.Digest
		met   bool
	}{
		"it is that":           {true, other.Descriptor.Digest, true},
		"it is something else": {true, o.Descriptor.Digest, false},
		"it was to be absent":  {true, "", false},
		"it is absent":         {false, "", true},
		"it should be there":   {false, o.Descriptor.Digest, false},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := newFront(t, nil), newStore(t)
			r := ref(t, s, f.host+"/d:1", true)
			have, status := digest.Digest(""), " Not Found"
			if c.there {
				if err := s.Put(t.Context(), r, other); err != nil {
					t.Fatal(err)
				}
				have, status = other.Descriptor.Digest, " OK"
			}
			f.forget()
			err := joinTagErrors(s.CompareAndPutTags(t.Context(), r, c.want, []string{"1"}, o))
			var unmet *TagMismatchError
			if (err == nil) != c.met || err != nil && (!errors.As(err, &unmet) || unmet.Have != have) {
				t.Errorf("error %v", err)
			}
			want := map[string]int{look + status: 1}
			if c.met {
				want[write] = 1
			}
			f.wantExactly(t, want)
		})
	}
}

// TestWhatCannotBeLookedAtIsNotWritten has a registry that denies every read.
func TestWhatCannotBeLookedAtIsNotWritten(t *testing.T) {
	f, s := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	}), newStore(t)
	err := joinTagErrors(s.CompareAndPutTags(t.Context(), ref(t, s, f.host+"/d:1", true), "", []string{"1"}, smallIndex("x")))
	if !errors.Is(err, ErrDenied) {
		t.Errorf("error %v", err)
	}
	f.wantExactly(t, map[string]int{"HEAD /v2/d/manifests/1 Forbidden": 1, "GET /v2/d/manifests/1 Forbidden": 1})
}
