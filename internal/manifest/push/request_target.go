package push

import (
	"slices"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// parseTargets returns the repositories that a spec names, with their tags, in its
// order: first that of image with tags, then those of targets. One of targets without
// a tag gets all tags of the first.
func parseTargets(s spec.Spec) ([]Target, error) {
	at := s.At(spec.KeyImage, 0)
	first, err := parseTarget(s.Image)
	if err != nil {
		return nil, withPlace(at, err)
	}
	if first.IsRepository() && len(s.Tags) > 0 {
		first, s.Tags = first.WithTag(s.Tags[0]), s.Tags[1:]
	}
	if err := requireTag(s.Image, first); err != nil {
		return nil, withPlace(at, err)
	}
	all := []Target{{Ref: first, Tags: without(s.Tags, first.Tag)}}
	for i, name := range s.Targets {
		at := s.At(spec.KeyTarget, i)
		ref, err := parseTarget(name)
		if err != nil {
			return nil, withPlace(at, err)
		}
		tags := []string{ref.Tag}
		if ref.IsRepository() {
			tags = append([]string{first.Tag}, all[0].Tags...)
		} else if err := requireTag(name, ref); err != nil {
			return nil, withPlace(at, err)
		}
		all = addTarget(all, ref, tags)
	}
	return all, nil
}

// withPlace adds to bad input where it is written, if that is known.
func withPlace(at string, err error) error {
	if at == "" || err == nil {
		return err
	}
	return &manifest.InputError{Err: errtext.At(at, err)}
}

func parseTarget(name string) (reference.Ref, error) {
	ref, err := reference.Parse(name)
	if err != nil {
		err = manifest.InputErrorf("error parsing name for manifest list (%s): %w", reference.RedactUserinfo(name), err)
	}
	return ref, err
}

func requireTag(name string, ref reference.Ref) error {
	if ref.Tag == "" || ref.Digest != "" {
		return manifest.InputErrorf("the target %s must be a name with a tag, such as %s:latest", name, ref.WithTag(""))
	}
	return nil
}

// addTarget adds tags to the target of a repository, each once.
func addTarget(all []Target, ref reference.Ref, tags []string) []Target {
	at := slices.IndexFunc(all, func(to Target) bool { return to.Ref.SameRepository(ref) })
	if at < 0 {
		return append(all, Target{Ref: ref.WithTag(tags[0]), Tags: without(tags, tags[0])})
	}
	for _, tag := range tags {
		if tag != all[at].Ref.Tag && !slices.Contains(all[at].Tags, tag) {
			all[at].Tags = append(slices.Clone(all[at].Tags), tag)
		}
	}
	return all
}

// without returns a copy of tags without one of them.
func without(tags []string, tag string) []string {
	return slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == tag })
}
