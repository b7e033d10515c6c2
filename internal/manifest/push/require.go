package push

import (
	"fmt"
	"slices"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// RequiredError means that an index would lack platforms that are required. Nothing
// was written.
type RequiredError struct {
	Target        string
	Missing, Have []string
}

func (e *RequiredError) Error() string {
	have := "it would have " + strings.Join(e.Have, ", ")
	if len(e.Have) == 0 {
		have = "no image is left"
	}
	return fmt.Sprintf("%s would lack %s, which is required: %s; nothing was written", e.Target, strings.Join(e.Missing, ", "), have)
}

// Hint says what the user can do.
func (e *RequiredError) Hint() string {
	return "push the missing images first, or wait for them with --wait"
}

// ExitCode is that of a run whose answer is no.
func (e *RequiredError) ExitCode() int { return 3 }

// ParseRequired parses the values of --require: comma-separated lists of platforms. The
// error is an InputError.
func ParseRequired(values []string) ([]platform.Platform, error) {
	all, err := platform.ParseList(values)
	if err != nil {
		return nil, manifest.InputErrorf("reading --require: %w", err)
	}
	return all, nil
}

// checkRequired returns a *RequiredError if an image of a required platform is not
// among the entries.
func (r Request) checkRequired(entries []entry, o Options) error {
	e := &RequiredError{Target: r.Targets[0].Ref.String()}
	for _, want := range slices.Concat(r.required, o.Require) {
		if !hasPlatform(entries, want) {
			e.Missing = append(e.Missing, platform.Format(want))
		}
	}
	if len(e.Missing) == 0 {
		return nil
	}
	e.Have = platformNames(entries)
	return e
}

func hasPlatform(entries []entry, want platform.Platform) bool {
	for _, e := range entries {
		if e.Platform != nil && isPlatform(*e.Platform, want) {
			return true
		}
	}
	return false
}

// isPlatform reports whether a platform is the one that is named, however both are
// written: linux/arm64 is linux/arm64/v8. A version and features that the name leaves
// out may be any.
func isPlatform(p, named platform.Platform) bool {
	p, named = platform.Canonical(p), platform.Canonical(named)
	if named.OSVersion == "" {
		p.OSVersion = ""
	}
	if len(named.OSFeatures) == 0 {
		p.OSFeatures = nil
	}
	return platform.Key(p) == platform.Key(named)
}
