//go:build unix

package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
)

// TestFault77OneOfManyWritersOfALayoutWins has writers that know nothing of each
// other, as processes do, write to a layout that is not there yet and then to
// what it has become, each expecting what there was before.
func TestFault77OneOfManyWritersOfALayoutWins(t *testing.T) {
	const writers = 8
	r := ref(t, newStore(t), "oci-layout://"+filepath.Join(t.TempDir(), "new")+":1", true)
	var want digest.Digest
	for round := range 20 {
		if round%5 == 0 {
			r.Path, want = filepath.Join(t.TempDir(), "new"), ""
		}
		var all sync.WaitGroup
		errs := make([]error, writers)
		for i := range errs {
			s := newStore(t)
			all.Go(func() {
				o := smallIndex(fmt.Sprint(round, i))
				errs[i] = joinTagErrors(s.CompareAndPutTags(t.Context(), r, want, []string{"1", "2"}, o))
			})
		}
		all.Wait()
		now, err := newStore(t).Get(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		won := 0
		for i, err := range errs {
			var unmet *TagMismatchError
			switch {
			case err == nil && smallIndex(fmt.Sprint(round, i)).Descriptor.Digest == now.Descriptor.Digest:
				won++
			case !errors.As(err, &unmet):
				t.Errorf("round %d: writer %d: %v, and the tag is %s", round, i, err, now.Raw)
			}
		}
		if won != 1 {
			t.Errorf("round %d: %d writers won", round, won)
		}
		want = now.Descriptor.Digest
	}
}
