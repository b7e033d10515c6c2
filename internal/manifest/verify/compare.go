package verify

import (
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// compare compares what the index declares with what the config says.
func (e *entryCheck) compare() {
	if e.kind != manifest.KindImage || e.configured == nil {
		return
	}
	if e.configured.OS == "" || e.configured.Architecture == "" {
		e.add(CodeConfigPlatformOpen, Finding{Subject: e.manifest.Config.Digest.String(), Actual: platform.Format(*e.configured), Evidence: "the config"})
	}
	if e.desc.Platform == nil {
		if e.parent != "" {
			e.add(CodePlatformUndeclared, Finding{Evidence: "the index"})
		}
		return
	}
	for _, c := range platform.Conflicts(*e.desc.Platform, *e.configured) {
		f := Finding{Field: c.Field, Expected: c.Declared, Actual: c.Configured, Evidence: "the entry's platform in the index, compared with the config's"}
		if c.Field == "os.version" && platform.IsSameBuild(c.Declared, c.Configured) {
			f.Severity = SeverityWarning
		}
		e.add(CodeConfigPlatform, f)
	}
}

// findDuplicates notes entries that are for one platform.
func findDuplicates(entries []*entryCheck) {
	first := map[string]*entryCheck{}
	for _, e := range entries {
		p := e.desc.Platform
		if manifest.IsUnknownPlatform(p) || e.kind != manifest.KindImage {
			continue
		}
		key := string(e.parent) + platform.Key(platform.Canonical(*p))
		if other, taken := first[key]; taken {
			e.add(CodeDuplicatePlatform, Finding{Expected: "one entry", Actual: "also " + other.desc.Digest.String(), Evidence: "the platforms of the index's entries"})
			continue
		}
		first[key] = e
	}
}

// filterByPlatform returns the entries of the requested platform.
func (v *verifier) filterByPlatform(entries []*entryCheck, own *findings) []*entryCheck {
	if v.opts.Platform == nil {
		return entries
	}
	want := *v.opts.Platform
	var kept []*entryCheck
	var there []string
	for _, e := range entries {
		p := e.desc.Platform
		if p == nil {
			p = e.configured
		}
		if p == nil || e.kind == manifest.KindIndex {
			continue
		}
		there = append(there, platform.Format(*p))
		if platform.Satisfies(*p, want) {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		own.add(CodePlatformAbsent, Finding{
			Expected: platform.Format(want), Actual: joinOrNone(there), Evidence: "the platforms of the index's entries",
		})
	}
	return kept
}
