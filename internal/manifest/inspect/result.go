package inspect

import (
	"maps"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// Schema names the fields of the result and what they mean, as docs/output.md
// describes them. Within a version fields are only added.
const Schema = "inspect/v1"

// Result is what programs get to see of an Inspection: inspect/v1 of
// docs/output. Absent fields are unknown or empty; digests and types are as
// the documents say.
type Result struct {
	Schema string `json:"schema"`
	// Name is the reference as the user typed it.
	Name string `json:"name"`
	// Kind is image, index or artifact.
	Kind      manifest.Kind `json:"kind"`
	MediaType string        `json:"mediaType"`
	Digest    digest.Digest `json:"digest"`
	// Size of the document itself, in bytes.
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Subject      *Descriptor       `json:"subject,omitempty"`
	// Platform, Config and Layers are those of a single image.
	Platform *platform.Platform `json:"platform,omitempty"`
	Config   *ImageConfig       `json:"config,omitempty"`
	Layers   []Descriptor       `json:"layers,omitzero"`
	// Entries are those of an index.
	Entries []ResultEntry `json:"entries,omitzero"`
	// Referrers is set if it was requested.
	Referrers []Referrer `json:"referrers,omitzero"`
}

// ResultEntry is an entry of an index in an Result.
type ResultEntry struct {
	// Position of the entry in its index, from 1.
	Position  int           `json:"position"`
	Kind      manifest.Kind `json:"kind"`
	MediaType string        `json:"mediaType"`
	Digest    digest.Digest `json:"digest"`
	// Size of the manifest, in bytes.
	Size         int64              `json:"size"`
	Platform     *platform.Platform `json:"platform,omitempty"`
	ArtifactType string             `json:"artifactType,omitempty"`
	// Annotations are those of the entry, ManifestAnnotations those of what it
	// names.
	Annotations         map[string]string `json:"annotations,omitempty"`
	ManifestAnnotations map[string]string `json:"manifestAnnotations,omitempty"`
	// Missing is set when the registry has no such manifest, ConfigMissing when
	// it has no such config, Unsupported when the digest is of a kind that
	// cannot be verified, Repeated when the entries of the index it names are
	// shown at an earlier entry, Unread when it is nested too deep.
	Missing bool `json:"missing,omitempty"`
	// Mismatch says how the manifest differs from the entry in size or type.
	Mismatch      string `json:"mismatch,omitempty"`
	ConfigMissing bool   `json:"configMissing,omitempty"`
	Unsupported   bool   `json:"unsupported,omitempty"`
	Repeated      bool   `json:"repeated,omitempty"`
	TooDeep       bool   `json:"tooDeep,omitempty"`
	// AttestedDigest is what an attestation is about, PredicateTypes what it states.
	AttestedDigest digest.Digest `json:"attestedDigest,omitempty"`
	PredicateTypes []string      `json:"predicateTypes,omitempty"`
	Subject        *Descriptor   `json:"subject,omitempty"`
	Layers         []Descriptor  `json:"layers,omitzero"`
	// Config is set if configs were requested.
	Config *ImageConfig `json:"config,omitempty"`
	// Entries are those of a nested index.
	Entries []ResultEntry `json:"entries,omitzero"`
}

// Descriptor is a descriptor in a result: a layer, a subject.
type Descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      digest.Digest     `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ImageConfig are the facts of an image's config (image-spec, "Image
// Configuration").
type ImageConfig struct {
	Platform     *platform.Platform `json:"platform"`
	Created      *time.Time         `json:"created,omitempty"`
	Author       string             `json:"author,omitempty"`
	Entrypoint   []string           `json:"entrypoint,omitempty"`
	Cmd          []string           `json:"cmd,omitempty"`
	Env          []string           `json:"env,omitempty"`
	User         string             `json:"user,omitempty"`
	WorkingDir   string             `json:"workingDir,omitempty"`
	ExposedPorts []string           `json:"exposedPorts,omitempty"`
	Volumes      []string           `json:"volumes,omitempty"`
	StopSignal   string             `json:"stopSignal,omitempty"`
	Labels       map[string]string  `json:"labels,omitempty"`
	History      []HistoryStep      `json:"history,omitempty"`
}

// HistoryStep is a step of an image's history.
type HistoryStep struct {
	Created    *time.Time `json:"created,omitempty"`
	CreatedBy  string     `json:"createdBy,omitempty"`
	Author     string     `json:"author,omitempty"`
	Comment    string     `json:"comment,omitempty"`
	EmptyLayer bool       `json:"emptyLayer,omitempty"`
}

// Result is the inspection for programs.
func (in Inspection) Result() Result {
	out := Result{
		Schema: Schema, Name: in.Name, Kind: manifest.KindIndex, MediaType: in.Descriptor.MediaType,
		Digest: in.Descriptor.Digest, Size: in.Descriptor.Size, Referrers: in.Referrers,
	}
	if in.Image != nil {
		m := in.Image.Manifest
		out.Kind, out.ArtifactType = in.Image.Kind(), manifest.ArtifactType(m)
		out.Annotations, out.Subject, out.Layers = m.Annotations, newDescriptor(m.Subject), newDescriptors(m.Layers)
		if out.Kind == manifest.KindImage {
			out.Config = NewImageConfig(in.Image.Config)
			out.Platform = out.Config.Platform
		}
	}
	if x := in.Index; x != nil {
		out.ArtifactType, out.Annotations, out.Subject = x.ArtifactType, x.Annotations, newDescriptor(x.Subject)
		out.Entries = entryResults(x)
	}
	return out
}

func entryResults(x *manifest.Index) []ResultEntry {
	all := []ResultEntry{}
	for i, e := range x.Entries {
		if !e.Filtered {
			all = append(all, entryResult(e, i+1))
		}
	}
	return all
}

func entryResult(e manifest.Entry, position int) ResultEntry {
	d := e.Descriptor
	out := ResultEntry{
		Position: position, Kind: e.Kind(), MediaType: d.MediaType, Digest: d.Digest, Size: d.Size,
		Platform: d.Platform, ArtifactType: e.ArtifactType(), Annotations: d.Annotations,
		Missing: e.Missing, Mismatch: e.Mismatch, ConfigMissing: e.ConfigMissing, Unsupported: e.IsUnsupported(), Repeated: e.Repeated, TooDeep: e.IsTooDeep(),
		AttestedDigest: e.AttestedDigest(), PredicateTypes: e.PredicateTypes(),
	}
	if m := e.Manifest; m != nil {
		out.ManifestAnnotations, out.Subject, out.Layers = m.Annotations, newDescriptor(m.Subject), newDescriptors(m.Layers)
	}
	if e.Config != nil {
		out.Config = NewImageConfig(*e.Config)
	}
	if x := e.Index; x != nil {
		out.ManifestAnnotations, out.Subject, out.Entries = x.Annotations, newDescriptor(x.Subject), entryResults(x)
	}
	return out
}

func newDescriptor(d *ocispec.Descriptor) *Descriptor {
	if d == nil {
		return nil
	}
	return &Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size, Annotations: d.Annotations}
}

func newDescriptors(all []ocispec.Descriptor) []Descriptor {
	links := make([]Descriptor, 0, len(all))
	for _, d := range all {
		links = append(links, *newDescriptor(&d))
	}
	return links
}

// NewImageConfig takes the facts out of a config. Ports and volumes are sorted.
func NewImageConfig(c ocispec.Image) *ImageConfig {
	facts := &ImageConfig{
		Platform: &c.Platform, Created: c.Created, Author: c.Author,
		Entrypoint: c.Config.Entrypoint, Cmd: c.Config.Cmd, Env: c.Config.Env, User: c.Config.User,
		WorkingDir: c.Config.WorkingDir, StopSignal: c.Config.StopSignal, Labels: c.Config.Labels,
		ExposedPorts: slices.Sorted(maps.Keys(c.Config.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(c.Config.Volumes)),
	}
	for _, h := range c.History {
		facts.History = append(facts.History, HistoryStep(h))
	}
	return facts
}
