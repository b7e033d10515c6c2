package spec

import (
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// Args are the values of the flags of push from-args, every list as given:
// one string per occurrence of the flag.
type Args struct {
	// Platforms and Tags hold comma lists.
	Platforms, Tags []string
	// Template is the name of the images, with OS, ARCH and VARIANT in it.
	Template string
	// ArchNames holds comma lists of ARCH=NAME and ARCH/VARIANT=NAME: what the
	// template writes for an architecture.
	ArchNames []string
	// Target is the name of the index to push.
	Target string
	// Annotations holds values of --annotations: key=value lists in which a
	// comma may also be part of a value.
	Annotations []string
	// Annotation holds values of --annotation: one key=value each, taken
	// whole.
	Annotation []string
}

// FromArgs builds the spec that the arguments describe: one source per
// platform, named by the template. Every error is an [*InputError]. Whether
// platforms and references exist is not its question.
func FromArgs(a Args) (Spec, error) {
	if a.Target == "" {
		return Spec{}, manifest.InputErrorf("the --target argument is empty")
	}
	if a.Template == "" {
		return Spec{}, manifest.InputErrorf("the --template argument is empty")
	}
	if err := checkTemplate(a.Template); err != nil {
		return Spec{}, err
	}
	sources, err := sourcesFromArgs(a)
	if err != nil {
		return Spec{}, err
	}
	tags, err := tagsFromArgs(a.Tags)
	if err != nil {
		return Spec{}, err
	}
	annotations, err := annotationsFromArgs(a.Annotations, a.Annotation)
	if err != nil {
		return Spec{}, err
	}
	return Spec{Image: a.Target, Tags: tags, Annotations: annotations.index, EntryAnnotations: annotations.entries, Manifests: sources}, nil
}

func sourcesFromArgs(a Args) ([]Source, error) {
	platforms, err := platformsFromArgs(a.Platforms)
	if err != nil {
		return nil, err
	}
	names, err := archNamesFromArgs(a.ArchNames, platforms)
	if err != nil {
		return nil, err
	}
	var sources []Source
	first := make(map[string]platform.Platform)
	for _, p := range platforms {
		image := expandTemplate(a.Template, names.values(p))
		other, taken := first[image]
		if !taken {
			first[image] = p
		} else if other.OS != p.OS || other.Architecture != p.Architecture {
			return nil, duplicateImageError(other, p, image)
		}
		sources = append(sources, Source{Image: image, Platform: p})
	}
	return sources, nil
}

// platformsFromArgs reads the values of --platforms.
func platformsFromArgs(values []string) ([]platform.Platform, error) {
	var platforms []platform.Platform
	for _, text := range manifest.SplitList(values) {
		p, err := parsePlatform(text)
		if err != nil {
			return nil, err
		}
		platforms = append(platforms, p)
	}
	if len(platforms) == 0 {
		return nil, manifest.InputErrorf("the --platforms argument names no platform")
	}
	return platforms, nil
}

// duplicateImageError rejects what v2 pushed silently: one image
// under several platforms.
func duplicateImageError(a, b platform.Platform, image string) error {
	return &manifest.InputError{
		Err: fmt.Errorf("platforms %s and %s both mean image %q",
			platform.Format(a), platform.Format(b), image),
		HintText: "put OS or ARCH into --template, in upper case and as separate words, so that every platform gets its own image",
	}
}

// parsePlatform reads one item of --platforms. The sentence for a wrong number
// of parts is that of v2.
func parsePlatform(text string) (platform.Platform, error) {
	p, err := platform.Parse(text)
	if n := strings.Count(text, "/"); err != nil && n != 1 && n != 2 {
		return platform.Platform{}, manifest.InputErrorf(
			"the --platforms argument must be a string slice where one value is of the form 'os/arch', not %q", text)
	}
	if err != nil {
		return platform.Platform{}, &manifest.InputError{Err: fmt.Errorf("reading --platforms: %w", err)}
	}
	return p, nil
}

func tagsFromArgs(values []string) ([]string, error) {
	tags := manifest.SplitList(values)
	for _, tag := range tags {
		if err := checkTag(tag); err != nil {
			return nil, &manifest.InputError{Err: fmt.Errorf("reading --tags: %w", err)}
		}
	}
	return dedupe(tags), nil
}

// dedupe returns items in their order, each once.
func dedupe(items []string) []string {
	var once []string
	seen := make(map[string]bool)
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			once = append(once, item)
		}
	}
	return once
}

// checkTag says what keeps a text from being a tag.
func checkTag(tag string) error {
	switch {
	case tag == "":
		return errors.New("a tag is empty")
	case len(tag) > 128 && tag == reference.RedactUserinfo(tag):
		return fmt.Errorf("tag %.20q… has %d characters, 128 are allowed", tag, len(tag))
	case !reference.IsTag(tag):
		return fmt.Errorf("%q is not a tag: it may hold letters, digits and _ . - and must not begin with . or -", reference.RedactUserinfo(tag))
	}
	return nil
}
