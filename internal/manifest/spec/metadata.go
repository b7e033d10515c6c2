package spec

import (
	"fmt"
	"slices"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// Metadata is the result of docker/metadata-action.
type Metadata struct {
	// Origin is the file or the variable that has it.
	Origin string
	// Tags are full references, or tags alone if the action has no images.
	Tags []string
	// Annotations are LEVEL:KEY=VALUE.
	Annotations []string
}

// addTags adds the tags of metadata. A spec that then has no tag for its own
// repository is an error.
func (s *Spec) addTags(m Metadata) error {
	own, err := reference.Parse(s.Image)
	if err != nil {
		return nil // NewRequests reports it
	}
	for _, name := range m.Tags {
		if !strings.ContainsAny(name, ":/") {
			if err := checkTag(name); err != nil {
				return metadataError(m, err)
			}
			s.Tags = append(s.Tags, name)
			continue
		}
		ref, err := reference.Parse(name)
		switch {
		case err != nil:
			return metadataError(m, fmt.Errorf("tag %q: %w", reference.RedactUserinfo(name), err))
		case ref.SameRepository(own) && ref.Tag != "":
			s.Tags = append(s.Tags, ref.Tag)
		default:
			s.Targets = append(s.Targets, name)
		}
	}
	s.Tags = dedupe(s.Tags)
	if own.IsRepository() && len(s.Tags) == 0 {
		return &manifest.InputError{
			Err:      fmt.Errorf("%s has no tag for %s, the target", m.Origin, own),
			HintText: "add a tag to the target, or write the repository that its tags are for",
		}
	}
	return nil
}

func metadataError(m Metadata, err error) error {
	return &manifest.InputError{Err: fmt.Errorf("%s: %w", m.Origin, err)}
}

// addMetadataAnnotations adds the annotations of metadata. Those of the manifests of
// images, the default of the action, are left out.
func (s *Spec) addMetadataAnnotations(m Metadata, set *annotationSet) error {
	applied := map[string]bool{}
	var left []string
	for _, text := range m.Annotations {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return metadataError(m, fmt.Errorf("annotation %.80q is not of the form key=value", text))
		}
		levels, bare, err := cutLevels(key)
		if err != nil {
			return metadataError(m, err)
		}
		levels = pushLevels(levels)
		if len(levels) == 0 {
			left = append(left, bare)
			continue
		}
		applied[bare] = true
		if err := set.add(levels, key, annotation{bare, value}); err != nil {
			return metadataError(m, err)
		}
	}
	left = slices.DeleteFunc(left, func(key string) bool { return applied[key] })
	if len(left) > 0 {
		s.Warnings = append(s.Warnings, &manifest.InputError{
			Err:      fmt.Errorf("%s: annotations of manifests are left out, since a push does not change images: %s", m.Origin, shorten(left)),
			HintText: "set DOCKER_METADATA_ANNOTATIONS_LEVELS=index in the step of docker/metadata-action for annotations of the index",
		})
	}
	return nil
}

// pushLevels returns those of some levels that a push can set.
func pushLevels(levels []level) []level {
	return slices.DeleteFunc(levels, func(l level) bool { return l.name != levelIndex && l.name != levelEntry })
}

// shorten names the first of some keys, and counts the others.
func shorten(keys []string) string {
	if len(keys) == 1 {
		return keys[0]
	}
	return fmt.Sprintf("%s and %d more", keys[0], len(keys)-1)
}
