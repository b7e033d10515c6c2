package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"manifest-tool/internal/rootfs/rootfstest"
)

// gated is a blob that is opened only when its gate is.
type gated struct {
	*memory
	gate chan struct{}
}

func (g gated) Open(ctx context.Context) (io.ReadCloser, error) {
	body, err := g.memory.Open(ctx)
	select {
	case <-g.gate:
		return body, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// gatedStack has a layer of each size, said to be in MiB, with one program; the
// second program of a layer is in all of them.
func gatedStack(tb testing.TB, sizes ...int64) (*Stack, []gated) {
	tb.Helper()
	var entries [][]rootfstest.Entry
	for i := range sizes {
		program := rootfstest.ELF(rootfstest.AMD64, "")
		entries = append(entries, []rootfstest.Entry{{Name: fmt.Sprintf("app-%d", i), Body: program}, {Name: "app", Body: program}})
	}
	s, blobs := stackOf(tb, false, entries...)
	s.reader = NewReader(Options{Limits: DefaultLimits(), Programs: true, AtOnce: 2})
	var gates []gated
	for i, size := range sizes {
		gates = append(gates, gated{blobs[i], make(chan struct{})})
		s.layers[i].Size, s.layers[i].Blob = size<<20, gates[i]
	}
	return s, gates
}

func opened(all []gated) []int {
	var n []int
	for _, g := range all {
		g.mu.Lock()
		n = append(n, g.opened)
		g.mu.Unlock()
	}
	return n
}

func TestStack_ReadAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, blobs := gatedStack(t, 3, 9, 0, 5, 1)
		done := make(chan struct{})
		go func() { defer close(done); s.ReadAll(t.Context()) }()
		for _, step := range []struct {
			free int
			want []int
		}{
			{3, []int{0, 1, 1, 1, 1}}, // the two largest, and all small ones
			{2, []int{1, 1, 1, 1, 1}}, // a small one makes no room for a large one
			{0, []int{1, 1, 1, 1, 1}},
		} {
			synctest.Wait()
			if got := opened(blobs); !slices.Equal(got, step.want) {
				t.Errorf("before layer %d: %v were opened, want %v", step.free, got, step.want)
			}
			close(blobs[step.free].gate)
		}
		close(blobs[1].gate)
		close(blobs[4].gate)
		<-done
		if paths := programsOf(t, s); !slices.Equal(paths, []string{"/app-4", "/app", "/app-3", "/app-2", "/app-1", "/app-0"}) {
			t.Errorf("the programs are %v", paths)
		}
		if got := opened(blobs); !slices.Equal(got, []int{1, 1, 1, 1, 1}) {
			t.Errorf("layers were read again: %v", got)
		}
	})
}

func programsOf(t *testing.T, s *Stack) (paths []string) {
	t.Helper()
	failed := s.Programs(t.Context(), func(p Program, _ string) { paths = append(paths, p.Path) })
	if len(failed) > 0 {
		t.Errorf("not read: %v", failed)
	}
	return paths
}

// TestStack_ReadAll_FailedLayer has a layer with other bytes. The rest is read, in
// whatever order, and listed in that of the layers.
func TestStack_ReadAll_FailedLayer(t *testing.T) {
	s, blobs := gatedStack(t, 3, 2, 9)
	blobs[1].digest = digestOfNothing
	for _, b := range blobs {
		close(b.gate)
	}
	s.ReadAll(t.Context())
	var paths []string
	failed := s.Programs(t.Context(), func(p Program, _ string) { paths = append(paths, p.Path) })
	if len(failed) != 1 || !errors.Is(failed[0], errOther) || !slices.Equal(paths, []string{"/app-2", "/app", "/app-0"}) {
		t.Errorf("%v, and %v", paths, failed)
	}
}

func TestStack_ReadAll_Cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, blobs := gatedStack(t, 3, 9, 0, 5)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.ReadAll(ctx) }()
		synctest.Wait()
		cancel()
		<-done
		if got := opened(blobs); got[0] != 0 {
			t.Errorf("a layer was opened afterwards: %v", got)
		}
		for i := range s.layers {
			if o := s.reader.Outcome(s.layers[i], false); o.Read && o.Err == nil {
				t.Errorf("layer %d has the outcome %+v", i, o)
			}
		}
	})
}

// TestStack_ReadAhead has lookups in this order, in an image whose uppermost layer
// has app-3.
func TestStack_ReadAhead(t *testing.T) {
	for name, tt := range map[string]struct {
		before, path string
		want         []int
	}{
		"in the uppermost layer":          {"", "/app-3", []int{0, 0, 0, 1}},
		"below it":                        {"", "/app-2", []int{1, 1, 1, 1}},
		"in a layer that was read":        {"/app-2", "/app-2", []int{0, 0, 1, 1}},
		"below the layers that were read": {"/app-2", "/app-1", []int{1, 1, 1, 1}},
		"nowhere":                         {"", "/other", []int{1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s, blobs := gatedStack(t, 9, 2, 3, 4)
			for _, b := range blobs {
				close(b.gate)
			}
			if tt.before != "" {
				_, _ = s.Program(t.Context(), tt.before)
			}
			s.ReadAhead()
			if got := where(s.Program(t.Context(), tt.path)); got != tt.path+" amd64" && tt.path != "/other" {
				t.Errorf("%s is %s", tt.path, got)
			}
			if got := opened(blobs); !slices.Equal(got, tt.want) {
				t.Errorf("%v were opened, want %v", got, tt.want)
			}
		})
	}
}

// TestStack_ReadAhead_Together looks at which layers are read together.
func TestStack_ReadAhead_Together(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, blobs := gatedStack(t, 3, 2, 9)
		s.ReadAhead()
		var g sync.WaitGroup
		g.Go(func() { _, _ = s.Program(t.Context(), "/app-0") })
		synctest.Wait()
		if got := opened(blobs); !slices.Equal(got, []int{0, 0, 1}) {
			t.Errorf("first %v", got)
		}
		close(blobs[2].gate)
		synctest.Wait()
		if got := opened(blobs); !slices.Equal(got, []int{1, 1, 1}) {
			t.Errorf("then %v", got)
		}
		close(blobs[0].gate)
		close(blobs[1].gate)
		g.Wait()
	})
}
