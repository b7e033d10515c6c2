package version

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNew(t *testing.T) {
	want := Result{
		Schema: "version/v1", Version: "1.0.0", Commit: "e83c5163", Date: "2026-11-30T12:00:00Z",
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if runtime.GOARCH == "arm" {
		want.Platform += variant()
	}
	if diff := cmp.Diff(want, New("1.0.0", "e83c5163", "2026-11-30T12:00:00Z")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
