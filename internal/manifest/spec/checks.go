package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// checkMediaType checks the form of a media type (RFC 6838, section 4.2), which the
// image-spec requires of an artifactType.
func checkMediaType(s string) error {
	if s == "" || regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`).MatchString(s) {
		return nil
	}
	return fmt.Errorf("%.60q is not a media type, such as application/vnd.example.type", s)
}

// checkEnum returns a check for one of some values; no value is fine.
func checkEnum(values ...string) func(string) error {
	return func(s string) error {
		if s == "" || slices.Contains(values, s) {
			return nil
		}
		return fmt.Errorf("%.60q is not one of %s", s, strings.Join(values, ", "))
	}
}

// checkDigest checks the form of a digest; no value is fine.
func checkDigest(s string) error {
	if s == "" {
		return nil
	}
	if _, err := reference.ParseDigest(s); err != nil {
		return fmt.Errorf("%.80q is not a digest, such as sha256: with 64 hex digits: %w", s, err)
	}
	return nil
}

// checkPlatform checks the form of a platform.
func checkPlatform(s string) error {
	_, err := platform.Parse(s)
	return err
}
