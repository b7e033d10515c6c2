//go:build e2e

package far

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// at makes exchanges out of pairs of start and end, in any unit.
func at(times ...[2]int) []Exchange {
	var all []Exchange
	for _, t := range times {
		all = append(all, Exchange{Start: time.Unix(int64(t[0]), 0), End: time.Unix(int64(t[1]), 0)})
	}
	return all
}

func TestChainCountsWhatWasWaitedForInSeries(t *testing.T) {
	tests := []struct {
		name string
		all  []Exchange
		want int
	}{
		{"nothing", nil, 0},
		{"one after the other", at([2]int{1, 2}, [2]int{3, 4}, [2]int{5, 6}), 3},
		{"all at once", at([2]int{1, 5}, [2]int{2, 6}, [2]int{3, 7}), 1},
		{"two waves", at([2]int{1, 5}, [2]int{1, 6}, [2]int{7, 9}, [2]int{8, 10}), 2},
		{"a long one beside two short ones", at([2]int{1, 9}, [2]int{1, 3}, [2]int{4, 6}), 2},
		{"the order they are listed in does not matter", at([2]int{5, 6}, [2]int{1, 2}, [2]int{3, 4}), 3},
		{"one without an answer is nobody's reason", append(at([2]int{3, 4}), Exchange{Start: time.Unix(1, 0)}), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Chain(tt.all); got != tt.want {
				t.Errorf("Chain = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestKindsNamesWhatWasAsked(t *testing.T) {
	all := []Exchange{
		{Method: "GET", URI: "/v2/", Status: 401},
		{Method: "GET", URI: "/token?scope=repository%3Aa%3Apull", Status: 200},
		{Method: "GET", URI: "/v2/team/manifests/app/blobs/sha256:00", Status: 200},
		{Method: "HEAD", URI: "/v2/a/manifests/1.0", Status: 404},
		{Method: "POST", URI: "/v2/a/blobs/uploads/?from=b&mount=sha256%3A00", Status: 201},
		{Method: "POST", URI: "/v2/a/blobs/uploads/", Status: 202},
		{Method: "PUT", URI: "/v2/a/blobs/uploads/x?digest=sha256%3A00", Status: 201},
		{Method: "PUT", URI: "/v2/a/blobs/uploads/y?digest=sha256%3A01", Status: 201},
	}
	want := "2 PUT upload 201, 1 GET blob 200, 1 GET ping 401, 1 GET token 200, " +
		"1 HEAD manifest 404, 1 POST mount 201, 1 POST upload 202"
	if diff := cmp.Diff(want, Kinds(all)); diff != "" {
		t.Errorf("Kinds (-want +got):\n%s", diff)
	}
}
