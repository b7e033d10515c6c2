package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Floating is a tag that follows the newest version of a line.
type Floating string

// The floating tags: 1 and 1.4 for the version 1.4.2, and latest.
const (
	FloatingMajor  Floating = "major"
	FloatingMinor  Floating = "minor"
	FloatingLatest Floating = "latest"
)

// ParseFloating reads the values of --floating; others than the three are an
// InputError.
func ParseFloating(values []string) ([]Floating, error) {
	var all []Floating
	for _, text := range manifest.SplitList(values) {
		f, err := manifest.ParseEnum("--floating", text, FloatingMajor, FloatingMinor, FloatingLatest)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all, nil
}

// version is a tag that is a version, such as 1.4.2 or v1.4.2.
type version struct {
	// prefix is "v" or empty; canonical is the version with v, as semver has it.
	prefix, canonical string
}

// parseVersion reads a tag of three numbers, which may have a suffix.
func parseVersion(tag string) (version, bool) {
	bare, hasPrefix := strings.CutPrefix(tag, "v")
	v := version{canonical: "v" + bare}
	if hasPrefix {
		v.prefix = "v"
	}
	core, _, _ := strings.Cut(bare, "-")
	return v, semver.IsValid(v.canonical) && strings.Count(core, ".") == 2
}

func (v version) isRelease() bool { return semver.Prerelease(v.canonical) == "" }

// tag returns the floating tag of a version, and whether it follows another version
// as well.
func (v version) tag(f Floating) (name string, follows func(version) bool) {
	line := semver.MajorMinor
	switch f {
	case FloatingLatest:
		return "latest", func(version) bool { return true }
	case FloatingMajor:
		line = semver.Major
	case FloatingMinor:
	}
	of := line(v.canonical)
	return v.prefix + strings.TrimPrefix(of, "v"), func(o version) bool { return line(o.canonical) == of }
}

// floatingTags returns the floating tags that a version takes, given all tags of its
// repository: those of a line that has no higher release. notes says which ones stay
// where they are. A version with a suffix is a pre-release and takes none.
func floatingTags(v version, floating []Floating, existing []string) (tags, notes []string) {
	for _, f := range floating {
		name, follows := v.tag(f)
		if !v.isRelease() {
			notes = append(notes, fmt.Sprintf("%s stays where it is: %s is a pre-release", name, v.canonical[1:]))
			continue
		}
		if higher := highest(existing, follows); semver.Compare(higher.canonical, v.canonical) > 0 {
			notes = append(notes, fmt.Sprintf("%s stays where it is: there is the higher version %s", name, higher.prefix+higher.canonical[1:]))
			continue
		}
		tags = append(tags, name)
	}
	return tags, notes
}

// highest returns the highest release among the tags that are wanted; the zero value,
// which is lower than all, if there is none.
func highest(tags []string, wanted func(version) bool) version {
	var top version
	for _, tag := range tags {
		v, ok := parseVersion(tag)
		if ok && v.isRelease() && wanted(v) && semver.Compare(v.canonical, top.canonical) > 0 {
			top = v
		}
	}
	return top
}

// checkFloating returns an InputError if floating tags are asked for and the tag of
// the first target is not a version.
func (r Request) checkFloating(o Options) error {
	if len(o.Floating) == 0 {
		return nil
	}
	if _, ok := parseVersion(r.Targets[0].Ref.Tag); !ok {
		return manifest.InputErrorf("--floating: the tag of %s is not a version such as 1.4.2 or v1.4.2", r.Targets[0].Ref)
	}
	return nil
}

// addFloating returns the targets with their floating tags. The tags of each repository
// are read once; the versions of other requests of the run count as well.
func (r Request) addFloating(ctx context.Context, from manifest.Reader, o Options) ([]Target, error) {
	if len(o.Floating) == 0 {
		return r.Targets, nil
	}
	var targets []Target
	for _, to := range r.Targets {
		v, ok := parseVersion(to.Ref.Tag)
		if !ok {
			targets = append(targets, to)
			continue
		}
		existing, err := existingTags(ctx, from, to.Ref)
		if err != nil {
			return nil, fmt.Errorf("reading the tags of %s for --floating: %w", to.Ref.WithTag(""), err)
		}
		tags, notes := floatingTags(v, o.Floating, slices.Concat(existing, o.inRun[to.Ref.WithTag("").Location()]))
		for _, note := range notes {
			o.Note(to.Ref.WithTag("").String() + ": " + note)
		}
		targets = addTarget(append(targets, to), to.Ref, append([]string{to.Ref.Tag}, tags...))
	}
	return targets, nil
}

// existingTags lists the tags of a repository, none if it does not exist yet.
func existingTags(ctx context.Context, r manifest.Reader, ref reference.Ref) ([]string, error) {
	tags, err := r.Tags(ctx, ref)
	var notCreated *store.NotCreatedError
	if errors.Is(err, store.ErrNotFound) || errors.As(err, &notCreated) {
		return nil, nil
	}
	return tags, err
}
