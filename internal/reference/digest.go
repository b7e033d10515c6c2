package reference

import (
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
)

// ParseDigest parses a digest, ALGORITHM:HEX. The error of one in upper case, as some
// programs on Windows print it, says how it is written.
func ParseDigest(text string) (digest.Digest, error) {
	d, err := digest.Parse(text)
	if err == nil {
		return d, nil
	}
	if lower, badInAnyCase := digest.Parse(strings.ToLower(text)); badInAnyCase == nil {
		return "", fmt.Errorf("a digest is written in lower case: %s", lower)
	}
	return "", err
}
