package push

import (
	"context"
	"fmt"

	"manifest-tool/internal/manifest"
)

// checkRun returns an error for a run of which nothing may be written: it expects one
// digest of several indexes, or has a target that cannot be written, such as a Docker
// archive.
func checkRun(ctx context.Context, w manifest.Writer, requests []Request, o Options) error {
	if n := countTargets(requests); o.Expect != "" && n > 1 {
		return manifest.InputErrorf("an expected digest is for one index in one repository, not for %d", n)
	}
	checked := map[string]bool{}
	for _, r := range requests {
		for _, to := range r.Targets {
			name := to.Ref.WithTag("").Location()
			if checked[name] {
				continue
			}
			checked[name] = true
			if err := w.CheckTarget(ctx, to.Ref); err != nil {
				return err
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
