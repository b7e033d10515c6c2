package internal_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/architecture.svg")

const architecturePicture = "../docs/architecture.svg"

// levelTitles name the levels in the picture, the highest first.
var levelTitles = []struct {
	level int
	title string
}{
	{9, "command line"},
	{8, "progress"},
	{7, "results, service"},
	{6, "writing"},
	{5, "questions"},
	{4, "shared by commands"},
	{3, "the model"},
	{2, "storage, settings"},
	{1, "protocols and formats"},
	{0, "platforms"},
	{-1, "helpers"},
}

// inPicture are the packages in the order of the picture, each with a few words. Those
// for tests are not in it.
var inPicture = []struct{ name, words string }{
	{"cmd", "flags, arguments, exit codes"},
	{"internal/output/display", "bars, lines, events"},
	{"internal/output", "text, JSON, YAML, SARIF"},
	{"internal/output/pushfiles", "files for the next step"},
	{"internal/server", "serve: HTTP"},
	{"internal/manifest/push", "plan, copy, write tags"},
	{"internal/server/client", "query --server"},
	{"internal/server/page", "the web page of serve"},
	{"internal/manifest/inspect", "inspect, query, tags"},
	{"internal/manifest/resolve", "which entry a node pulls"},
	{"internal/manifest/diff", "what changed"},
	{"internal/manifest/verify", "findings"},
	{"internal/manifest/buildresult", "what builders leave"},
	{"internal/plugin", "a step of Drone, Woodpecker"},
	{"internal/manifest/spec", "YAML, arguments"},
	{"internal/manifest/transfer", "copies with blobs"},
	{"internal/manifest/selection", "one choice of an entry"},
	{"internal/manifest/verify/foreign", "mistakes among programs"},
	{"internal/server/cache", "what serve remembers"},
	{"internal/probe", "test-registry"},
	{"internal/manifest", "index, entry, Reader, Writer"},
	{"internal/rootfs/command", "what an image starts"},
	{"internal/store", "registries, layouts"},
	{"internal/rootfs", "files from layers"},
	{"internal/auth", "credentials"},
	{"internal/config", "settings and origins"},
	{"internal/store/transport", "HTTP: login, retries, limits"},
	{"internal/store/mediatype", "types of documents"},
	{"internal/store/atomicfile", "files and locks"},
	{"internal/store/tarfile", "tar archives at random"},
	{"internal/reference", "names of images"},
	{"internal/platform/executable", "headers of programs"},
	{"internal/system", "settings of other tools"},
	{"internal/server/cache/redis", "a shared cache"},
	{"internal/platform", "parse, match, validate"},
	{"internal/probe/embedded", "a registry to try"},
	{"internal/plugin/handlebars", "templates of plugins"},
	{"internal/progress", "bytes that were moved"},
	{"internal/errtext", ""},
	{"internal/suggest", ""},
	{"internal/yamlerr", ""},
	{"internal/jsonedit", ""},
	{"internal/oncemap", ""},
	{"internal/bytesize", ""},
	{"internal/version", ""},
}

// TestArchitecturePicture requires that the picture of docs/architecture.md has each
// package at its level: make docs draws it again.
func TestArchitecturePicture(t *testing.T) {
	isForTests := regexp.MustCompile(`test$|^internal$|^$`).MatchString
	want := slices.DeleteFunc(slices.Sorted(maps.Keys(levels)), isForTests)
	var drawn []string
	for _, p := range inPicture {
		drawn = append(drawn, p.name)
	}
	slices.Sort(drawn)
	if diff := cmp.Diff(want, drawn); diff != "" {
		t.Errorf("packages (-levels +picture); change inPicture, then make docs:\n%s", diff)
	}
	if *update {
		if err := os.WriteFile(architecturePicture, []byte(drawArchitecture()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(architecturePicture)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(drawArchitecture(), string(committed)); diff != "" {
		t.Errorf("docs/architecture.svg is stale, run make docs (-fresh +committed):\n%s", diff)
	}
}

// TestLayoutTable requires that the table of CONTRIBUTING has each package at its level.
func TestLayoutTable(t *testing.T) {
	raw, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| (\\d) \\| `([a-z/]+)` \\|").FindAllStringSubmatch(string(raw), -1)
	seen := map[string]bool{}
	for _, row := range rows {
		level, err := strconv.Atoi(row[1])
		if want, known := levels[row[2]]; err != nil || !known || level != want {
			t.Errorf("%s has level %s, want %d", row[2], row[1], want)
		}
		if seen[row[2]] {
			t.Errorf("%s has two rows", row[2])
		}
		seen[row[2]] = true
	}
	for name, level := range levels {
		if isForTests := strings.HasSuffix(name, "test"); level >= 0 && !isForTests && !seen[name] && !strings.Contains(string(raw), strings.TrimPrefix(name, "internal/")) {
			t.Errorf("%s is not in the table", name)
		}
	}
}

// drawArchitecture returns the picture: a band for each level, a box for each package.
func drawArchitecture() string {
	const left, boxWidth, boxHeight, gap, perRow = 180, 196, 42, 8, 4
	var bands strings.Builder
	y := gap
	for _, band := range levelTitles {
		top, column := y+gap, 0
		var boxes strings.Builder
		for _, p := range inPicture {
			if levels[p.name] != band.level {
				continue
			}
			if column == perRow {
				top, column = top+boxHeight+gap, 0
			}
			x := left + column*(boxWidth+gap)
			fmt.Fprintf(&boxes, "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n", x, top, boxWidth, boxHeight)
			middle := top + 18
			if p.words == "" {
				middle = top + 26
			}
			fmt.Fprintf(&boxes, "<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>\n", x+8, middle, strings.TrimPrefix(p.name, "internal/"))
			fmt.Fprintf(&boxes, "<text class=\"words\" x=\"%d\" y=\"%d\">%s</text>\n", x+8, top+34, p.words)
			column++
		}
		height := top + boxHeight + gap - y
		number := "–"
		if band.level >= 0 {
			number = strconv.Itoa(band.level)
		}
		fmt.Fprintf(&bands, "<rect class=\"band\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", gap, y, left+perRow*(boxWidth+gap)-gap, height)
		fmt.Fprintf(&bands, "<text class=\"level\" x=\"%d\" y=\"%d\">%s</text><text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n%s",
			gap+10, y+34, number, gap+30, y+33, band.title, boxes.String())
		y += height + gap
	}
	return fmt.Sprintf(pictureFrame, left+perRow*(boxWidth+gap)+gap, y) + bands.String() + "</svg>\n"
}

// pictureFrame starts the picture. Its colours follow the reader's.
const pictureFrame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" aria-label="The packages of manifest-tool by level">
<style>
text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.band { fill: #f6f8fa; stroke: #d1d9e0 } .box { fill: #ffffff; stroke: #59636e }
.level { font-size: 18px; font-weight: 600 } .title { font-size: 12px }
.name { font-size: 13px; font-weight: 600 } .words { font-size: 11px; fill: #59636e }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .band { fill: #151b23; stroke: #3d444d } .box { fill: #0d1117; stroke: #9198a1 } .words { fill: #9198a1 }
}
</style>
`
