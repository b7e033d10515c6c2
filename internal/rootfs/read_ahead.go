package rootfs

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"
)

// ReadAll reads all layers concurrently, for a caller that needs every one of
// them. Their errors are those of the lookups that follow.
func (s *Stack) ReadAll(ctx context.Context) { s.readDown(ctx, len(s.layers)-1) }

// ReadAhead makes the lookups that follow read concurrently: one that needs a
// layer which was not read reads all below it too. It is for files that are in
// the lowest layers of nearly all images. The uppermost layer is read alone all
// the same, since it may have the file.
func (s *Stack) ReadAhead() { s.ahead = true }

// readDown reads the layers up to top concurrently. The largest are first: one that
// began last would be read alone. Small ones do not wait for them.
func (s *Stack) readDown(ctx context.Context, top int) {
	layers := slices.Clone(s.layers[:top+1])
	slices.SortStableFunc(layers, func(a, b Layer) int { return cmp.Compare(b.Size, a.Size) })
	var small, large errgroup.Group
	large.SetLimit(cap(s.reader.largeSem))
	for _, l := range slices.Backward(layers) {
		if l.Size > smallLayer {
			break
		}
		small.Go(func() error { return s.read(ctx, l) })
	}
	for _, l := range layers {
		if l.Size <= smallLayer {
			break
		}
		large.Go(func() error { return s.read(ctx, l) })
	}
	_, _ = large.Wait(), small.Wait() // the reader keeps each error
	s.lowest = 0
}

// read reads a layer, and keeps the result in the reader.
func (s *Stack) read(ctx context.Context, l Layer) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	_, err := s.reader.table(ctx, l, keyOf(l, s.windows))
	return err
}
