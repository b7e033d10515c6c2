package bytesize_test

import (
	"math"
	"testing"

	"manifest-tool/internal/bytesize"
)

func TestFormat(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		71_000_000: "71 MB", 2_500_000_000: "2.5 GB", 1 << 62: "4.6 EB",
	} {
		if got := bytesize.Format(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestAdd(t *testing.T) {
	if got := bytesize.Add(math.MaxInt64-1, 5); got != math.MaxInt64 {
		t.Errorf("%d", got)
	}
	if got := bytesize.Add(2, 3); got != 5 {
		t.Errorf("%d", got)
	}
}
