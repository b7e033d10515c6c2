package push

import (
	"context"
	"fmt"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// Specs plans every spec, then carries the plans out in their order and
// tells done of each index that was written, and of one whose tags, or some of
// them, failed. Nothing is written unless every plan stands. When a later index
// fails, the earlier ones stay, and the error is a *PartialError.
func Specs(ctx context.Context, w manifest.Writer, specs []spec.Spec, o Options, done func(Result) error) error {
	if o.Expect != "" && len(specs) > 1 {
		return &manifest.InputError{Err: fmt.Errorf("an expected digest is for one index, the spec has %d", len(specs))}
	}
	plans, err := planAll(ctx, w, specs, o)
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

// planAll plans every spec, and verifies what it is made of where o wants it.
func planAll(ctx context.Context, r manifest.BlobReader, specs []spec.Spec, o Options) ([]Plan, error) {
	if err := checkDuplicateTargets(specs); err != nil {
		return nil, err
	}
	plans := make([]Plan, len(specs))
	for i, spec := range specs {
		var err error
		if plans[i], err = NewPlan(ctx, r, spec, o); err != nil {
			return nil, err
		}
		if err := verifyPlan(ctx, r, plans[i], o); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// checkDuplicateTargets refuses a tag that two specs set: the later one would undo the
// earlier.
func checkDuplicateTargets(specs []spec.Spec) error {
	seen := map[string]int{}
	for i, s := range specs {
		for _, tag := range tagsOf(s) {
			if first, taken := seen[tag]; taken && first != i {
				return &manifest.InputError{Err: fmt.Errorf("two documents of the spec describe %s", tag)}
			}
			seen[tag] = i
		}
	}
	return nil
}

// tagsOf lists the tags that a spec sets, each with its repository. What is no
// reference is refused elsewhere.
func tagsOf(s spec.Spec) []string {
	target, err := reference.Parse(s.Image)
	if err != nil {
		return []string{s.Image}
	}
	all := []string{target.String()}
	for _, tag := range s.Tags {
		all = append(all, target.WithTag(tag).String())
	}
	return all
}

func targetsOf(plans []Plan) []string {
	var names []string
	for _, p := range plans {
		names = append(names, p.Target.String())
	}
	return names
}
