package buildresult

import (
	"slices"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// Sources returns the sources of a spec: each image in the repository image, if that is
// not empty, else in one that it was pushed to. Of several it is that of target, else
// one of its registry, else the first: then as little as possible is copied. An image
// of which only the digest is known is expected in target, unless that is not in a
// registry. The error is an InputError for an image that was pushed to other
// repositories, and for one without a repository.
func Sources(all []Image, image, target string) ([]spec.Source, error) {
	to, err := reference.Parse(target)
	if err != nil {
		return nil, manifest.InputErrorf("target %s: %w", reference.RedactUserinfo(target), err)
	}
	repository, err := parseRepository(image)
	if err != nil {
		return nil, err
	}
	var sources []spec.Source
	for _, i := range all {
		ref, err := i.source(repository, to)
		if err != nil {
			return nil, err
		}
		if i.Digest != "" {
			ref = ref.WithDigest(i.Digest)
		}
		sources = append(sources, spec.Source{Image: ref.String(), Origin: i.Origin})
	}
	return sources, nil
}

// parseRepository reads the value of --image; nil if it is empty.
func parseRepository(image string) (*reference.Ref, error) {
	if image == "" {
		return nil, nil //nolint:nilnil // the images have repositories of their own
	}
	ref, err := reference.Parse(image)
	if err != nil {
		return nil, manifest.InputErrorf("--image: %w", err)
	}
	if !ref.IsRepository() {
		return nil, manifest.InputErrorf("--image: %s must be a name without tag and digest, such as %s", ref, ref.WithTag(""))
	}
	return &ref, nil
}

// source returns the reference that an image is read by.
func (i Image) source(image *reference.Ref, target reference.Ref) (reference.Ref, error) {
	at := position{file: i.Origin}
	find := func(fits func(reference.Ref) bool) (reference.Ref, bool) {
		k := slices.IndexFunc(i.Names, fits)
		if k < 0 {
			return reference.Ref{}, false
		}
		return i.Names[k], true
	}
	switch {
	case image != nil && len(i.Names) == 0:
		return *image, nil
	case image != nil:
		ref, ok := find(image.SameRepository)
		if !ok {
			err := at.errorf("the image was pushed to %s, not to %s, as --image says", i.Names[0].WithTag(""), image)
			err.HintText = "leave --image out: it is for files that name no repository"
			return ref, err
		}
		return ref, nil
	case len(i.Names) > 0:
		if ref, ok := find(target.SameRepository); ok {
			return ref, nil
		}
		if ref, ok := find(target.SameRegistry); ok {
			return ref, nil
		}
		return i.Names[0], nil
	case target.Host() == "":
		err := at.errorf("digest %s has no repository", i.Digest)
		err.HintText = "name the repository that it was pushed to with --image"
		return reference.Ref{}, err
	}
	return target, nil
}
