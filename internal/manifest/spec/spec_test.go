package spec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
)

// specFolder holds spec files: those in good beside a JSON file of what they
// mean, those in bad listed in badSpecs.
const specFolder = "../../../testdata/spec"

// TestParse reads every good file, also as editors on Windows save it.
func TestParse(t *testing.T) {
	for name, data := range specFiles(t, "good") {
		want := wantedSpecs(t, name)
		for way, data := range savedWays(data) {
			t.Run(name+"/"+way, func(t *testing.T) {
				got, err := spec.Parse(name, data)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), withoutNotes()); diff != "" {
					t.Errorf("ParseSpecs (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// withoutNotes leaves out what a spec has besides its meaning.
func withoutNotes() cmp.Option {
	return cmp.Options{cmpopts.IgnoreFields(spec.Spec{}, "Warnings", "Positions"), cmpopts.IgnoreFields(spec.Source{}, "LegacyVersion", "Abbreviated", "Origin")}
}

// TestParse_Warnings holds line, message and hint of every warning, for all good
// files.
func TestParse_Warnings(t *testing.T) {
	var got []string
	for name, data := range specFiles(t, "good") {
		for way, data := range savedWays(data) {
			specs, err := spec.Parse(name, data)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range specs {
				for _, w := range s.Warnings {
					got = append(got, strings.TrimSuffix(w.Error()+"; "+w.HintText, "; ")+" ("+way+")")
				}
			}
		}
	}
	var want []string
	for _, w := range wantedWarnings() {
		for way := range savedWays(nil) {
			want = append(want, w+" ("+way+")")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// TestParse_LegacyVersion: version and features of older platforms give no warning,
// and only a version that is a single value is kept.
func TestParse_LegacyVersion(t *testing.T) {
	specs, err := spec.Parse("spec.yaml", specFiles(t, "good")["legacy-keys"])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, source := range specs[0].Manifests {
		got = append(got, source.LegacyVersion)
	}
	if diff := cmp.Diff([]string{"1809", "", "ltsc2022", "ltsc2022"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestParse_Invalid holds file, line, message and hint for every bad file.
func TestParse_Invalid(t *testing.T) {
	files := specFiles(t, "bad")
	for _, tt := range badSpecs() {
		data, ok := files[tt.name]
		if !ok {
			t.Errorf("there is no bad spec %q", tt.name)
		}
		delete(files, tt.name)
		for way, data := range savedWays(data) {
			t.Run(tt.name+"/"+way, func(t *testing.T) {
				specs, err := spec.Parse("dir/spec.yaml", data)
				if specs != nil {
					t.Errorf("a bad file gave %+v", specs)
				}
				var input *manifest.InputError
				if !errors.As(err, &input) {
					t.Fatalf("error %v is no InputError", err)
				}
				if start := fmt.Sprintf("dir/spec.yaml:%d: ", tt.line); !strings.HasPrefix(err.Error(), start) {
					t.Errorf("error %q does not begin with %q", err, start)
				}
				if !strings.Contains(err.Error(), tt.message) {
					t.Errorf("error %q does not say %q", err, tt.message)
				}
				if input.HintText != tt.hint {
					t.Errorf("hint %q, want %q", input.HintText, tt.hint)
				}
			})
		}
	}
	for name := range files {
		t.Errorf("bad spec %q is not in the table", name)
	}
}

// TestParse_HostileFiles holds that no file keeps the reader busy
// for long; the files in testdata are small ones of the same kinds.
func TestParse_HostileFiles(t *testing.T) {
	const start = "image: a:1\nmanifests:\n  - image: a:2\n    annotations: "
	tests := map[string]string{
		"deep lists":      strings.Repeat("[", 1<<20),
		"deep merges":     start + deepMerges(5000),
		"many separators": strings.Repeat("---\n", 1<<17) + "x",
		"one long key":    strings.Repeat("x", 1<<20) + ": y",
		"one text often":  start + "{k: &x " + strings.Repeat("x", 1<<20) + "}\n" + strings.Repeat("  - {image: *x}\n", 5000),
		"aliases of lists": start + "{}\n    platform: {os.features: &f [" + strings.Repeat("a,", 1<<16) + "]}\n" +
			strings.Repeat("  - {image: a, platform: {os.features: *f}}\n", 5000),
		"merges of merges": start + "&a0 {k: v}\n" + chainOfMerges(3000),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			specs, err := spec.Parse("spec.yaml", []byte(data))
			var input *manifest.InputError
			if !errors.As(err, &input) || specs != nil {
				t.Errorf("error %v, specs %v", err, specs)
			}
			if len(err.Error()) > 500 {
				t.Errorf("the error has %d characters", len(err.Error()))
			}
			if took := time.Since(begin); took > time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// deepMerges writes a mapping of n levels, each under the merge key of the one
// around it and with a key of its own.
func deepMerges(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{k%d: v, <<: ", i)
	}
	return b.String() + "{}" + strings.Repeat("}", n)
}

// chainOfMerges writes n entries, each of which merges the one before it.
func chainOfMerges(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "  - {image: a, annotations: &a%d {k%d: v, <<: *a%d}}\n", i, i, i-1)
	}
	return b.String()
}

func specFiles(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(specFolder, folder, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no specs in %q: %v", folder, err)
	}
	files := make(map[string][]byte)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), ".yaml")] = data
	}
	return files
}

func wantedSpecs(t *testing.T, name string) []spec.Spec {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(specFolder, "good", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var specs []spec.Spec
	if err := json.Unmarshal(data, &specs); err != nil {
		t.Fatal(err)
	}
	return specs
}

func savedWays(data []byte) map[string][]byte {
	crlf := bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	mark := []byte("\xef\xbb\xbf")
	return map[string][]byte{
		"as it is":            data,
		"CRLF":                crlf,
		"byte order mark":     append(bytes.Clone(mark), data...),
		"CRLF and order mark": append(bytes.Clone(mark), crlf...),
	}
}
