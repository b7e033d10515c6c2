package spec

import "strings"

// Additions are what flags add to a spec, every list as given: one string per
// occurrence of the flag.
type Additions struct {
	// Targets holds further references, one in each line of a value. One without a
	// tag gets all tags of the spec.
	Targets []string
	// Tags holds comma lists of further tags.
	Tags []string
	// Annotations holds key=value lists in which a comma may also be part of a value.
	Annotations []string
	// Annotation holds one key=value each, taken whole. A key may begin with a level,
	// as in index: or manifest-descriptor[linux/arm64]:.
	Annotation []string
	// Metadata are results of docker/metadata-action.
	Metadata []Metadata
}

// Add adds tags, targets and annotations to the spec. Tags of the repository of
// s.Image become its tags, other references targets. Annotations of levels that a push
// cannot set are left out with a warning if they come from metadata, since they are
// applied when images are built, and are errors otherwise. Every error is an
// InputError.
func (s *Spec) Add(a Additions) error {
	tags, err := tagsFromArgs(a.Tags)
	if err != nil {
		return err
	}
	s.Tags = dedupe(append(s.Tags, tags...))
	s.Targets = append(s.Targets, SplitLines(a.Targets)...)
	set, err := annotationsFromArgs(a.Annotations, a.Annotation)
	if err != nil {
		return err
	}
	for _, m := range a.Metadata {
		if err := s.addTags(m); err != nil {
			return err
		}
		if err := s.addMetadataAnnotations(m, &set); err != nil {
			return err
		}
	}
	for key, value := range set.index {
		if before, ok := s.Annotations[key]; ok && before != value {
			return duplicateAnnotation(key, before, value)
		}
		if s.Annotations == nil {
			s.Annotations = map[string]string{}
		}
		s.Annotations[key] = value
	}
	s.EntryAnnotations = append(s.EntryAnnotations, set.entries...)
	return nil
}

// SplitLines returns the lines of some values, trimmed, without empty ones.
func SplitLines(values []string) []string {
	var lines []string
	for _, value := range values {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}
