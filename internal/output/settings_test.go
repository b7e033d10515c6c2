package output

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	settings "manifest-tool/internal/config"
)

// TestSettingsAreATable has short values, a long one, a list, none, and one
// that would drive a terminal.
func TestSettingsAreATable(t *testing.T) {
	file := func(line int) settings.Origin {
		return settings.Origin{Kind: settings.FromFile, File: "c.yaml", Line: line}
	}
	report := settings.Report{
		Settings: []settings.Value{
			{Key: "jobs", Value: 8, Origin: settings.Origin{Kind: settings.FromFlag, Name: "--jobs"}},
			{Key: "output", Value: "template=" + strings.Repeat("x", 40), Origin: settings.Origin{Kind: settings.FromVariable, Name: "MANIFEST_TOOL_OUTPUT"}},
			{Key: "username", Value: "", Origin: settings.Origin{Kind: settings.FromDefault}},
			{Key: "docker-cfg", Value: "a\x1b[31m", Origin: file(2)},
		},
		Registries: []settings.RegistryReport{{Name: "a.example", Origin: file(3), Settings: []settings.Value{
			{Key: "mirror", Value: []string{"b.example", "c.example"}, Origin: file(4)},
		}}},
	}
	want := `jobs        8                                 flag --jobs
output      template=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  variable MANIFEST_TOOL_OUTPUT
username    -                                 default
docker-cfg  a\x1b[31m                         file c.yaml:2

registry a.example  (file c.yaml:3)
  mirror  b.example,c.example  file c.yaml:4
`
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		if err := (Printer{Out: &out, Color: color}).PrintSettings(report); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		if colored := strings.Contains(got, "\x1b[32;1m") || strings.Contains(got, "\x1b[1;32m"); colored != color {
			t.Errorf("colours %v, want %v: %q", colored, color, got)
		}
		if diff := cmp.Diff(want, got); !color && diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// settingsResults have a value of every kind, from everywhere.
func settingsResults() []result {
	file := settings.Origin{Kind: settings.FromFile, File: "c.yaml", Line: 2}
	none := settings.Origin{Kind: settings.FromDefault}
	report := settings.Report{
		Schema: "config/v1", File: "c.yaml",
		Settings: []settings.Value{
			{Key: "jobs", Value: 8, Origin: settings.Origin{Kind: settings.FromFlag, Name: "--jobs"}},
			{Key: "output", Value: hostile, Origin: settings.Origin{Kind: settings.FromVariable, Name: "MANIFEST_TOOL_OUTPUT"}},
			{Key: "strict", Value: false, Origin: none},
		},
		Registries: []settings.RegistryReport{{Name: hostile, Origin: file, Settings: []settings.Value{
			{Key: "mirror", Value: []string{"b.example", hostile}, Origin: file},
		}}},
	}
	return []result{
		{"config", "settings", report},
		{"config-check", "right", settings.CheckResult{Schema: "config-check/v1", File: hostile, Settings: 1, Registries: 2}},
	}
}
