package push

import (
	"context"

	"manifest-tool/internal/manifest"
)

// All plans every request, then carries the plans out in their order. It calls
// done with each index that was written, and with one whose tags, or some of
// them, failed. Nothing is written unless every plan succeeds. When a later
// index fails, the earlier ones remain, and the error is a *PartialError.
func All(ctx context.Context, w manifest.Writer, requests []Request, o Options, done func(Result) error) error {
	if o.Expect != "" && len(requests) > 1 {
		return manifest.InputErrorf("an expected digest is for one index, the spec has %d", len(requests))
	}
	plans, err := planAll(ctx, w, requests, o)
	if err != nil {
		return err
	}
	var written []string
	for i, p := range plans {
		pushed, err := Push(ctx, w, p, o)
		if err != nil && len(written) > 0 {
			err = &PartialError{Written: written, Failed: targetsOf(plans[i:]), Err: err}
		}
		if len(pushed.Tags) > 0 {
			if shown := done(pushed); err == nil && shown != nil {
				return &manifest.OutputError{Ref: pushed.Ref, Remaining: targetsOf(plans[i+1:]), Err: shown}
			}
		}
		if err != nil {
			return err
		}
		written = append(written, pushed.Ref)
	}
	return nil
}

// planAll plans every request, and verifies its images if o asks for it.
func planAll(ctx context.Context, r manifest.BlobReader, requests []Request, o Options) ([]Plan, error) {
	plans := make([]Plan, len(requests))
	for i, request := range requests {
		var err error
		if plans[i], err = NewPlan(ctx, r, request, o); err != nil {
			return nil, err
		}
		if err := verifyPlan(ctx, r, plans[i], o); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

func targetsOf(plans []Plan) []string {
	var names []string
	for _, p := range plans {
		names = append(names, p.Target.String())
	}
	return names
}
