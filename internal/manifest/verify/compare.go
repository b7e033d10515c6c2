package verify

import (
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// compare compares what the index declares with what the config says.
func (e *entryCheck) compare() {
	e.checkDeclared()
	if e.kind != manifest.KindImage || e.configured == nil {
		return
	}
	if e.configured.OS == "" || e.configured.Architecture == "" {
		e.add(CodeConfigPlatformOpen, Finding{Subject: e.manifest.Config.Digest.String(), Actual: platform.Format(*e.configured), Evidence: "the config"})
	}
	e.checkSpelling(*e.configured, e.manifest.Config.Digest.String(), "the config")
	if e.desc.Platform == nil {
		if e.parent != "" {
			e.add(CodePlatformUndeclared, Finding{Evidence: "the index"})
		}
		return
	}
	for _, c := range platform.Conflicts(platform.Respell(*e.desc.Platform), *e.configured) {
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

// checkDeclared notes a declared platform that no node can match, and a nested
// index.
func (e *entryCheck) checkDeclared() {
	const how = "the entry's platform in the index"
	if e.kind == manifest.KindIndex && e.parent != "" {
		e.add(CodeIndexNested, Finding{Subject: e.desc.Digest.String(), Evidence: "the media type of the entry"})
	}
	p := e.desc.Platform
	if p == nil || e.kind != manifest.KindImage && e.kind != manifest.KindIndex {
		return
	}
	e.checkSpelling(*p, "", how)
	if right := platform.Respell(*p); !isChosen(right) {
		e.add(CodePlatformImpossible, Finding{Field: "variant", Expected: "a variant of " + p.Architecture, Actual: p.Variant, Evidence: how})
	}
	if p.OS == "" || p.Architecture == "" {
		e.add(CodePlatformIncomplete, Finding{Expected: "os and architecture", Actual: platform.Format(*p), Evidence: how})
	}
}

// isChosen reports whether some node chooses an entry of this variant. None has arm/v8,
// but containerd's nodes of arm64 take entries of 32-bit ARM from v8 down. Source:
// github.com/containerd/platforms, platformVector.
func isChosen(p platform.Platform) bool {
	return p.Architecture == "arm" && p.Variant == "v8" || platform.IsPossibleVariant(p.Architecture, p.Variant)
}

// checkSpelling notes fields of a platform that not all runtimes recognize. What
// they mean is clear: the other checks compare that.
func (e *entryCheck) checkSpelling(p platform.Platform, subject, how string) {
	for _, m := range platform.Misspellings(p) {
		e.add(CodePlatformSpelling, Finding{Subject: subject, Field: m.Field, Expected: m.Right, Actual: m.Written, Evidence: how})
	}
}
