// Package manifesttest has what the tests of manifest and its sub-packages
// share: registries that record their requests, images and indexes to put into
// them, and descriptors of manifests that do not exist.
package manifesttest

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// Platforms of images in tests.
var (
	LinuxAMD64 = ocispec.Platform{OS: "linux", Architecture: "amd64"}
	LinuxARMv7 = ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
)

// Linux returns a platform of Linux; variant may be empty.
func Linux(arch, variant string) ocispec.Platform {
	return ocispec.Platform{OS: "linux", Architecture: arch, Variant: variant}
}

// ParsePlatforms parses platforms written as os/arch[/variant].
func ParsePlatforms(t *testing.T, list ...string) []platform.Platform {
	t.Helper()
	found, err := platform.ParseList(list)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// MissingEntry returns an entry whose manifest does not exist. The entry has
// the platform that text begins with, if any; a further word gives it another
// digest.
func MissingEntry(text string) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromString(text), Size: 7}
	if p, err := platform.Parse(strings.Fields(text)[0]); err == nil {
		d.Platform = &p
	}
	return d
}

// MissingAttestation returns an attestation of an entry; its manifest does not
// exist.
func MissingAttestation(d ocispec.Descriptor) ocispec.Descriptor {
	return WithSubject(MissingEntry("of "+d.Digest.String()), d)
}

// WithSubject returns d as an attestation of subject, in BuildKit's form.
func WithSubject(d, subject ocispec.Descriptor) ocispec.Descriptor {
	d.Platform = &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	d.Annotations = map[string]string{
		manifest.AnnotationReferenceType: manifest.AttestationManifest, manifest.AnnotationReferenceDigest: subject.Digest.String(),
	}
	return d
}

// WithPlatform returns d with a platform.
func WithPlatform(d ocispec.Descriptor, p ocispec.Platform) ocispec.Descriptor {
	d.Platform = &p
	return d
}
