package push

import (
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/platform"
)

// checkDuplicates fails when two entries have one platform, however it is
// written (arm64 and arm64/v8 are one): which of them a node would pull is up to
// its runtime. Entries without a platform, and those of unknown/unknown, promise
// none.
func checkDuplicates(images []ocispec.Descriptor) error {
	seen := map[string]digest.Digest{}
	for _, d := range images {
		if manifest.IsUnknownPlatform(d.Platform) {
			continue
		}
		key := platform.Key(platform.Canonical(*d.Platform))
		other, taken := seen[key]
		if !taken {
			seen[key] = d.Digest
			continue
		}
		hint := "--allow-duplicates keeps both, for images that differ in their compression"
		if other == d.Digest {
			hint = "the same image is listed twice: leave one of them out"
		}
		return &manifest.InputError{
			Err: fmt.Errorf("cannot include two manifests with the same platform; digest %s already provides platform %s (this digest: %s)",
				other, platform.Key(*d.Platform), d.Digest),
			HintText: hint,
		}
	}
	return nil
}

// filterAttestations returns the attestations whose subject is among the
// images, or none if they are dropped (decision 11).
func filterAttestations(images, attestations []ocispec.Descriptor, o Options) []ocispec.Descriptor {
	if o.DropAttestations {
		return nil
	}
	subjects := map[string]bool{}
	for _, d := range images {
		subjects[d.Digest.String()] = true
	}
	var kept []ocispec.Descriptor
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
func pruneCopies(copies []transfer.Copy, entries []ocispec.Descriptor) []transfer.Copy {
	wanted := map[digest.Digest]bool{}
	for _, d := range entries {
		wanted[d.Digest] = true
	}
	// Parents come after their children: walk from the end, so that a parent
	// that is wanted makes its children wanted before they are looked at.
	var kept []transfer.Copy
	for _, c := range slices.Backward(copies) {
		if !wanted[c.Object.Descriptor.Digest] {
			continue
		}
		delete(wanted, c.Object.Descriptor.Digest)
		if manifest.IsIndex(c.Object.Descriptor.MediaType) {
			nested, err := manifest.ParseIndex(c.Object.Raw)
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
