package push

import (
	"fmt"
	"maps"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// annotateEntries adds annotations to the entries of their platforms, those of all
// platforms first, over what the entries have. Attestations get none. An annotation of
// a platform that no entry has is bad input.
func annotateEntries(entries []entry, annotations []spec.EntryAnnotation) error {
	for _, a := range annotations {
		if a.Platform == nil {
			annotate(entries, a)
		}
	}
	for _, a := range annotations {
		if a.Platform != nil && !annotate(entries, a) {
			return &manifest.InputError{
				Err:      fmt.Errorf("annotation %q is for %s, and the index has no entry for it", a.Key, platform.Format(*a.Platform)),
				HintText: "it has entries for " + strings.Join(platformNames(entries), ", "),
			}
		}
	}
	return nil
}

// annotate adds an annotation to the entries that it is for, and reports whether there
// are any.
func annotate(entries []entry, a spec.EntryAnnotation) bool {
	found := false
	for i := range entries {
		e := &entries[i]
		if manifest.IsAttestation(e.Descriptor) || a.Platform != nil && (e.Platform == nil || !platform.Satisfies(*e.Platform, *a.Platform)) {
			continue
		}
		e.Annotations = maps.Clone(e.Annotations)
		if e.Annotations == nil {
			e.Annotations = map[string]string{}
		}
		e.Annotations[a.Key] = a.Value
		found = true
	}
	return found
}
