package push

import (
	"fmt"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// Request is a spec whose references are parsed.
type Request struct {
	// Target is the tag of the index.
	Target reference.Ref

	spec    spec.Spec
	sources []requestSource
}

// requestSource is a source of a spec with its reference.
type requestSource struct {
	spec.Source
	ref reference.Ref
}

// NewRequests parses the references of specs. The error is an InputError for a
// target without a tag, for a reference or platform that is not valid, and for
// a tag that two specs set: the later one would overwrite the earlier one.
func NewRequests(specs []spec.Spec) ([]Request, error) {
	all := make([]Request, len(specs))
	for i, s := range specs {
		var err error
		if all[i], err = newRequest(s); err != nil {
			return nil, err
		}
	}
	return all, checkDuplicateTargets(all)
}

func newRequest(s spec.Spec) (Request, error) {
	target, err := reference.Parse(s.Image)
	if err != nil {
		return Request{}, manifest.InputErrorf("error parsing name for manifest list (%s): %w", reference.RedactUserinfo(s.Image), err)
	}
	if target.IsRepository() && len(s.Tags) > 0 {
		target, s.Tags = target.WithTag(s.Tags[0]), s.Tags[1:]
	}
	if target.Tag == "" || target.Digest != "" {
		return Request{}, manifest.InputErrorf("the target %s must be a name with a tag, such as %s:latest", s.Image, target.WithTag(""))
	}
	if len(s.Manifests) == 0 {
		return Request{}, manifest.InputErrorf("no manifests are named for %s", s.Image)
	}
	out := Request{Target: target, spec: s}
	for _, src := range s.Manifests {
		ref, err := reference.Parse(src.Image)
		if err == nil {
			err = ref.RequireTagOrDigest()
		}
		if err != nil {
			return Request{}, manifest.InputErrorf("unable to parse image reference: %s: %w", reference.RedactUserinfo(src.Image), err)
		}
		out.sources = append(out.sources, requestSource{src, ref})
	}
	return out, nil
}

func checkDuplicateTargets(all []Request) error {
	seen := map[string]int{}
	for i, r := range all {
		for _, tag := range r.tags() {
			if first, taken := seen[tag]; taken && first != i {
				return &manifest.InputError{Err: fmt.Errorf("two documents of the spec describe %s", tag)}
			}
			seen[tag] = i
		}
	}
	return nil
}

// tags returns the tags that a request sets, each with its repository.
func (r Request) tags() []string {
	all := []string{r.Target.String()}
	for _, tag := range r.spec.Tags {
		all = append(all, r.Target.WithTag(tag).String())
	}
	return all
}
