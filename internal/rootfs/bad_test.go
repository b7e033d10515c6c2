package rootfs

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/bad/layers again")

const badFolder = "../../testdata/bad"

// badLayers reads testdata/bad/layers.txt and the files that it lists.
func badLayers(tb testing.TB) (all []badLayer) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(badFolder, "layers.txt"))
	must(tb, err)
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 {
			tb.Fatalf("layers.txt: %q", line)
		}
		bytes, err := os.ReadFile(filepath.Join(badFolder, "layers", parts[2]))
		must(tb, err)
		all = append(all, badLayer{parts[2], parts[0], parts[1], bytes})
	}
	return all
}

// TestBadLayersAreStored writes them with -update. Without it, it holds that
// none is missing; their bytes may differ where a compressor had a say.
func TestBadLayersAreStored(t *testing.T) {
	made := makeBadLayers(t)
	if *update {
		storeBadLayers(t, made)
	}
	kept := badLayers(t)
	if len(kept) != len(made) || len(kept) < 30 {
		t.Fatalf("%d are stored, %d are made", len(kept), len(made))
	}
	for i, l := range made {
		if kept[i].name != l.name || kept[i].class != l.class || kept[i].mediaType != l.mediaType {
			t.Errorf("%s is stored as %s %s", l.name, kept[i].name, kept[i].class)
		}
	}
}

func storeBadLayers(t *testing.T, all []badLayer) {
	t.Helper()
	folder := filepath.Join(badFolder, "layers")
	must(t, os.RemoveAll(folder))
	must(t, os.MkdirAll(folder, 0o755))
	list := "# Layers that break, lie or attack, made by internal/rootfs/bad_layers_test.go.\n# CLASS<TAB>MEDIA TYPE<TAB>FILE\n"
	for _, l := range all {
		list += fmt.Sprintf("%s\t%s\t%s\n", l.class, l.mediaType, l.name)
		must(t, os.WriteFile(filepath.Join(folder, l.name), l.bytes, 0o644))
	}
	must(t, os.WriteFile(filepath.Join(badFolder, "layers.txt"), []byte(list), 0o644))
}

// TestBadLayers reads each stored layer. None may take more
// memory than 64 MiB, whatever it says of itself, except for a window of zstd.
func TestBadLayers(t *testing.T) {
	for _, bad := range badLayers(t) {
		t.Run(bad.name, func(t *testing.T) {
			l, _ := layerOf(bad.mediaType, bad.bytes)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := badScanner(badLimits())
			s.diffID = true
			table, verified, err := s.scan(t.Context(), l)
			runtime.ReadMemStats(&after)
			if got := classOf(table, err); got != bad.class {
				t.Errorf("%s: %v, want %s", got, err, bad.class)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 && !strings.HasPrefix(bad.name, "zstd-window-") || took > 136<<20 {
				t.Errorf("it took %d bytes of memory", took)
			}
			if !verified { // the digests of all of them are required
				t.Error("it is not verified")
			}
			if (table != nil) != (err == nil) {
				t.Errorf("a table, and %v", err)
			}
		})
	}
}

func badScanner(l Limits) *scanner {
	return &scanner{limits: l, seed: NewReader(Options{}).seed, list: true, alone: make(chan struct{}, 1), unpacking: make(chan struct{}, 1)}
}

func classOf(t *Table, err error) string {
	var limit *LimitError
	var source *SourceError
	switch {
	case errors.As(err, &limit):
		return "limit"
	case errors.As(err, &source):
		return "source"
	case err != nil:
		return "malformed"
	case len(t.Notes) > 0:
		return "odd"
	}
	return "read"
}

// FuzzLayer reads any bytes as a layer: no panic, no more entries than allowed,
// and what is read twice comes to the same.
func FuzzLayer(f *testing.F) {
	for _, bad := range badLayers(f) {
		if len(bad.bytes) < 32<<10 {
			f.Add(bad.bytes)
		}
	}
	limits := badLimits()
	limits.Bytes = 1 << 20
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, _ := layerOf(gzipType, raw)
		s := badScanner(limits)
		table, _, err := s.scan(t.Context(), l)
		again, _, errAgain := s.scan(t.Context(), l)
		if (err == nil) != (errAgain == nil) {
			t.Fatalf("%v, then %v", err, errAgain)
		}
		if err != nil {
			return
		}
		if len(table.records) > 2*limits.Entries+1 || len(table.records) != len(again.records) {
			t.Fatalf("%d records, then %d", len(table.records), len(again.records))
		}
		stack := NewStack(NewReader(Options{Limits: limits}), []Layer{l}, false)
		_, _ = stack.Program(t.Context(), "/a")
	})
}
