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

// checkReachable returns an error if Options.FailFast is set and a target did not say
// what its tag names: what is written there would most likely fail after other targets
// are written.
func (o Options) checkReachable(plans []Plan) error {
	if !o.FailFast {
		return nil
	}
	for _, p := range plans {
		if p.Current.Err != nil {
			return fmt.Errorf("looking at %s before anything is written: %w", p.Target, p.Current.Err)
		}
	}
	return nil
}
