package push

import (
	"fmt"
	"slices"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// Request is a spec whose references are parsed.
type Request struct {
	// Targets are where the index is written: at least one, each repository once.
	Targets []Target

	spec    spec.Spec
	sources []requestSource
}

// Target is a repository that an index is written to.
type Target struct {
	// Ref is the repository with the first tag; Tags are further tags.
	Ref  reference.Ref
	Tags []string
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
	targets, err := parseTargets(s)
	if err != nil {
		return Request{}, err
	}
	if len(s.Manifests) == 0 {
		return Request{}, manifest.InputErrorf("no manifests are named for %s", s.Image)
	}
	out := Request{Targets: targets, spec: s}
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

// isLocal reports whether all targets are in the repository of a source.
func (r Request) isLocal(source reference.Ref) bool {
	return !slices.ContainsFunc(r.Targets, func(to Target) bool { return !source.SameRepository(to.Ref) })
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
	var all []string
	for _, to := range r.Targets {
		all = append(all, to.refs()...)
	}
	return all
}

// refs returns the tags of a target, each with its repository.
func (to Target) refs() []string {
	all := []string{to.Ref.String()}
	for _, tag := range to.Tags {
		all = append(all, to.Ref.WithTag(tag).String())
	}
	return all
}
