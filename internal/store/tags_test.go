package store

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSeveralTagsInOneRequest(t *testing.T) {
	o := smallIndex("x")
	for _, c := range []struct {
		name  string
		ask   bool
		knows []string // the tags the registry says it has set
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
			s, err := New(Options{Host: func(string) Host { return Host{TagParams: c.ask} }})
			if err != nil {
				t.Fatal(err)
			}
			failed := s.PutTags(t.Context(), ref(t, s, f.host+"/d:1", true), []string{"1", "2", "3"}, o)
			if err := errors.Join(failed...); err != nil || len(failed) != 3 {
				t.Errorf("results %v", failed)
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
