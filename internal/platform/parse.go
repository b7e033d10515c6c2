package platform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/containerd/platforms"
)

// Parse reads one platform as flags take it: os/arch[/variant], with an os
// version either after a colon (windows/amd64:10.0.17763.1) or in containerd's
// form (windows(10.0.17763)/amd64). A known architecture alone is that of Linux.
//
// Canonical names are kept as written, so arm64/v8 keeps its variant. Other
// spellings are read as [Respell] reads them. Whether os and architecture exist
// is checked by [Validate]. Anything that would have to be dropped is an error.
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
	if len(parts) == 1 && knownArchitecture(spell(name).arch) {
		name, parts = "linux/"+name, []string{"linux", name}
	}
	if len(parts) != 2 && len(parts) != 3 {
		return Platform{}, syntaxError(name, "it must be os/arch or os/arch/variant, such as linux/arm64")
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
		return Platform{}, syntaxError(name, "a part holds a character that is not allowed, or the options of the os are malformed")
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
	if len(parts) == 2 && knownArchitecture(spell(parts[0]).arch) {
		return Platform{}, fmt.Errorf("%s is an architecture, not an os: did you mean linux/%s?", parts[0], s)
	}
	if p.Architecture, p.Variant, err = canonical(parts[1], variant); err != nil {
		return Platform{}, err
	}
	return p, nil
}

// syntaxError describes a name that is not a platform: as several ones, if a character
// in it is often used to separate them, else with message.
func syntaxError(name, message string) error {
	if at := strings.IndexAny(name, " \t\n;"); at >= 0 {
		return fmt.Errorf("it contains %q, which is not allowed: only commas separate platforms", name[at:at+1])
	}
	return errors.New(message)
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
		if strings.ContainsFunc(option, notOptionChar) || strings.TrimSpace(option) != option {
			return fmt.Errorf("%q may hold letters, digits, blanks and . _ - + ( ) only", option)
		}
	}
	return nil
}

func notOptionChar(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("._-+ ()", r)
}
