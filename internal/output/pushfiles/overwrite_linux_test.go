package pushfiles

import (
	"os"
	"strings"
	"testing"

	"manifest-tool/internal/manifest/push"
)

// A file that cannot be replaced is written in place. The name of the process is such a
// file: its directory takes no others. Its first 15 bytes are kept.
func TestWrite_InPlace(t *testing.T) {
	const path = "/proc/self/comm"
	before, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("there is no %s: %v", path, err)
	}
	t.Cleanup(func() { write(t, path, string(before)) })
	target := parse(t, "registry.example.com/app:1")
	mustWrite(t, Files{Digest: path}, false, []push.Result{result(target, nil, nil)})
	want := digestOf(target.String()).String()[:15]
	if got := strings.TrimSpace(content(t, path)); got != want {
		t.Errorf("the file has %q, want %q", got, want)
	}
}

// The streams of the process are not files: to replace the file that the output goes to
// would lose the output.
func TestCheck_Streams(t *testing.T) {
	for _, path := range []string{"/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1"} {
		if err := (Files{Digest: path}).Check(); err == nil || !strings.Contains(err.Error(), "not a file of its own") {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
