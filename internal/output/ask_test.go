package output

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/diff"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
)

func on(os, arch, variant, version string, features ...string) *platform.Platform {
	return &platform.Platform{OS: os, Architecture: arch, Variant: variant, OSVersion: version, OSFeatures: features}
}

func queried1(p *platform.Platform, text, digit string) inspect.QueryPlatform {
	return inspect.QueryPlatform{Platform: p, PlatformText: text, Digest: sha(digit), MediaType: ocispec.MediaTypeImageManifest, Size: 402}
}

func queryResults() []result {
	index := inspect.QueryResult{
		Schema: "query/v1", Name: "reg.example/app", Reference: "reg.example/app:latest",
		Digest: sha("0"), MediaType: ocispec.MediaTypeImageIndex, Index: true, Attestations: 1,
		Platforms: []inspect.QueryPlatform{
			queried1(on("linux", "amd64", "", ""), "linux/amd64", "1"),
			queried1(on("linux", "arm", "v7", "5.1"), "linux/arm/v7:5.1", "2"),
			queried1(on("windows", "amd64", "", "10.0.20348.1", "win32k"), "windows/amd64:10.0.20348.1", "3"),
			queried1(nil, "", "4"),
		},
	}
	index.Platforms[1].Nested = sha("9")
	lacking := index
	lacking.Missing = []string{"linux/arm/v6", "linux/s390x"}
	single := inspect.QueryResult{
		Schema: "query/v1", Name: "reg.example/one:1", Reference: "reg.example/one:1", Digest: sha("a"),
		MediaType: manifest.MediaTypeDockerImage, Platforms: []inspect.QueryPlatform{queried1(on("linux", "arm64", "v8", ""), "linux/arm64/v8", "a")},
	}
	odd := index
	p := hostilePlatform()
	odd.Name, odd.MediaType, odd.Digest = hostile, hostile, digest.Digest(hostile)
	odd.Platforms = []inspect.QueryPlatform{{Platform: &p, PlatformText: hostile, Digest: digest.Digest(hostile), MediaType: hostile}}
	odd.Missing = []string{hostile}
	failed := inspect.QueryResult{
		Schema: "query/v1", Name: "reg.example/none", Platforms: []inspect.QueryPlatform{}, Error: "not found", Err: errors.New("not found"),
	}
	return []result{
		{"query", "index", index},
		{"query", "lacking", lacking},
		{"query", "single", single},
		{"query", "hostile", odd},
		{"query", "failed", failed},
	}
}

func candidate(position int, verdict selection.CandidateState, p *platform.Platform, digit, reason string) selection.Candidate {
	return selection.Candidate{
		Position: position, State: verdict, Reason: reason, Platform: p, PlatformText: formatPlatform(p),
		Digest: sha(digit), MediaType: ocispec.MediaTypeImageManifest, Size: 402,
	}
}

func resolveResults() []result {
	nested := candidate(1, selection.Chosen, on("linux", "arm64", "v8", ""), "5", "it is for this platform")
	nested.Nested = sha("4")
	resolution := resolve.Resolution{
		Schema: "resolve/v1", Name: "reg.example/app:1", Reference: "reg.example/app:1", Rule: platform.RuleContainerd,
		Digest: sha("0"), MediaType: ocispec.MediaTypeImageIndex, Index: true,
		Platforms: []resolve.ResolvedPlatform{
			{
				Platform: *on("linux", "arm64", "", ""), PlatformText: "linux/arm64", Digest: sha("5"), Reference: "reg.example/app@" + sha("5").String(),
				Candidates: []selection.Candidate{
					candidate(1, selection.Incompatible, on("linux", "amd64", "", ""), "1", "its architecture is amd64"),
					candidate(2, selection.Compatible, on("linux", "arm", "v7", ""), "2", "linux/arm64/v8 fits better"),
					candidate(3, selection.Incompatible, on("unknown", "unknown", "", ""), "3", "it is an attestation"),
					candidate(4, selection.Descended, nil, "4", "no platform, a last resort, an index"),
					nested,
				},
			},
			{
				Platform: *on("windows", "amd64", "", "10.0.26100"), PlatformText: "windows/amd64:10.0.26100",
				Nearest:    []string{"windows/amd64:10.0.17763.1 (its os.version is 10.0.17763.1)"},
				Candidates: []selection.Candidate{candidate(1, selection.Incompatible, on("windows", "amd64", "", "10.0.17763.1", "a"), "1", "its os.version is 10.0.17763.1")},
			},
		},
	}
	odd := resolution
	p := hostilePlatform()
	c := candidate(1, selection.Chosen, &p, "1", hostile)
	c.Digest, c.MediaType = digest.Digest(hostile), hostile
	odd.Name, odd.Digest = hostile, digest.Digest(hostile)
	odd.Platforms = []resolve.ResolvedPlatform{{PlatformText: hostile, Digest: digest.Digest(hostile), Candidates: []selection.Candidate{c}}}
	return []result{{"resolve", "index", resolution}, {"resolve", "hostile", odd}}
}

func entrySide(digit string) *diff.EntrySide {
	return &diff.EntrySide{Digest: sha(digit), MediaType: ocispec.MediaTypeImageManifest, Size: 1000}
}

func diffResults() []result {
	side := func(tag, digit string) diff.Side {
		return diff.Side{Name: "reg.example/app:" + tag, Reference: "reg.example/app:" + tag, Digest: sha(digit), MediaType: ocispec.MediaTypeImageIndex, Index: true}
	}
	fields := []diff.FieldChange{
		{Field: "digest", State: diff.Changed, Old: sha("1").String(), New: sha("2").String()},
		{Field: "config.Cmd", State: diff.Added, New: `["serve"]`},
		{Field: "config.Env[A]", State: diff.Removed, Old: "b"},
		{Field: "created", State: diff.Changed, Old: "2024-01-01T00:00:00Z", New: "2024-02-01T00:00:00Z"},
	}
	layers := &diff.LayerChange{
		Added: []diff.Layer{{Digest: sha("b"), Size: 12_345_678}}, Removed: []diff.Layer{{Digest: sha("a"), Size: 9_990}},
		Shared: 2, SharedBytes: 31_000_000, AddedBytes: 12_345_678, RemovedBytes: 9_990,
	}
	changed := func(text string, p *platform.Platform) diff.EntryDifference {
		return diff.EntryDifference{State: diff.Changed, Kind: "image", Platform: p, PlatformText: text, Old: entrySide("1"), New: entrySide("2"), Fields: fields, Layers: layers}
	}
	gone := changed("linux/arm/v7", on("linux", "arm", "v7", ""))
	gone.Fields, gone.Layers, gone.Notes = fields[:1], nil, []string{"the old manifest is missing"}
	reordered := changed("linux/s390x", on("linux", "s390x", "", ""))
	reordered.Fields, reordered.Layers = fields[:1], &diff.LayerChange{Added: []diff.Layer{}, Removed: []diff.Layer{}, Shared: 2, SharedBytes: 900, Reordered: true}
	differ := diff.Result{
		Schema: "diff/v1", Old: side("1.0", "e"), New: side("1.1", "f"),
		Fields: []diff.FieldChange{{Field: "annotations[a.b]", State: diff.Changed, Old: "1.0", New: "1.1"}},
		Entries: []diff.EntryDifference{
			changed("linux/amd64", on("linux", "amd64", "", "")),
			changed("linux/arm64/v8", on("linux", "arm64", "v8", "")),
			gone, reordered,
			{State: diff.Added, Kind: "image", Platform: on("windows", "amd64", "", "10.0.26100.1"), PlatformText: "windows/amd64:10.0.26100.1", New: entrySide("3")},
			{State: diff.Equal, Kind: "index", New: entrySide("4"), Old: entrySide("4")},
			{State: diff.Changed, Kind: "attestation", Platform: on("linux", "amd64", "", ""), PlatformText: "linux/amd64", Old: entrySide("5"), New: entrySide("6"), Fields: fields[:1]},
			{State: diff.Removed, Kind: "image", Platform: on("linux", "386", "", ""), PlatformText: "linux/386", Old: entrySide("7")},
		},
		Summary: diff.Summary{Added: 1, Removed: 1, Changed: 5, Equal: 1},
	}
	equal := diff.Result{Schema: "diff/v1", Equal: true, Old: side("1", "e"), New: side("1", "e"), Entries: []diff.EntryDifference{}}
	bytesOnly := equal
	bytesOnly.Equal = false
	absent := bytesOnly
	absent.Platforms, absent.MissingPlatforms = []string{"linux/amd64", "linux/s390x"}, []string{"linux/s390x"}
	odd := differ
	p := hostilePlatform()
	odd.Old.Name, odd.New.Digest = hostile, digest.Digest(hostile)
	odd.Fields = []diff.FieldChange{{Field: hostile, State: diff.Added, New: hostile}}
	odd.Entries = []diff.EntryDifference{{
		State: diff.Changed, Kind: "image", Platform: &p, PlatformText: hostile, Fields: odd.Fields, Notes: []string{hostile},
		Old: &diff.EntrySide{Digest: digest.Digest(hostile)}, New: entrySide("1"), Layers: &diff.LayerChange{Added: []diff.Layer{{Digest: digest.Digest(hostile)}}, Removed: []diff.Layer{}},
	}}
	return []result{
		{"diff", "differ", differ},
		{"diff", "equal", equal},
		{"diff", "bytes", bytesOnly},
		{"diff", "absent", absent},
		{"diff", "hostile", odd},
	}
}

// asked are the results of the commands that ask.
func asked() []result { return slices.Concat(queryResults(), resolveResults(), diffResults()) }

func TestAskedText(t *testing.T) {
	for _, r := range asked() {
		for suffix, p := range map[string]Printer{
			".txt": {}, "-80.txt": {Columns: 80}, "-120.txt": {Columns: 120}, "-color.txt": {Columns: 100, Color: true},
		} {
			var out bytes.Buffer
			p.Out = &out
			if err := r.print(p); err != nil {
				t.Fatal(err)
			}
			checkGoldenOf(t, r.command, r.name+suffix, out.Bytes())
			if r.name == "hostile" {
				wantTame(t, withoutColor(out.String()))
			}
		}
	}
}

// wantTame fails when a text could drive a terminal.
func wantTame(t *testing.T, text string) {
	t.Helper()
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && isUnsafe(r) }); i >= 0 {
		t.Errorf("%q in the text", text[i:min(len(text), i+20)])
	}
}

func TestATableFitsItsTerminal(t *testing.T) {
	for _, r := range asked() {
		if r.name == "hostile" {
			continue // its names alone are wider
		}
		var out bytes.Buffer
		if err := r.print(Printer{Out: &out, Columns: 80}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(line)) - 1; n > 80 {
				t.Errorf("%s %s: a line of %d characters: %s", r.command, r.name, n, line)
			}
		}
	}
}

func TestQueryStreamsDocuments(t *testing.T) {
	var out bytes.Buffer
	format, err := ParseFormat("yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := Printer{Out: &out, Format: format}
	for _, r := range queryResults() {
		if err := r.print(p); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count("\n"+out.String(), "\n---\n"); n != len(queryResults()) {
		t.Errorf("%d documents:\n%s", n, out.String())
	}
}

func TestResolvedDigests(t *testing.T) {
	var out bytes.Buffer
	found, ok := resolveResults()[0].value.(resolve.Resolution)
	found.Platforms = []resolve.ResolvedPlatform{{Digest: sha("1")}, {Digest: sha("2")}}
	if err := (Printer{Out: &out}).ResolvedDigests(found); err != nil || !ok || out.String() != sha("1").String()+"\n"+sha("2").String()+"\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}
