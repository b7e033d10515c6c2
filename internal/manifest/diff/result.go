package diff

import (
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// Schema is the version of the result's fields, which docs/output/diff.md
// describes. Within a version, fields are only added.
const Schema = "diff/v1"

// Result is the difference between two references, entry by entry (diff/v1).
type Result struct {
	Schema string `json:"schema"`
	// Equal is true if the bytes are the same or, if the comparison was limited
	// to some platforms, their entries.
	Equal bool `json:"equal"`
	Old   Side `json:"old"`
	New   Side `json:"new"`
	// Platforms are the platforms to which the comparison was limited,
	// MissingPlatforms those of them that neither side has: Equal is false then.
	Platforms        []string `json:"platforms,omitempty"`
	MissingPlatforms []string `json:"missingPlatforms,omitempty"`
	// Fields are the differences between the documents without their entries;
	// empty if the comparison was limited to some platforms.
	Fields []FieldChange `json:"fields,omitempty"`
	// Entries has every entry of both sides in the order of the new side, the
	// removed ones at the end.
	Entries []EntryDifference `json:"entries"`
	Summary Summary           `json:"summary"`
}

// Side is one of the two references.
type Side struct {
	// Name is the reference as given, Reference the full reference.
	Name      string        `json:"name"`
	Reference string        `json:"reference"`
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Index     bool          `json:"index"`
}

// Summary counts entries, attestations among them.
type Summary struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Changed int `json:"changed"`
	Equal   int `json:"equal"`
}

// State is the change of an entry or a field from old to new.
type State string

// The states. A FieldChange is never Equal.
const (
	Added   State = "added"
	Removed State = "removed"
	Changed State = "changed"
	Equal   State = "equal"
)

// FieldChange is one field that differs. Old and New are its values, lists and
// numbers as JSON; the value of a side without the field is empty.
type FieldChange struct {
	// Field is the path of the field, such as size, annotations[a.b] or, of the
	// image's config, config.Env[PATH] and created.
	Field string `json:"field"`
	State State  `json:"state"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// EntryDifference is one entry of one side or both.
type EntryDifference struct {
	State State         `json:"state"`
	Kind  manifest.Kind `json:"kind"`
	// Platform is that of the new side where both have it. An attestation has
	// the platform of the image it is about.
	Platform     *platform.Platform `json:"platform,omitempty"`
	PlatformText string             `json:"platformText"`
	Old          *EntrySide         `json:"old,omitempty"`
	New          *EntrySide         `json:"new,omitempty"`
	Fields       []FieldChange      `json:"fields,omitempty"`
	// Layers is set where the manifests of both sides were read.
	Layers *LayerChange `json:"layers,omitempty"`
	// Notes say what could not be compared.
	Notes []string `json:"notes,omitempty"`
}

// EntrySide is the descriptor of an entry on one side.
type EntrySide struct {
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	// Size is that of the manifest, in bytes.
	Size int64 `json:"size"`
}

// LayerChange compares the layers of two images. Sizes are in bytes, as they
// are stored, compressed.
type LayerChange struct {
	Added   []Layer `json:"added"`
	Removed []Layer `json:"removed"`
	// Shared counts the layers that both have, SharedBytes their size:
	// what a node that has the old image does not fetch again.
	Shared       int   `json:"shared"`
	SharedBytes  int64 `json:"sharedBytes"`
	AddedBytes   int64 `json:"addedBytes"`
	RemovedBytes int64 `json:"removedBytes"`
	// Reordered is set where both have the same layers in another order.
	Reordered bool `json:"reordered"`
}

// Layer is one layer.
type Layer struct {
	Digest digest.Digest `json:"digest"`
	Size   int64         `json:"size"`
}
