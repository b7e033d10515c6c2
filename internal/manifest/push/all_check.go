package push

import (
	"fmt"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/store"
)

// checkRun returns an error for a run of which nothing may be written: it expects one
// digest of several indexes, or has a target that can only be read.
func checkRun(w manifest.Writer, requests []Request, o Options) error {
	if n := countTargets(requests); o.Expect != "" && n > 1 {
		return manifest.InputErrorf("an expected digest is for one index in one repository, not for %d", n)
	}
	for _, r := range requests {
		for _, to := range r.Targets {
			if w.Capabilities(to.Ref).ReadOnly {
				return fmt.Errorf("writing to %s: %w", to.Ref, store.ErrReadOnly)
			}
		}
	}
	return nil
}

func countTargets(requests []Request) int {
	n := 0
	for _, r := range requests {
		n += len(r.Targets)
	}
	return n
}
