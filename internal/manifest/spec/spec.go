// Package spec reads the input of a push: Parse reads YAML files, FromArgs the
// arguments of push from-args. Both return a Spec or an InputError, which for a
// file begins with its name and line. The package does no I/O and does not
// check whether images exist.
package spec

import (
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"go.yaml.in/yaml/v3"
	strict "sigs.k8s.io/yaml"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// The keys whose positions a Spec has.
const (
	KeyImage        = "image"
	KeyTarget       = "targets[]"
	KeySubject      = "subject"
	KeyArtifactType = "artifactType"
	KeyAnnotations  = "annotations"
	KeySource       = "manifests[].image"
)

// Spec is one index to be pushed. The JSON names are the keys of a spec file.
type Spec struct {
	// Image is the reference of the index; it is not checked here.
	Image string `json:"image"`
	// Tags are further tags for the index, each once, in the order given.
	Tags []string `json:"tags"`
	// Targets are further references that the index is written to, in any repository;
	// they are not checked here.
	Targets []string `json:"targets"`
	// Type is the type of the index: auto, docker or oci; empty if the spec leaves it
	// open.
	Type string `json:"type"`
	// ArtifactType is that of the index itself.
	ArtifactType string `json:"artifactType"`
	// Subject is the reference of the manifest that the index is about, in the
	// repository of each target: a tag or a digest. It is not checked here.
	Subject string `json:"subject"`
	// Annotations are those of the index itself.
	Annotations map[string]string `json:"annotations"`
	// Attestations says whether those of index sources are kept: keep or drop; empty if
	// the spec leaves it open.
	Attestations string `json:"attestations"`
	// Require are platforms that the index must have.
	Require []string `json:"require"`
	// Manifests are what the index is made of, at least one.
	Manifests []Source `json:"manifests"`
	// EntryAnnotations are annotations of entries that flags name by their platform.
	EntryAnnotations []EntryAnnotation `json:"-"`
	// File is the file that ReadFiles read it from; empty if there is none.
	File string `json:"-"`
	// Positions are where the values of some keys are written, as FILE:LINE.
	Positions map[string][]string `json:"-"`
	// Warnings are what was ignored in the file, each with its location and,
	// if it is known, what was meant.
	Warnings []*manifest.InputError `json:"-"`
}

// EntryAnnotation is an annotation of the entries of one platform.
type EntryAnnotation struct {
	// Platform is nil for all entries that are images.
	Platform   *platform.Platform
	Key, Value string
}

// Source is one image, or one index, that goes into the index.
type Source struct {
	// Image is the reference of the source; it is not checked here.
	Image string `json:"image"`
	// Platform holds what is declared of the source's platform; any field may
	// be empty. The names are spelled as in an index, and not checked.
	Platform ocispec.Platform `json:"platform"`
	// Annotations are those of the source's entry in the index.
	Annotations map[string]string `json:"annotations"`
	// Digest is the digest that the source must have; empty if any will do.
	Digest string `json:"digest"`
	// Platforms are the only ones that are taken of a source that is an index; none
	// means all.
	Platforms []string `json:"platforms"`
	// Optional lets the source be missing.
	Optional bool `json:"optional"`
	// LegacyVersion is the key version of older platforms, which has no effect:
	// the name of a Windows release, for example.
	LegacyVersion string `json:"-"`
	// Origin is where the source is named: a file with its line.
	Origin string `json:"-"`
	// Abbreviated holds the values of the keys arch and var of a platform, which have no
	// effect: they may contradict the platform that the image gets.
	Abbreviated ocispec.Platform `json:"-"`
}

// At returns where a value of a key is written, as FILE:LINE; empty if that is not known,
// as for what flags add. number is that of an item, 0 for a single value.
func (s Spec) At(key string, number int) string {
	if all := s.Positions[key]; number < len(all) {
		return all[number]
	}
	return ""
}

// Describe returns the reference of the source, and where it is named.
func (s Source) Describe() string {
	if s.Origin == "" {
		return s.Image
	}
	return s.Image + " (" + s.Origin + ")"
}

// document is a Spec with the keys of older formats.
type document struct {
	Spec
	Manifests []struct {
		Source
		Platform struct {
			ocispec.Platform
			Version string `json:"version"`
			Arch    string `json:"arch"`
			Var     string `json:"var"`
		} `json:"platform"`
	} `json:"manifests"`
}

// spec returns the Spec, with the platforms respelled.
func (d document) spec() Spec {
	s := d.Spec
	for _, m := range d.Manifests {
		m.Source.Platform, m.LegacyVersion = platform.Respell(m.Platform.Platform), m.Platform.Version
		m.Abbreviated = platform.Respell(platform.Platform{Architecture: m.Platform.Arch, Variant: m.Platform.Var})
		s.Manifests = append(s.Manifests, m.Source)
	}
	s.Tags = dedupe(s.Tags)
	return s
}

// Parse reads a spec file: YAML, one index per document. Every scalar
// means what is written there: 1.10 is not a number and "on" not a boolean.
// Unknown and doubled keys and values of the wrong kind are errors, as are a
// missing image and an empty list of manifests. Every error is an
// [*InputError] whose message begins with filename:line, counted from 1, and
// then no spec is returned. The caller bounds the size of data.
func Parse(filename string, data []byte) ([]Spec, error) { return ParseExpanded(filename, data, nil) }

// ParseExpanded is Parse with ${NAME} and ${NAME:-DEFAULT} in values replaced by what
// getenv returns for NAME; an empty value without a default is an error. $$ is the
// text $, as in Compose files. If getenv is nil, all of that is text.
func ParseExpanded(filename string, data []byte, getenv func(name string) string) ([]Spec, error) {
	documents, err := readDocuments(data)
	if err != nil {
		return nil, withPosition(filename, err)
	}
	if getenv != nil {
		for _, d := range documents {
			if err := expand(d, getenv); err != nil {
				return nil, withPosition(filename, err)
			}
		}
	}
	read := newSpecReader(documents)
	var specs []Spec
	for _, document := range documents {
		read.warnings, read.lines = nil, map[string][]int{}
		spec, err := read.spec(document)
		if err != nil {
			return nil, withPosition(filename, err)
		}
		for _, w := range read.warnings {
			spec.Warnings = append(spec.Warnings, withPosition(filename, w))
		}
		spec.setPositions(filename, read.lines)
		specs = append(specs, spec)
	}
	if len(specs) == 0 {
		return nil, withPosition(filename, errorAt(1, "the spec is empty"))
	}
	return specs, nil
}

// spec reads one document. Its nodes are checked first, because they know
// their lines, and written again with every scalar in quotes; the strict
// decoder then has nothing left to guess.
func (r *specReader) spec(root *yaml.Node) (Spec, error) {
	checked, err := r.value(root, documentSchema(), "")
	if err != nil {
		return Spec{}, err
	}
	quoted, err := yaml.Marshal(checked)
	if err != nil {
		return Spec{}, errorAt(root.Line, "encoding the spec: %w", err)
	}
	var read document
	if err := strict.UnmarshalStrict(quoted, &read); err != nil {
		return Spec{}, errorAt(root.Line, "decoding the spec: %w", err)
	}
	return read.spec(), nil
}

// setPositions sets where the values of keys are written.
func (s *Spec) setPositions(filename string, lines map[string][]int) {
	s.Positions = map[string][]string{}
	for path, all := range lines {
		for _, line := range all {
			s.Positions[path] = append(s.Positions[path], fmt.Sprintf("%s:%d", filename, line))
		}
	}
	for i := range s.Manifests {
		s.Manifests[i].Origin = s.At(KeySource, i)
	}
}
