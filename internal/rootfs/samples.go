package rootfs

import (
	"context"
	"reflect"
	"slices"

	"manifest-tool/internal/platform/executable"
)

// sample keeps a program if it is the first for its platform. Few are kept: only the
// platform of a layer is derived from them.
func (t *Table) sample(p Program) {
	if len(p.Executable.Platforms) == 0 || len(p.Path) > maxSamplePath || len(t.samples) == maxSamples {
		return
	}
	if !slices.ContainsFunc(t.samples, func(s Program) bool { return hasSamePlatforms(s.Executable, p.Executable) }) {
		t.samples = append(t.samples, p)
	}
}

func hasSamePlatforms(a, b *executable.Executable) bool {
	return a == b || a.Format == b.Format && slices.EqualFunc(a.Platforms, b.Platforms, func(a, b executable.Evidence) bool {
		return reflect.DeepEqual(a.Platform, b.Platform)
	})
}

// Samples returns the first visible program for each platform of the lowest layer
// that has any that keep accepts. It reads all layers. The error is that of the
// first layer that cannot be read, a *LayerError.
func (s *Stack) Samples(ctx context.Context, keep func(Program) bool) ([]File, error) {
	tables := make([]*Table, len(s.layers))
	for i, l := range s.layers {
		t, err := s.table(ctx, i)
		if err == nil && t.FromContents { // it has no headers
			key := keyOf(l, s.windows)
			key.full = true
			t, err = s.reader.table(ctx, l, key)
		}
		if err != nil {
			return nil, err
		}
		tables[i] = t
	}
	for i, t := range tables {
		var files []File
		for _, p := range t.samples {
			if keep(p) && !hiddenBy(tables[i+1:], p.Path) {
				files = append(files, File{Path: p.Path, Layer: s.layers[i].Digest.String(), Executable: *p.Executable})
			}
		}
		if len(files) > 0 {
			return files, nil
		}
	}
	return nil, nil
}
