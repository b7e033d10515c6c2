package output

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFieldsAreDocumented holds docs/output.md and docs/output to the structs,
// both ways: each result by its schema, each struct within it by its structName, and
// each field with its names in JSON and in templates, in the order of the struct.
func TestFieldsAreDocumented(t *testing.T) {
	want, schemas, parts := map[string][][2]string{}, map[string]bool{}, map[string]reflect.Type{}
	for _, r := range results() {
		schemas[r.command+"/v1"] = true
		structs(t, r.data().Type(), parts)
	}
	for part, of := range parts {
		for _, f := range fields(of) {
			name, _ := inJSON(f)
			want[part] = append(want[part], [2]string{name, f.Name})
		}
	}
	got, described := readFields(t)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-structs +pages):\n%s", diff)
	}
	if diff := cmp.Diff(schemas, described); diff != "" {
		t.Errorf("results (-structs +pages):\n%s", diff)
	}
}

// readFields reads the tables of the pages: the JSON name and the template name
// of each field by the struct, and which schemas have a section.
func readFields(t *testing.T) (found map[string][][2]string, schemas map[string]bool) {
	t.Helper()
	pages, err := filepath.Glob("../../docs/output/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found, schemas = map[string][][2]string{}, map[string]bool{}
	for _, page := range append(pages, "../../docs/output.md") {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range strings.Split("\n"+string(raw), "\n#") {
			heading, rest, _ := strings.Cut(section, "\n")
			if s := schemaHeading.FindStringSubmatch(heading); s != nil {
				schemas[s[1]] = true
			}
			p := structHeading.FindStringSubmatch(heading)
			if p == nil {
				continue
			}
			if found[p[1]] != nil {
				t.Errorf("%s describes %s once more", page, p[1])
			}
			for _, r := range fieldRow.FindAllStringSubmatch(rest, -1) {
				found[p[1]] = append(found[p[1]], [2]string{r[1], r[2]})
			}
		}
	}
	return found, schemas
}

// The lines that readFields looks for; a heading has lost its first #.
var (
	schemaHeading = regexp.MustCompile("^# ([a-z-]+/v[0-9]+)$")
	structHeading = regexp.MustCompile("^## `((?:[a-z]+\\.)?[A-Za-z]+)`$")
	fieldRow      = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| .+ \\|$")
)

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
