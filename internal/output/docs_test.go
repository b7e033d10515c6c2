package output

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// documented are the structs that programs get to see, by the names that
// docs/output.md gives them.
func documented() map[string]any {
	return map[string]any{
		"InspectResult": manifest.InspectResult{}, "InspectedEntry": manifest.InspectedEntry{}, "Link": manifest.Link{},
		"Platform": platform.Platform{}, "ConfigFacts": manifest.ConfigFacts{}, "HistoryStep": manifest.HistoryStep{},
		"Referrer": manifest.Referrer{}, "TagList": manifest.TagList{}, "Tag": manifest.Tag{},
		"Pushed": manifest.Pushed{}, "TagResult": manifest.TagResult{},
	}
}

// TestFieldsAreDocumented holds docs/output.md to the structs, both ways: each
// field with its names in JSON and in templates, in the order of the struct.
func TestFieldsAreDocumented(t *testing.T) {
	page := readFields(t)
	for name, value := range documented() {
		var want [][2]string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(value)) {
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "-" {
				want = append(want, [2]string{tag, f.Name})
			}
		}
		if diff := cmp.Diff(want, page[name]); diff != "" {
			t.Errorf("%s (-struct +docs/output.md):\n%s", name, diff)
		}
		delete(page, name)
	}
	for name := range page {
		t.Errorf("docs/output.md describes %s, which is none of the structs", name)
	}
}

// TestEveryPartOfAResultIsDocumented holds that no struct within a result is
// left out above.
func TestEveryPartOfAResultIsDocumented(t *testing.T) {
	known := map[reflect.Type]bool{}
	for _, value := range documented() {
		known[reflect.TypeOf(value)] = true
	}
	for of := range known {
		for _, f := range reflect.VisibleFields(of) {
			part := f.Type
			for part.Kind() == reflect.Pointer || part.Kind() == reflect.Slice {
				part = part.Elem()
			}
			if part.Kind() == reflect.Struct && part.String() != "time.Time" && !known[part] {
				t.Errorf("%s.%s is a %s, which is not documented", of, f.Name, part)
			}
		}
	}
}

// readFields reads the tables of docs/output.md: JSON name and template name
// of each field, by the heading.
func readFields(t *testing.T) map[string][][2]string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	heading := regexp.MustCompile("^### `([A-Za-z]+)`$")
	row := regexp.MustCompile("^\\| `([^`]+)` \\| `([^`]+)` \\| .+ \\|$")
	found, name := map[string][][2]string{}, ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSuffix(line, "\n")
		if h := heading.FindStringSubmatch(line); h != nil {
			name = h[1]
		}
		if r := row.FindStringSubmatch(line); r != nil && name != "" {
			found[name] = append(found[name], [2]string{r[1], r[2]})
		}
	}
	return found
}

// TestFunctionsAreDocumented holds the list of template functions to the code.
func TestFunctionsAreDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `[a-z]+ .*\\|$")
	name := regexp.MustCompile("`([a-z]+) [A-Z]")
	described := map[string]bool{}
	for _, line := range row.FindAllString(string(raw), -1) {
		first, _, _ := strings.Cut(line[1:], "|")
		for _, n := range name.FindAllStringSubmatch(first, -1) {
			described[n[1]] = true
		}
	}
	known := map[string]bool{}
	for n := range functions() {
		known[n] = true
	}
	if diff := cmp.Diff(known, described); diff != "" {
		t.Errorf("-functions +docs/output.md:\n%s", diff)
	}
}
