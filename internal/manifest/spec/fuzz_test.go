package spec_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// FuzzParse holds that no file makes the reader panic, that an error is
// the user's to mend and names the file, and that an accepted spec says what
// the YAML library alone finds in it.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		names, err := filepath.Glob(filepath.Join(specFolder, folder, "*.yaml"))
		if err != nil || len(names) == 0 {
			f.Fatalf("no specs in %q: %v", folder, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			if len(data) < 4096 { // the larger ones are slow to vary
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		specs, err := spec.Parse("fuzz.yaml", data)
		if err != nil {
			var input *manifest.InputError
			if !errors.As(err, &input) || !strings.HasPrefix(err.Error(), "fuzz.yaml:") || specs != nil {
				t.Fatalf("error %v beside specs %v", err, specs)
			}
			return
		}
		for _, s := range specs {
			checkAccepted(t, s)
		}
		if len(specs) == 1 {
			compareWithLibrary(t, data, specs[0])
		}
	})
}

func checkAccepted(t *testing.T, s spec.Spec) {
	t.Helper()
	if s.Image == "" || len(s.Manifests) == 0 {
		t.Fatalf("a spec without image or manifests was accepted: %+v", s)
	}
	for _, source := range s.Manifests {
		if source.Image == "" {
			t.Fatalf("an entry without image was accepted: %+v", s)
		}
	}
	for i, tag := range s.Tags {
		if tag == "" || strings.ContainsAny(tag, "/:@ \n") || slices.Contains(s.Tags[:i], tag) {
			t.Fatalf("bad tags were accepted: %q", s.Tags)
		}
	}
}

// librarySpec is a spec as the YAML library reads it by itself.
type librarySpec struct {
	Image        string            `yaml:"image"`
	Tags         []string          `yaml:"tags"`
	Targets      []string          `yaml:"targets"`
	Type         string            `yaml:"type"`
	ArtifactType string            `yaml:"artifactType"`
	Subject      string            `yaml:"subject"`
	Attestations string            `yaml:"attestations"`
	Require      []string          `yaml:"require"`
	Annotations  map[string]string `yaml:"annotations"`
	Manifests    []struct {
		Image     string   `yaml:"image"`
		Digest    string   `yaml:"digest"`
		Platforms []string `yaml:"platforms"`
		Optional  string   `yaml:"optional"`
		Platform  struct {
			OS           string   `yaml:"os"`
			Architecture string   `yaml:"architecture"`
			Variant      string   `yaml:"variant"`
			OSVersion    string   `yaml:"os.version"`
			OSFeatures   []string `yaml:"os.features"`
			OSVersion2   string   `yaml:"osversion"`
			OSFeatures2  []string `yaml:"osfeatures"`
		} `yaml:"platform"`
		Annotations map[string]string `yaml:"annotations"`
	} `yaml:"manifests"`
}

func compareWithLibrary(t *testing.T, data []byte, got spec.Spec) {
	t.Helper()
	if len(got.Warnings) > 0 {
		return // the library knows no empty items
	}
	for _, key := range []string{"version", "features"} {
		if bytes.Contains(data, []byte("os."+key)) && bytes.Contains(data, []byte("os"+key)) {
			return // a merge may join the spellings, which the library keeps apart
		}
	}
	var read librarySpec
	if err := yaml.Unmarshal(data, &read); err != nil || read.Image == "" {
		return // the first document is empty, or the library bounds something else
	}
	want := spec.Spec{
		Image: read.Image, Annotations: read.Annotations, Targets: read.Targets, Type: read.Type,
		ArtifactType: read.ArtifactType, Subject: read.Subject, Attestations: read.Attestations, Require: read.Require,
	}
	for _, tag := range read.Tags {
		if !slices.Contains(want.Tags, tag) {
			want.Tags = append(want.Tags, tag)
		}
	}
	for _, m := range read.Manifests {
		source := spec.Source{
			Image: m.Image, Annotations: m.Annotations,
			Digest: m.Digest, Platforms: m.Platforms, Optional: m.Optional == "true",
		}
		source.Platform.OS, source.Platform.Architecture = m.Platform.OS, m.Platform.Architecture
		source.Platform.Variant = m.Platform.Variant
		source.Platform.OSVersion = m.Platform.OSVersion + m.Platform.OSVersion2
		source.Platform.OSFeatures = append(m.Platform.OSFeatures, m.Platform.OSFeatures2...)
		source.Platform = platform.Respell(source.Platform)
		want.Manifests = append(want.Manifests, source)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), withoutNotes()); diff != "" {
		t.Fatalf("the spec differs from the library's reading (-library +spec):\n%s", diff)
	}
}
