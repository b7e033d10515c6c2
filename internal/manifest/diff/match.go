package diff

import (
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// sideEntry is an entry of one side of a comparison.
type sideEntry struct {
	ocispec.Descriptor
	// subjectPlatform is the platform the entry is for; for an attestation that of its
	// subject, nil when that is not in the index.
	subjectPlatform *platform.Platform
}

// withSubjectPlatforms finds out what the attestations among the entries are about.
func withSubjectPlatforms(descriptors []ocispec.Descriptor) []sideEntry {
	images := map[string]*platform.Platform{}
	for _, d := range descriptors {
		images[d.Digest.String()] = d.Platform
	}
	entries := make([]sideEntry, len(descriptors))
	for i, d := range descriptors {
		entries[i] = sideEntry{d, d.Platform}
		if manifest.IsAttestation(d) {
			entries[i].subjectPlatform = images[d.Annotations[manifest.AnnotationReferenceDigest]]
		}
	}
	return entries
}

// kind says what an entry points at.
func (e sideEntry) kind() manifest.Kind { return manifest.KindOf(e.Descriptor) }

func (e sideEntry) satisfies(want platform.Platform) bool {
	return e.subjectPlatform != nil && platform.Satisfies(*e.subjectPlatform, want)
}

// filterByPlatform returns the entries that satisfy one of the platforms; all, where none
// are given.
func filterByPlatform(entries []sideEntry, wants []platform.Platform) []sideEntry {
	if len(wants) == 0 {
		return entries
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e sideEntry) bool {
		return !slices.ContainsFunc(wants, e.satisfies)
	})
}

// entryPair is an entry of the old side and its counterpart on the new one; nil
// if there is none.
type entryPair struct{ before, after *sideEntry }

// pairEntries pairs entries of one kind: those of one platform, equal digests first,
// then those of one Windows build in another update. What several entries
// share is paired in the order of the indexes. The pairs come in the order of
// the new side, removed entries at the end.
func pairEntries(was, is []sideEntry) []entryPair {
	counterpart := make([]*sideEntry, len(is))
	taken := make([]bool, len(was))
	for _, key := range []func(sideEntry) string{bytesKey, platformKey, buildKey} {
		free := map[string][]int{}
		for i, e := range was {
			if !taken[i] {
				free[key(e)] = append(free[key(e)], i)
			}
		}
		for i, e := range is {
			if at := free[key(e)]; counterpart[i] == nil && len(at) > 0 {
				counterpart[i], taken[at[0]] = &was[at[0]], true
				free[key(e)] = at[1:]
			}
		}
	}
	var pairs []entryPair
	for i := range is {
		pairs = append(pairs, entryPair{counterpart[i], &is[i]})
	}
	for i := range was {
		if !taken[i] {
			pairs = append(pairs, entryPair{before: &was[i]})
		}
	}
	return pairs
}

// bytesKey, platformKey and buildKey are what two entries must have in
// common to be a pair.
func bytesKey(e sideEntry) string { return platformKey(e) + " " + e.Digest.String() }

func platformKey(e sideEntry) string {
	if e.subjectPlatform == nil {
		return string(e.kind())
	}
	return string(e.kind()) + " " + platform.Key(platform.Canonical(*e.subjectPlatform))
}

func buildKey(e sideEntry) string {
	if e.subjectPlatform == nil {
		return string(e.kind())
	}
	p := platform.Canonical(*e.subjectPlatform)
	p.OSVersion = platform.WindowsBuild(p.OSVersion)
	return string(e.kind()) + " " + platform.Key(p)
}

// difference begins the comparison of a pair.
func (p entryPair) difference() EntryDifference {
	d := EntryDifference{State: Changed}
	if p.before != nil {
		d.Old, d.Kind, d.Platform = p.before.side(), p.before.kind(), p.before.subjectPlatform
	}
	if p.after != nil {
		d.New, d.Kind, d.Platform = p.after.side(), p.after.kind(), p.after.subjectPlatform
	}
	d.PlatformText = manifest.FormatPlatform(d.Platform)
	switch {
	case p.before == nil:
		d.State = Added
	case p.after == nil:
		d.State = Removed
	default:
		if d.Fields = p.fields(); len(d.Fields) == 0 {
			d.State = Equal
		}
	}
	return d
}

func (e sideEntry) side() *EntrySide {
	return &EntrySide{Digest: e.Digest, MediaType: e.MediaType, Size: e.Size}
}

// fieldChanges compares the two descriptors.
func (p entryPair) fields() fieldChanges {
	var f fieldChanges
	f.compare("digest", p.before.Digest.String(), p.after.Digest.String())
	f.compare("mediaType", p.before.MediaType, p.after.MediaType)
	f.compare("artifactType", p.before.ArtifactType, p.after.ArtifactType)
	f.compare("size", fmt.Sprint(p.before.Size), fmt.Sprint(p.after.Size))
	f.compare("urls", strings.Join(p.before.URLs, " "), strings.Join(p.after.URLs, " "))
	f.platform(p.before.Platform, p.after.Platform)
	was, is := p.before.Annotations, p.after.Annotations
	if p.before.kind() == manifest.KindAttestation {
		was, is = withoutSubject(was), withoutSubject(is)
	}
	f.annotations(was, is)
	return f
}

// withoutSubject drops the subject, which changes with every image and is
// known from it.
func withoutSubject(annotations map[string]string) map[string]string {
	kept := map[string]string{}
	for k, v := range annotations {
		if k != manifest.AnnotationReferenceDigest {
			kept[k] = v
		}
	}
	return kept
}
