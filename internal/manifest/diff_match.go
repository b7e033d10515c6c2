package manifest

import (
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
)

// entry is an entry of one side of a comparison.
type entry struct {
	ocispec.Descriptor
	// about is the platform the entry is for; for an attestation that of its
	// subject, nil when that is not in the index.
	about *platform.Platform
}

// subjects finds out what the attestations among the entries are about.
func subjects(descriptors []ocispec.Descriptor) []entry {
	images := map[string]*platform.Platform{}
	for _, d := range descriptors {
		images[d.Digest.String()] = d.Platform
	}
	entries := make([]entry, len(descriptors))
	for i, d := range descriptors {
		entries[i] = entry{d, d.Platform}
		if isAttestation(d) {
			entries[i].about = images[d.Annotations[AnnotationReferenceDigest]]
		}
	}
	return entries
}

// kind says what an entry points at.
func (e entry) kind() Kind { return entryKind(e.Descriptor) }

func (e entry) satisfies(want platform.Platform) bool {
	return e.about != nil && platform.Satisfies(*e.about, want)
}

// only returns the entries that satisfy one of the platforms; all, where none
// are given.
func only(entries []entry, wants []platform.Platform) []entry {
	if len(wants) == 0 {
		return entries
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool {
		return !slices.ContainsFunc(wants, e.satisfies)
	})
}

// couple is an entry of the old side and its counterpart on the new one; nil
// where there is none.
type couple struct{ before, after *entry }

// match pairs entries of one kind: those of one platform, equal digests first,
// then those of one Windows build in another update. What several entries
// share is paired in the order of the indexes. The pairs come in the order of
// the new side, removed entries at the end.
func match(was, is []entry) []couple {
	counterpart := make([]*entry, len(is))
	taken := make([]bool, len(was))
	for _, key := range []func(entry) string{sameBytes, samePlatform, sameBuild} {
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
	var pairs []couple
	for i := range is {
		pairs = append(pairs, couple{counterpart[i], &is[i]})
	}
	for i := range was {
		if !taken[i] {
			pairs = append(pairs, couple{before: &was[i]})
		}
	}
	return pairs
}

// sameBytes, samePlatform and sameBuild are what two entries must have in
// common to be a pair.
func sameBytes(e entry) string { return samePlatform(e) + " " + e.Digest.String() }

func samePlatform(e entry) string {
	if e.about == nil {
		return string(e.kind())
	}
	return string(e.kind()) + " " + platform.Key(platform.Canonical(*e.about))
}

func sameBuild(e entry) string {
	if e.about == nil {
		return string(e.kind())
	}
	p := platform.Canonical(*e.about)
	p.OSVersion = platform.WindowsBuild(p.OSVersion)
	return string(e.kind()) + " " + platform.Key(p)
}

// difference begins the comparison of a pair.
func (p couple) difference() EntryDifference {
	d := EntryDifference{State: Changed}
	if p.before != nil {
		d.Old, d.Kind, d.Platform = p.before.side(), p.before.kind(), p.before.about
	}
	if p.after != nil {
		d.New, d.Kind, d.Platform = p.after.side(), p.after.kind(), p.after.about
	}
	d.PlatformText = formatPlatform(d.Platform)
	switch {
	case p.before == nil:
		d.State = Added
	case p.after == nil:
		d.State = Removed
	default:
		if d.Fields = p.fields(); len(d.Fields) == 0 {
			d.State = Same
		}
	}
	return d
}

func (e entry) side() *EntrySide {
	return &EntrySide{Digest: e.Digest, MediaType: e.MediaType, Size: e.Size}
}

// fields compares the two descriptors.
func (p couple) fields() fields {
	var f fields
	f.text("digest", p.before.Digest.String(), p.after.Digest.String())
	f.text("mediaType", p.before.MediaType, p.after.MediaType)
	f.text("artifactType", p.before.ArtifactType, p.after.ArtifactType)
	f.text("size", fmt.Sprint(p.before.Size), fmt.Sprint(p.after.Size))
	f.text("urls", strings.Join(p.before.URLs, " "), strings.Join(p.after.URLs, " "))
	f.platform(p.before.Platform, p.after.Platform)
	was, is := p.before.Annotations, p.after.Annotations
	if p.before.kind() == KindAttestation {
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
		if k != AnnotationReferenceDigest {
			kept[k] = v
		}
	}
	return kept
}
