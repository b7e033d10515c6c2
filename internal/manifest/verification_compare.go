package manifest

import (
	"manifest-tool/internal/platform"
)

// compare compares what the index declares with what the config says.
func (e *examined) compare() {
	if e.kind != KindImage || e.configured == nil {
		return
	}
	if e.configured.OS == "" || e.configured.Architecture == "" {
		e.add(CodeConfigOpen, Finding{Subject: e.manifest.Config.Digest.String(), Got: platform.Format(*e.configured), How: "the config"})
	}
	if e.desc.Platform == nil {
		if e.parent != "" {
			e.add(CodePlatformNone, Finding{How: "the index"})
		}
		return
	}
	for _, c := range platform.Conflicts(*e.desc.Platform, *e.configured) {
		f := Finding{Field: c.Field, Wanted: c.Declared, Got: c.Configured, How: "the entry's platform in the index, compared with the config's"}
		if c.Field == "os.version" && platform.IsSameBuild(c.Declared, c.Configured) {
			f.Severity = SeverityWarning
		}
		e.add(CodeConfigPlatform, f)
	}
}

// findDuplicates notes entries that are for one platform.
func findDuplicates(entries []*examined) {
	first := map[string]*examined{}
	for _, e := range entries {
		p := e.desc.Platform
		if isForNone(p) || e.kind != KindImage {
			continue
		}
		key := string(e.parent) + platform.Key(platform.Canonical(*p))
		if other, taken := first[key]; taken {
			e.add(CodeDuplicatePlatform, Finding{Wanted: "one entry", Got: "also " + other.desc.Digest.String(), How: "the platforms of the index's entries"})
			continue
		}
		first[key] = e
	}
}

// choose leaves the entries of the platform that was asked for.
func (v *verifier) choose(entries []*examined, own *findings) []*examined {
	if v.opts.Platform == nil {
		return entries
	}
	want := *v.opts.Platform
	var kept []*examined
	var there []string
	for _, e := range entries {
		p := e.desc.Platform
		if p == nil {
			p = e.configured
		}
		if p == nil || e.kind == KindIndex {
			continue
		}
		there = append(there, platform.Format(*p))
		if platform.Satisfies(*p, want) {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		own.add(CodePlatformAbsent, Finding{
			Wanted: platform.Format(want), Got: listed(there), How: "the platforms of the index's entries",
		})
	}
	return kept
}
