package manifesttest

import (
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

var (
	LinuxAMD64 = ocispec.Platform{OS: "linux", Architecture: "amd64"}
	LinuxARMv7 = ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
)

// absent is an entry whose manifest nobody has.
func MissingEntry(text string) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromString(text), Size: 7}
	if p, err := platform.Parse(strings.Fields(text)[0]); err == nil {
		d.Platform = &p
	}
	return d
}

// attestationOf is an attestation of an entry, which nobody has.
func MissingAttestation(d ocispec.Descriptor) ocispec.Descriptor {
	return WithSubject(MissingEntry("of "+d.Digest.String()), d)
}

func ParsePlatforms(t *testing.T, list ...string) []platform.Platform {
	t.Helper()
	found, err := platform.ParseList(list)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func Linux(arch, variant string) ocispec.Platform {
	return ocispec.Platform{OS: "linux", Architecture: arch, Variant: variant}
}

func WithSubject(d, subject ocispec.Descriptor) ocispec.Descriptor {
	d.Platform = &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	d.Annotations = map[string]string{
		manifest.AnnotationReferenceType: manifest.AttestationManifest, manifest.AnnotationReferenceDigest: subject.Digest.String(),
	}
	return d
}

func WithPlatform(d ocispec.Descriptor, p ocispec.Platform) ocispec.Descriptor {
	d.Platform = &p
	return d
}
