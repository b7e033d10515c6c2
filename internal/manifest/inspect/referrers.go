package inspect

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Role says what a referrer is to its subject, as far as its type shows.
type Role string

// The roles of referrers.
const (
	RoleSignature   Role = "signature"
	RoleAttestation Role = "attestation"
	RoleSBOM        Role = "sbom"
	RoleOther       Role = "other"
)

// Referrer is a manifest that belongs to another: a signature or an
// SBOM. What a registry lists is shown as reported; the manifest of a cosign tag
// was read.
type Referrer struct {
	Role         Role              `json:"role"`
	Digest       digest.Digest     `json:"digest"`
	Size         int64             `json:"size"`
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	// Tag is the tag it was found under; empty where the registry lists it.
	Tag string `json:"tag,omitempty"`
}

// findReferrers asks what belongs to the digest of ref: the registry's list,
// or the tag that replaces it, and the tags cosign names after a digest, all
// at once.
func findReferrers(ctx context.Context, r manifest.Reader, ref reference.Ref) ([]Referrer, error) {
	endings := []struct {
		text string
		role Role
	}{{".sig", RoleSignature}, {".att", RoleAttestation}, {".sbom", RoleSBOM}}
	found := make([][]Referrer, 1+len(endings))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		listed, err := r.Referrers(ctx, ref)
		found[0] = referrersOf(listed)
		return err
	})
	for i, ending := range endings {
		g.Go(func() error {
			tag := ref.ReferrersTag() + ending.text
			o, err := r.Get(ctx, ref.WithTag(tag))
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			d := o.Descriptor
			found[i+1] = []Referrer{{Role: ending.role, Digest: d.Digest, Size: d.Size, MediaType: d.MediaType, Tag: tag}}
			return err
		})
	}
	err := g.Wait()
	// An empty list differs from one that was not requested.
	return append([]Referrer{}, slices.Concat(found...)...), err
}

func referrersOf(listed []ocispec.Descriptor) []Referrer {
	all := make([]Referrer, len(listed))
	for i, d := range listed {
		all[i] = Referrer{
			Role: roleOf(d.ArtifactType), Digest: d.Digest, Size: d.Size,
			MediaType: d.MediaType, ArtifactType: d.ArtifactType, Annotations: d.Annotations,
		}
	}
	return all
}

// roleOf reads the role out of an artifact type. There is no register of them:
// these are the words that the types of cosign, notation, in-toto, SPDX,
// CycloneDX and Syft have in common.
func roleOf(artifactType string) Role {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(artifactType), w) })
	}
	switch {
	case has("spdx", "cyclonedx", "sbom", "syft"):
		return RoleSBOM
	case has("in-toto", "intoto", "attestation", "dsse", "provenance"):
		return RoleAttestation
	case has("signature", "cosign", "sigstore", "notary", ".sig"):
		return RoleSignature
	}
	return RoleOther
}
