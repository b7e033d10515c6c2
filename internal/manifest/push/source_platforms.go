package push

import (
	"fmt"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// PlatformsError means that a source does not have one of the platforms that its key
// platforms names.
type PlatformsError struct {
	Image, Missing string
	Have           []string
}

func (e *PlatformsError) Error() string {
	return fmt.Sprintf("image %s has nothing for %s; it has %s", e.Image, e.Missing, strings.Join(e.Have, ", "))
}

// ExitCode is that of a run whose answer is no.
func (e *PlatformsError) ExitCode() int { return 3 }

// keepPlatforms drops the images of other platforms than those to be taken, and their
// attestations. The error is a *PlatformsError.
func (g *sourceResult) keepPlatforms() error {
	if len(g.only) == 0 {
		return nil
	}
	var kept []entry
	dropped := map[string]bool{}
	for _, e := range g.images {
		if e.Platform != nil && g.isWanted(*e.Platform) {
			kept = append(kept, e)
		} else {
			dropped[e.Digest.String()] = true
		}
	}
	for _, e := range kept { // an image may have several entries
		delete(dropped, e.Digest.String())
	}
	for _, want := range g.only {
		if !hasPlatform(kept, want) {
			return &PlatformsError{Image: g.Image, Missing: platform.Format(want), Have: platformNames(g.images)}
		}
	}
	g.images, g.attestations = kept, withoutSubjects(g.attestations, dropped)
	return nil
}

func (g *sourceResult) isWanted(p platform.Platform) bool {
	for _, want := range g.only {
		if isPlatform(p, want) {
			return true
		}
	}
	return false
}

// withoutSubjects drops the attestations of some images.
func withoutSubjects(attestations []entry, dropped map[string]bool) []entry {
	var kept []entry
	for _, a := range attestations {
		if !dropped[a.Annotations[manifest.AnnotationReferenceDigest]] {
			kept = append(kept, a)
		}
	}
	return kept
}

// platformNames returns the platforms of the images among entries, as they are written.
func platformNames(entries []entry) []string {
	var names []string
	for _, e := range entries {
		if e.Platform != nil && !manifest.IsAttestation(e.Descriptor) {
			names = append(names, platform.Format(*e.Platform))
		}
	}
	return names
}
