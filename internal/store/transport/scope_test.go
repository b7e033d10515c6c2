package transport

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestARequestNeedsWhatItTouches(t *testing.T) {
	tests := []struct {
		method, url string
		want        access
	}{
		{"GET", "/v2/", access{}},
		{"GET", "/v2/_catalog", access{}},
		{"GET", "/somewhere/a/manifests/1", access{}},
		{"GET", "/v2/a/manifests/1", access{repository: "a"}},
		{"HEAD", "/v2/team/app/manifests/1", access{repository: "team/app"}},
		{"PUT", "/v2/a/manifests/1", access{repository: "a", write: true}},
		{"GET", "/v2/a/blobs/sha256:00", access{repository: "a"}},
		{"GET", "/v2/a/tags/list?n=5", access{repository: "a"}},
		{"GET", "/v2/a/referrers/sha256:00", access{repository: "a"}},
		{"POST", "/v2/a/blobs/uploads/", access{repository: "a", write: true}},
		{"PUT", "/v2/a/blobs/uploads/1?digest=sha256:00", access{repository: "a", write: true}},
		{"POST", "/v2/a/blobs/uploads/?mount=sha256:00&from=b", access{repository: "a", write: true, from: "b"}},
		{"POST", "/v2/a/blobs/uploads/?mount=sha256:00&from=a", access{repository: "a", write: true}},
		{"GET", "/v2/team/manifests/app/blobs/sha256:00", access{repository: "team/manifests/app"}},
		{"GET", "/v2/blobs/manifests/1", access{repository: "blobs"}},
		{"GET", "/v2/a/manifests/manifests/1", access{repository: "a/manifests"}},
		{"PUT", "/v2/a/tags/b/blobs/uploads/1", access{repository: "a/tags/b", write: true}},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.url, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, "https://registry.example"+tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := accessOf(req); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestATokenCoversThePlan(t *testing.T) {
	many := func(from, to int) string {
		var names []string
		for i := from; i < to; i++ {
			names = append(names, fmt.Sprintf("source%02d", i))
		}
		return strings.Join(names, " ")
	}
	tests := []struct {
		name          string
		reads, writes string
		need          access
		want          string // repositories, those with ! for writing; "" is no token
	}{
		{"one read", "a", "", access{repository: "a"}, "a"},
		{"several reads share a token", "a b c", "", access{repository: "b"}, "a b c"},
		{"the destination alone", "", "d", access{repository: "d", write: true}, "d!"},
		{"a read of the destination", "", "d", access{repository: "d"}, "d!"},
		{"read and written is named once", "a d", "d", access{repository: "d"}, "d! a"},
		{"a source of a push", "a b", "d", access{repository: "a"}, "d! a b"},
		{"a mount", "a b", "d", access{repository: "d", write: true, from: "b"}, "d! a b"},
		{"a mount between two destinations", "", "d e", access{repository: "d", write: true, from: "e"}, "d! e!"},
		{"several destinations", "a", "d e", access{repository: "e", write: true}, "d! e! a"},
		{"a request outside any repository", "a", "d", access{}, "d! a"},
		{"reading what was not announced", "a", "d", access{repository: "x"}, ""},
		{"writing what was only to be read", "a", "d", access{repository: "a", write: true}, ""},
		{"mounting from what was not announced", "a", "d", access{repository: "d", write: true, from: "x"}, ""},
		{"the first group of many", many(0, 45), "d", access{repository: "source19"}, "d! " + many(0, 20)},
		{"the second group of many", many(0, 45), "d", access{repository: "source20"}, "d! " + many(20, 40)},
		{"the last group of many", many(0, 45), "d", access{repository: "d", write: true, from: "source44"}, "d! " + many(40, 45)},
		{"a write beside many", many(0, 45), "d", access{repository: "d", write: true}, "d! " + many(0, 20)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p accessPlan
			for _, list := range []struct {
				names string
				write bool
			}{{tt.reads, false}, {tt.writes, true}, {tt.reads, false}} { // announcing twice adds nothing
				for _, repository := range strings.Fields(list.names) {
					p.add(repository, list.write)
				}
			}
			var want []string
			for _, word := range strings.Fields(tt.want) {
				repository, write := strings.CutSuffix(word, "!")
				want = append(want, scopeFor(repository, write))
			}
			if diff := cmp.Diff(want, p.scopes(tt.need)); diff != "" {
				t.Errorf("scopes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnExactTokenCoversOneRequest(t *testing.T) {
	tests := []struct {
		name    string
		need    access
		written bool // the plan writes the repository
		want    []string
	}{
		{"a read", access{repository: "a"}, false, []string{"repository:a:pull"}},
		{"a read of the destination is a token for writing as well", access{repository: "d"}, true, []string{"repository:d:pull,push"}},
		{"a write", access{repository: "d", write: true}, true, []string{"repository:d:pull,push"}},
		{"a mount", access{repository: "d", write: true, from: "a"}, true, []string{"repository:d:pull,push", "repository:a:pull"}},
		{"outside any repository", access{}, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.need.ownScopes(tt.written)); diff != "" {
				t.Errorf("scopes (-want +got):\n%s", diff)
			}
		})
	}
}
