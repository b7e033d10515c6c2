//go:build e2e

package requests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/registrytest"
)

// want compares what a front has seen with what is expected besides the first
// refusal: a registry tells only in a 401 what it asks for.
func (g golden) want(t *testing.T, f *registrytest.RecordingProxy, want registrytest.RequestSet) {
	t.Helper()
	got := f.Seen.Rows(g.images.DigestNames())
	if g.auth != "open" {
		got = g.dropRefusal(t, f, got, want)
	}
	if diff := cmp.Diff(want.Difference(got), got.Difference(want)); diff != "" {
		t.Errorf("requests to %s (-want +got):\n%s", f.Host, diff)
	}
}

// dropRefusal takes the 401 out that the first request got. Which of the
// requests that go out together comes first is open; it is one that is made
// again.
func (g golden) dropRefusal(t *testing.T, f *registrytest.RecordingProxy, got, want registrytest.RequestSet) registrytest.RequestSet {
	t.Helper()
	first := f.Seen.All()[0].Row(g.images.DigestNames())
	request, refused := strings.CutSuffix(first, " 401")
	if !refused || f.Seen.All()[0].Header.Get("Authorization") != "" {
		t.Errorf("the first request was %s, want one that has no credentials and is refused", first)
	}
	if want[request+" 200"]+want[request+" 404"] == 0 {
		t.Errorf("the first request was %s, which is not needed", request)
	}
	return got.Without(first)
}
