package push

import (
	"cmp"
	"slices"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// Request is a spec whose references are parsed.
type Request struct {
	// Targets are where the index is written: at least one, each repository once.
	Targets []Target

	spec    spec.Spec
	sources []requestSource
	// subject is the manifest that the index is about, nil if there is none.
	subject *reference.Ref
	// required are the platforms that the spec requires of the index.
	required []platform.Platform
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
	// ref is where the source is read: by tag if it has one.
	ref reference.Ref
	// expected is the digest that the source must have; empty if any will do.
	expected digest.Digest
	// only are the platforms that are taken of an index; none means all.
	only []platform.Platform
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
	if out.subject, err = parseSubject(s, targets[0]); err != nil {
		return Request{}, withPlace(s.At(spec.KeySubject, 0), err)
	}
	if out.required, err = platform.ParseList(s.Require); err != nil {
		return Request{}, manifest.InputErrorf("the required platforms of %s: %w", s.Image, err)
	}
	for _, src := range s.Manifests {
		one, err := newRequestSource(src)
		if err != nil {
			return Request{}, withPlace(src.Origin, err)
		}
		out.sources = append(out.sources, one)
	}
	return out, nil
}

// newRequestSource parses the references of a source. One with a tag and a digest is
// read by its tag, which has to name the digest.
func newRequestSource(src spec.Source) (requestSource, error) {
	ref, err := reference.Parse(src.Image)
	if err == nil && src.Digest != "" && ref.RequireTagOrDigest() != nil {
		ref = ref.WithDigest(digest.Digest(src.Digest))
	}
	if err == nil {
		err = ref.RequireTagOrDigest()
	}
	if err != nil {
		return requestSource{}, manifest.InputErrorf("unable to parse image reference: %s: %w", reference.RedactUserinfo(src.Image), err)
	}
	if src.Digest != "" && ref.Digest != "" && ref.Digest.String() != src.Digest {
		return requestSource{}, manifest.InputErrorf("image %s has one digest, and another as its key digest: %s", src.Image, src.Digest)
	}
	one := requestSource{Source: src, ref: ref, expected: cmp.Or(ref.Digest, digest.Digest(src.Digest))}
	if ref.Tag+ref.Name != "" {
		one.ref.Digest = ""
	}
	if one.only, err = platform.ParseList(src.Platforms); err != nil {
		return requestSource{}, manifest.InputErrorf("the platforms of image %s: %w", src.Image, err)
	}
	return one, nil
}

// isLocal reports whether all targets are in the repository of a source.
func (r Request) isLocal(source reference.Ref) bool {
	return !slices.ContainsFunc(r.Targets, func(to Target) bool { return !source.SameRepository(to.Ref) })
}

func checkDuplicateTargets(all []Request) error {
	seen := map[string]int{}
	for i, r := range all {
		for _, tag := range r.tags() {
			if first, taken := seen[tag.Location()]; taken && first != i {
				return withPlace(r.spec.At(spec.KeyImage, 0), manifest.InputErrorf("two documents of %s describe %s", fileNames(all[first].spec, r.spec), tag))
			}
			seen[tag.Location()] = i
		}
	}
	return nil
}

// fileNames returns the names of the files of two specs.
func fileNames(a, b spec.Spec) string {
	if a.File != b.File {
		return a.File + " and " + b.File
	}
	return cmp.Or(a.File, "the spec")
}

// tags returns the tags that a request sets, each with its repository.
func (r Request) tags() []reference.Ref {
	var all []reference.Ref
	for _, to := range r.Targets {
		all = append(all, to.refs()...)
	}
	return all
}

// refs returns the tags of a target, each with its repository.
func (to Target) refs() []reference.Ref {
	all := []reference.Ref{to.Ref}
	for _, tag := range to.Tags {
		all = append(all, to.Ref.WithTag(tag))
	}
	return all
}
