package push

import (
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// PlanSchema names the fields of PlanResult, as Schema does those of Result.
const PlanSchema = "plan/v1"

// PlanResult shows what a push would write: plan/v1 of docs/output. It is made from the
// plans that a push carries out.
type PlanResult struct {
	Schema string `json:"schema"`
	// Ref is the first target in full.
	Ref       string        `json:"ref"`
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	// TypeReason says why the index has this media type.
	TypeReason string         `json:"typeReason"`
	Entries    []PlannedEntry `json:"entries"`
	// Skipped are the sources that were left out because they do not exist.
	Skipped []string        `json:"skipped"`
	Targets []PlannedTarget `json:"targets"`
	// Unchanged is set if every tag has its digest already, also those of the images, so
	// that a push would write nothing.
	Unchanged bool `json:"unchanged"`
	// Index is the index in its exact bytes.
	Index string `json:"index"`
}

// PlannedEntry is an entry of the index.
type PlannedEntry struct {
	Digest       digest.Digest     `json:"digest"`
	Size         int64             `json:"size"`
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Platform     *ocispec.Platform `json:"platform,omitempty"`
	// PlatformFrom says where each field of the platform comes from.
	PlatformFrom *PlatformOrigins  `json:"platformFrom,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	// Source is the image of the spec that the entry comes from.
	Source string `json:"source"`
	// Attestation is set for one that is about another entry.
	Attestation bool `json:"attestation"`
}

// Origin is where a field of a platform comes from.
type Origin string

// The origins: what the spec or the flags declare, the config of the image, and the
// entry of an index.
const (
	OriginDeclared Origin = "declared"
	OriginConfig   Origin = "config"
	OriginIndex    Origin = "index"
)

// PlatformOrigins has an origin for each field of a platform that is set.
type PlatformOrigins struct {
	OS           Origin `json:"os,omitempty"`
	Architecture Origin `json:"architecture,omitempty"`
	Variant      Origin `json:"variant,omitempty"`
	OSVersion    Origin `json:"os.version,omitempty"`
	OSFeatures   Origin `json:"os.features,omitempty"`
}

// PlannedTarget is a repository or a layout that the index goes to.
type PlannedTarget struct {
	// Ref is the target with its first tag.
	Ref  string       `json:"ref"`
	Tags []PlannedTag `json:"tags"`
	// PlatformTags are the tags of the images, if any were asked for.
	PlatformTags []PlannedTag `json:"platformTags,omitempty"`
	// Manifests and Blobs are written before the tags, each once, unless the target has
	// them.
	Manifests []PlannedManifest `json:"manifests"`
	Blobs     []PlannedBlob     `json:"blobs"`
}

// PlannedTag is a tag with the digest that it has and the one that it will have.
type PlannedTag struct {
	Tag string `json:"tag"`
	// Current is empty if the tag does not exist.
	Current digest.Digest `json:"current,omitempty"`
	Planned digest.Digest `json:"planned"`
	// Error says why the current digest is not known.
	Error string `json:"error,omitempty"`
}

// PlannedManifest is a manifest that is copied.
type PlannedManifest struct {
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	From      string        `json:"from"`
}

// BlobAction says how a blob gets into a target.
type BlobAction string

// The actions: a mount within a registry, or a copy of the bytes.
const (
	ActionMount BlobAction = "mount"
	ActionCopy  BlobAction = "copy"
)

// PlannedBlob is a blob that is mounted or copied.
type PlannedBlob struct {
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	Action    BlobAction    `json:"action"`
	From      string        `json:"from"`
}

// originsOf returns the origins of the fields of a platform, those that are declared
// and the rest.
func originsOf(p, declared ocispec.Platform, rest Origin) PlatformOrigins {
	from := func(value, declared bool) Origin {
		switch {
		case !value:
			return ""
		case declared:
			return OriginDeclared
		}
		return rest
	}
	return PlatformOrigins{
		OS:           from(p.OS != "", declared.OS != ""),
		Architecture: from(p.Architecture != "", declared.Architecture != ""),
		Variant:      from(p.Variant != "", declared.Variant != ""),
		OSVersion:    from(p.OSVersion != "", declared.OSVersion != ""),
		OSFeatures:   from(len(p.OSFeatures) > 0, len(declared.OSFeatures) > 0),
	}
}
