package spec

import (
	"fmt"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// FromImages builds the spec of push from-images: one source per argument, which is
// a reference, or REF=PLATFORM if its platform is declared. A target of several lines
// is the target and further ones. Every error is an InputError; references are not
// checked here.
func FromImages(target string, images []string) (Spec, error) {
	s, err := FromTarget(target)
	if err != nil {
		return Spec{}, err
	}
	for _, text := range images {
		source, err := sourceFromArg(text)
		if err != nil {
			return Spec{}, err
		}
		s.Manifests = append(s.Manifests, source)
	}
	return s, nil
}

// FromTarget returns a spec without sources. The target is a reference, or several,
// one in each line: the first one and further ones.
func FromTarget(target string) (Spec, error) {
	names := SplitLines([]string{target})
	if len(names) == 0 {
		return Spec{}, manifest.InputErrorf("the target is empty")
	}
	return Spec{Image: names[0], Targets: names[1:]}, nil
}

// sourceFromArg reads REF or REF=PLATFORM. A path can have an = of its own: there, what
// follows is a platform only if it is a known one.
func sourceFromArg(text string) (Source, error) {
	at := strings.LastIndex(text, "=")
	if at < 0 {
		return Source{Image: text}, nil
	}
	p, err := platform.Parse(text[at+1:])
	if strings.Contains(text, "://") {
		if _, unknown := platform.Validate(p, false); err != nil || unknown != nil {
			return Source{Image: text}, nil
		}
	}
	if err != nil {
		return Source{}, &manifest.InputError{
			Err:      fmt.Errorf("image %s: %w", reference.RedactUserinfo(text[:at]), err),
			HintText: "write REF=OS/ARCH[/VARIANT] to declare a platform, or the reference alone to read it from the config",
		}
	}
	return Source{Image: text[:at], Platform: p}, nil
}
