package manifest

import (
	"context"
	"fmt"
)

// PushAll plans every spec, then carries the plans out in their order and
// tells done of each index that was written. Nothing is written unless every
// plan stands. When a later index fails, the earlier ones stay, and the error
// is a *PartialError.
func PushAll(ctx context.Context, w Writer, specs []Spec, o PushOptions, done func(Pushed) error) error {
	if o.Expect != "" && len(specs) > 1 {
		return &InputError{Err: fmt.Errorf("an expected digest is for one index, the spec has %d", len(specs))}
	}
	plans := make([]Plan, len(specs))
	for i, spec := range specs {
		var err error
		if plans[i], err = MakePlan(ctx, w, spec, o); err != nil {
			return err
		}
	}
	var written []string
	for _, p := range plans {
		pushed, err := Push(ctx, w, p, o)
		if err != nil && len(written) > 0 {
			return &PartialError{Written: written, Failed: []string{p.Target.String()}, Err: err}
		}
		if err != nil {
			return err
		}
		written = append(written, pushed.Ref)
		if err := done(pushed); err != nil {
			return fmt.Errorf("%s was written: %w", pushed.Ref, err)
		}
	}
	return nil
}
