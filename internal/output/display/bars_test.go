package display

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/progress"
)

func sha(digit string) digest.Digest { return digest.Digest("sha256:" + strings.Repeat(digit, 64)) }

// blobAt returns a blob in progress.
func blobAt(digit, from string, bytes, size int64, rate float64) *blobProgress {
	what := progress.Transfer{Action: progress.ActionCopy, Digest: sha(digit), From: from, To: "reg.example/app", Size: size}
	return &blobProgress{
		BlobState: progress.BlobState{Transfer: what, State: progress.StateActive, Bytes: bytes, Moved: bytes},
		meter:     meter{moved: rate, seconds: 1},
	}
}

func someFrame() frame {
	return frame{
		elapsed: 5 * time.Second, rate: 3.9e6,
		active: []*blobProgress{
			blobAt("a", "registry.example.com/platform-team/checkout", 1_700_000, 7_000_000, 585e3),
			blobAt("b", "oci-layout://b", 120e6, 1.5e9, 0),
			blobAt("c", "oci-layout://c", 0, 0, 0),
		},
		total: progress.Total{Blobs: 23, Ended: 5, Bytes: 340e6, Size: 1_600_000_000},
	}
}

func TestBars(t *testing.T) {
	for columns, want := range map[int][]string{
		60: {
			"aaaaaaaaaaaa      ███░░░░░░░░░░░  1.7 MB / 7.0 MB  585 kB/s",
			"bbbbbbbbbbbb      █░░░░░░░░░░░░░  120 MB / 1.5 GB     0 B/s",
			"cccccccccccc      ░░░░░░░░░░░░░░        0 B / 0 B     0 B/s",
			"5 of 23 blobs     ██░░░░░░░░░░░░  340 MB / 1.6 GB  3.9 MB/s",
		},
		80: {
			"…eam/checkout aaaaaaaaaaaa  █████░░░░░░░░░░░░░░░░░░░  1.7 MB / 7.0 MB  585 kB/s",
			"…i-layout://b bbbbbbbbbbbb  █░░░░░░░░░░░░░░░░░░░░░░░  120 MB / 1.5 GB     0 B/s",
			"…i-layout://c cccccccccccc  ░░░░░░░░░░░░░░░░░░░░░░░░        0 B / 0 B     0 B/s",
			"5 of 23 blobs, 5m23s left   █████░░░░░░░░░░░░░░░░░░░  340 MB / 1.6 GB  3.9 MB/s",
		},
		40: {
			"aaaaaaaaaaaa  1.7 MB / 7.0 MB  585 kB/s"[:39],
			"bbbbbbbbbbbb  120 MB / 1.5 GB     0 B/s"[:39],
			"cccccccccccc        0 B / 0 B     0 B/s"[:39],
			"5/23 blobs    340 MB / 1.6 GB  3.9 MB/s"[:39],
		},
		10: {"aaaaaaaaa", "bbbbbbbbb", "ccccccccc", "5/23 blob"},
	} {
		v := &barView{unicode: true}
		if diff := cmp.Diff(want, v.lines(someFrame(), columns, 24)); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", columns, diff)
		}
	}
	ascii := (&barView{}).lines(someFrame(), 80, 24)
	if want := "...m/checkout aaaaaaaaaaaa  [=====-----------------]  1.7 MB / 7.0 MB  585 kB/s"; ascii[0] != want {
		t.Errorf("without Unicode:\n%s, want\n%s", ascii[0], want)
	}
}

// TestBarsFitTheTerminal holds the width of all lines, and their number: whatever is
// copied, no line is broken, and the first one does not leave the screen.
func TestBarsFitTheTerminal(t *testing.T) {
	f := someFrame()
	for _, from := range []string{"oci-layout:///tmp/レイヤー/図面/資料/バックアップ", "oci-layout://\x1b[2J\n", strings.Repeat("x", 400)} {
		f.active = append(f.active, blobAt("d", from, 999_999_999_999_999, 1<<62, 999_999_999))
	}
	for range 20 {
		f.active = append(f.active, blobAt("e", "e", 1, 2, 3))
	}
	f.total.Blobs, f.total.Size = 1_234_567, 1<<62
	for _, v := range []*barView{{unicode: true}, {}} {
		for columns := range 200 {
			for _, rows := range []int{1, 2, 5, 24, 100} {
				lines := v.lines(f, columns, rows)
				if len(lines) > max(1, rows-1) || len(lines) > maxBars+1 {
					t.Fatalf("%d lines in %d rows", len(lines), rows)
				}
				for _, line := range lines {
					if width := cells(line); width > max(1, columns-1) && columns > 30 || strings.ContainsAny(line, "\x1b\n") {
						t.Fatalf("%d columns: %q has %d", columns, line, width)
					}
				}
			}
		}
	}
}

// cells is the width of a line; the characters of its bars have one column.
func cells(line string) int {
	n := 0
	for _, r := range line {
		n++
		if r >= 0x2e80 { // the beginning of East Asian scripts
			n++
		}
	}
	return n
}

func TestTotalLabel(t *testing.T) {
	for _, c := range []struct {
		total progress.Total
		rate  float64
		width int
		want  string
	}{
		{progress.Total{Blobs: 1, Bytes: 10, Size: 100}, 10, 48, "0 of 1 blob, 9s left"},
		{progress.Total{Blobs: 123, Ended: 45, Bytes: 10, Size: 100}, 10, 14, "45/123 blobs"},
		{progress.Total{Blobs: 12345, Ended: 10000, Bytes: 10, Size: 100}, 10, 12, "10000/12345"},
		{progress.Total{Blobs: 3, Ended: 3, Bytes: 100, Size: 100}, 10, 48, "3 of 3 blobs"},
		{progress.Total{Blobs: 3, Ended: 2, Bytes: 10, Size: 100}, 0, 48, "2 of 3 blobs"}, // it stalls
		{progress.Total{Blobs: 3, Bytes: 10, Size: 1 << 62}, 10, 48, "0 of 3 blobs"},
		{progress.Total{Bytes: 10, Size: 100}, 10, 48, "total, 9s left"}, // parts of blobs only
	} {
		if got := (frame{total: c.total, rate: c.rate}).totalLabel(c.width); got != c.want || utf8.RuneCountInString(got) > c.width {
			t.Errorf("%+v, %d columns: %q, want %q", c.total, c.width, got, c.want)
		}
	}
}

func TestMeter(t *testing.T) {
	start := time.Unix(1000, 0)
	m := meter{last: start}
	add := func(d time.Duration, bytes int64) {
		start = start.Add(d)
		m.add(start, bytes)
	}
	near := func(want float64) {
		t.Helper()
		if got := m.rate(); got < want*0.99-1 || got > want*1.01+1 {
			t.Errorf("%.0f bytes per second, want %.0f", got, want)
		}
	}
	near(0)
	for i := range 50 {
		add(100*time.Millisecond, int64(i+1)*1000)
		near(10_000)
	}
	m.add(start, 60_000) // no time has passed
	near(10_000)
	add(rateMemory*time.Second, 50_000) // it stalls: of what came before, 1/e is left
	near(10_000 * 0.2323)
	add(time.Minute, 50_000)
	near(0)
	for i := range 300 {
		add(100*time.Millisecond, 50_000+int64(i+1)*100)
	}
	near(1_000)
}
