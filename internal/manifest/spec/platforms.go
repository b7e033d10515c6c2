package spec

import (
	"fmt"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// ParsePlatform reads the value of --platform where it takes one platform:
// os/arch[/variant][:os.version], or an architecture of Linux alone. Anything else
// is an InputError.
func ParsePlatform(text string) (*platform.Platform, error) {
	p, err := platform.ParseRequested(text)
	if err != nil {
		return nil, platformError("--platform", err)
	}
	return &p, nil
}

// ParsePlatforms reads the values of a flag that takes comma lists of them, as
// [platform.ParseList] does.
func ParsePlatforms(flag string, values []string) ([]platform.Platform, error) {
	list, err := platform.ParseList(values)
	if err != nil {
		return nil, platformError(flag, err)
	}
	return list, nil
}

// platformError says which flag names an invalid platform.
func platformError(flag string, err error) error {
	return &manifest.InputError{Err: fmt.Errorf("reading %s: %w", flag, err)}
}
