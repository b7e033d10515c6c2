// Package platform parses, formats, validates and matches platforms. It also defines how a declared platform is completed from an image's
// config, when the two contradict each other, and which entry of an index a node
// selects. It does no I/O, except that [Host] inspects the machine.
package platform

import (
	"fmt"
	"strings"

	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Platform is the platform of an index entry or of an image's config, as the
// OCI image-spec defines it (image-index.md, "platform"). Its JSON key order is
// the one index bytes are written in.
type Platform = ocispec.Platform

// unsetText is written for an os or architecture that is not set.
const unsetText = "unknown"

// Format writes p as os/arch[/variant][:osversion], the form that [Parse]
// reads. An os or architecture that is not set is written as "unknown";
// os.features are left out.
func Format(p Platform) string {
	s := OrUnknown(p.OS) + "/" + OrUnknown(p.Architecture)
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	if p.OSVersion != "" {
		s += ":" + p.OSVersion
	}
	return s
}

// OrUnknown returns s, or "unknown" if s is empty.
func OrUnknown(s string) string {
	if s == "" {
		return unsetText
	}
	return s
}

// Key returns what makes a platform one of its kind in an index: two entries
// with equal keys are doubles. Its form, arch-os-variant-osversion-features
// with every field as it is and the features joined by dots, is the
// v2's, whose messages show it.
func Key(p Platform) string {
	return fmt.Sprintf("%s-%s-%s-%s-%s", p.Architecture, p.OS, p.Variant,
		p.OSVersion, strings.Join(p.OSFeatures, "."))
}

// Canonical returns p in the spelling that containerd compares in: x86_64 is
// amd64, arm64/v8 is arm64, arm is arm/v7. containerd reads an unset os as the os
// of this machine; here it stays unset.
func Canonical(p Platform) Platform {
	n := platforms.Normalize(p)
	if p.OS == "" {
		n.OS = ""
	}
	return n
}
