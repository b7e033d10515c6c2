package push

import (
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/platform"
)

// checkDuplicates fails if two entries have the same platform, however it is
// written (arm64 and arm64/v8 are one): which of them a node pulls depends on
// its runtime. Entries without a platform, or with unknown/unknown, are not for
// nodes. Artifacts are selected by their type as well: one is not a duplicate of
// the image of its platform, next to which SOCI puts it. Two of one type are a
// warning, or an error if o is strict.
func checkDuplicates(images []entry, o Options) error {
	seen := map[string]entry{}
	for _, e := range images {
		if manifest.IsUnknownPlatform(e.Platform) {
			continue
		}
		isArtifact := manifest.IsArtifactType(e.ArtifactType)
		key := platform.Key(platform.Canonical(*e.Platform))
		if isArtifact {
			key = e.ArtifactType + " " + key
		}
		other, taken := seen[key]
		switch {
		case !taken:
			seen[key] = e
		case isArtifact && !o.Strict:
			o.Warn(duplicateArtifacts(other, e))
		case isArtifact && other.Digest != e.Digest:
			return &manifest.InputError{
				Err:      errors.New(duplicateArtifacts(other, e)),
				HintText: "leave one of them out; --allow-duplicates keeps both",
			}
		default:
			return duplicateError(other, e)
		}
	}
	return nil
}

// dropCovered leaves out images that are entries of a source index as well, and of which
// the spec declares nothing: the files of some builders, such as ko, list an index and
// its images.
func dropCovered(images []entry) []entry {
	covered := map[digest.Digest]bool{}
	for _, e := range images {
		if !e.direct {
			covered[e.Digest] = true
		}
	}
	return slices.DeleteFunc(images, func(e entry) bool {
		return e.direct && covered[e.Digest] && platform.Key(e.source.Platform) == platform.Key(platform.Platform{}) && len(e.source.Annotations) == 0
	})
}

func duplicateArtifacts(a, b entry) string {
	return fmt.Sprintf("%s and %s are artifacts of the same type, %s, for %s", a.source.Image, b.source.Image, b.ArtifactType, platform.Format(*b.Platform))
}

func duplicateError(a, b entry) error {
	same := platform.Format(*a.Platform)
	if other := platform.Format(*b.Platform); other != same {
		same += " and " + other
	}
	hint := fmt.Sprintf("correct the platform of one of them, or leave one out; if both are meant for %s (such as different compression), --allow-duplicates keeps both", same)
	if a.Digest == b.Digest {
		hint = "it is the same image twice, with different fields: leave one of them out"
	}
	// The first sentence is v2's.
	return &manifest.InputError{
		Err: fmt.Errorf("cannot include two manifests with the same platform; digest %s already provides platform %s (this digest: %s): %s and %s are both for %s",
			a.Digest, platform.Key(*b.Platform), b.Digest, a.source.Describe(), b.source.Describe(), same),
		HintText: hint,
	}
}

// filterAttestations returns the attestations whose subject is among the
// images, or none if they are dropped (decision 11).
func filterAttestations(images, attestations []entry, o Options) []entry {
	if o.DropAttestations {
		return nil
	}
	subjects := map[string]bool{}
	for _, d := range images {
		subjects[d.Digest.String()] = true
	}
	var kept []entry
	for _, a := range attestations {
		subject := a.Annotations[manifest.AnnotationReferenceDigest]
		if !subjects[subject] {
			o.Warn(fmt.Sprintf("attestation %s is left out: its subject %q is not in the index", a.Digest, subject))
			continue
		}
		kept = append(kept, a)
	}
	return kept
}

// pruneCopies drops the copies that no entry leads to: those of attestations that
// were left out. A manifest that several sources bring is copied once.
func pruneCopies(copies []transfer.Copy, entries []entry) []transfer.Copy {
	wanted := map[digest.Digest]bool{}
	for _, d := range entries {
		wanted[d.Digest] = true
	}
	// Parents come after their children: walk from the end, so that a parent
	// that is wanted makes its children wanted before they are looked at.
	var kept []transfer.Copy
	for _, c := range slices.Backward(copies) {
		if !wanted[c.Document.Descriptor.Digest] {
			continue
		}
		delete(wanted, c.Document.Descriptor.Digest)
		if manifest.IsIndex(c.Document.Descriptor.MediaType) {
			nested, err := manifest.ParseIndex(c.Document.Raw)
			if err != nil {
				continue
			}
			for _, d := range nested.Manifests {
				wanted[d.Digest] = true
			}
		}
		kept = append(kept, c)
	}
	slices.Reverse(kept)
	return kept
}
