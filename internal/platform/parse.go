package platform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/containerd/platforms"
)

// Parse reads one platform as --platforms takes it: os/arch[/variant], with an
// os version either after a colon (windows/amd64:10.0.17763.1) or in
// containerd's form (windows(10.0.17763)/amd64).
//
// Canonical names are kept as written, so arm64/v8 keeps its variant. Upper case and
// known aliases (aarch64, x86_64, armhf, i386, macos) take the spelling that
// containerd gives them. Whether os and architecture exist is [Validate]'s
// question. Anything that would have to be dropped is an error.
func Parse(s string) (Platform, error) {
	p, err := parse(s)
	if err != nil {
		return Platform{}, fmt.Errorf("parsing platform %q: %w", s, err)
	}
	return p, nil
}

func parse(s string) (Platform, error) {
	name, version, versioned := strings.Cut(s, ":")
	parts := strings.Split(name, "/")
	if len(parts) != 2 && len(parts) != 3 {
		return Platform{}, errors.New("it must be os/arch or os/arch/variant")
	}
	for _, part := range parts {
		if part == "" {
			return Platform{}, errors.New("one of its parts is empty")
		}
	}
	// containerd checks the characters of every part and reads the os with
	// its options; it also rewrites variants, so those are taken from parts.
	// Its errors quote regular expressions, which do not help users.
	read, err := platforms.Parse(name)
	if err != nil {
		return Platform{}, errors.New("a part holds a character that is not allowed, or the options of the os are malformed")
	}
	p := Platform{OS: read.OS, OSVersion: read.OSVersion, OSFeatures: read.OSFeatures}
	if err := checkOptions(parts[0], p, version, versioned); err != nil {
		return Platform{}, err
	}
	if versioned {
		p.OSVersion = version
	}
	variant := ""
	if len(parts) == 3 {
		variant = parts[2]
	}
	p.Architecture, p.Variant, err = canonical(parts[1], variant)
	return p, err
}

// checkOptions rejects what containerd silently accepts: empty options in the
// brackets after the os, and percent escapes that decode to unprintable characters.
func checkOptions(os string, read Platform, version string, versioned bool) error {
	switch {
	case strings.HasSuffix(os, "()"):
		return errors.New("the options after the os are empty")
	case versioned && read.OSVersion != "":
		return errors.New("it has two os versions")
	case versioned && version == "":
		return errors.New("the os version after the colon is empty")
	}
	for _, option := range append([]string{read.OSVersion, version}, read.OSFeatures...) {
		if strings.ContainsFunc(option, notOptionChar) {
			return fmt.Errorf("%q may hold letters, digits and . _ - + only", option)
		}
	}
	return nil
}

func notOptionChar(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("._-+", r)
}

// canonical spells an architecture and its variant as containerd
// does. Two things differ. A variant that was written is never folded into "no
// variant", as containerd folds amd64/v1: index bytes would change. And an
// alias that names a variant (armhf is arm/v7) keeps it.
func canonical(arch, variant string) (string, string, error) {
	alias := platforms.Normalize(Platform{Architecture: arch})
	name := alias.Architecture
	if variant == "" {
		if strings.EqualFold(arch, name) {
			return name, "", nil // arm alone says nothing about its variant
		}
		return name, alias.Variant, nil
	}
	folded := platforms.Normalize(Platform{Architecture: name, Variant: variant}).Variant
	if !strings.EqualFold(arch, name) && alias.Variant != "" && alias.Variant != folded {
		return "", "", fmt.Errorf("%s means %s/%s, which is not variant %s", arch, name, alias.Variant, variant)
	}
	if folded != "" {
		return name, folded, nil
	}
	if name == "arm64" {
		return name, "v8", nil
	}
	return name, strings.ToLower(variant), nil
}
