//go:build unix

package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/atomicfile"
)

// TestAnotherProcessInALayoutIsWaitedFor has a layout locked, as another
// process does while it tags. The time is the test's.
func TestAnotherProcessInALayoutIsWaitedFor(t *testing.T) {
	stopped := errors.New("stopped by hand")
	for name, c := range map[string]struct {
		// then is called after five seconds.
		then   func(other *os.File, stop context.CancelCauseFunc)
		took   time.Duration
		stops  error // nil where it does not matter
		tagged bool
	}{
		"until it is done":     {func(other *os.File, _ context.CancelCauseFunc) { _ = other.Close() }, 5 * time.Second, nil, true},
		"until the run ends":   {func(_ *os.File, stop context.CancelCauseFunc) { stop(stopped) }, 5 * time.Second, stopped, false},
		"for so long, at most": {func(*os.File, context.CancelCauseFunc) {}, atomicfile.LockTimeout, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, dir := newStore(t), t.TempDir()
				if err := s.Put(t.Context(), ref(t, s, "oci-layout://"+dir+":1", true), smallIndex("first")); err != nil {
					t.Fatal(err)
				}
				other, err := os.Open(filepath.Join(dir, ocispec.ImageLayoutFile))
				if err != nil {
					t.Fatal(err)
				}
				defer other.Close()
				if locked, err := atomicfile.TryLock(other); err != nil || !locked {
					t.Fatal("the layout is locked already: ", err)
				}
				ctx, stop := context.WithCancelCause(t.Context())
				defer stop(nil)
				time.AfterFunc(5*time.Second, func() { c.then(other, stop) })
				start, at := time.Now(), ref(t, s, "oci-layout://"+dir+":2", true)
				err = s.Put(ctx, at, smallIndex("second"))
				if took := time.Since(start).Round(time.Second); took != c.took || (err == nil) != c.tagged || !errors.Is(err, c.stops) && c.stops != nil {
					t.Errorf("it took %v and came to %v", took, err)
				}
				if _, err := s.Get(t.Context(), at); (err == nil) != c.tagged {
					t.Errorf("the tag: %v", err)
				}
			})
		})
	}
}
