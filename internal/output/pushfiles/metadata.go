package pushfiles

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/push"
)

// metadata has the keys that buildx writes about an image or an index that it pushed
// (docker buildx imagetools create --metadata-file).
type metadata struct {
	Descriptor ocispec.Descriptor `json:"containerimage.descriptor"`
	Digest     digest.Digest      `json:"containerimage.digest"`
	// Names are the full references with their tags, separated by commas.
	Names string `json:"image.name"`
}

// renderMetadata returns the metadata of one index; of several, an object that has
// them by their references, as docker buildx bake writes them by their targets.
func renderMetadata(results []push.Result, several bool) ([]byte, error) {
	value := metadataOf(results, several)
	if value == nil {
		return nil, nil
	}
	data, err := json.MarshalIndent(value, "", "  ")
	return append(data, '\n'), err
}

// metadataOf returns what metadata files consist of, nil if nothing was written.
func metadataOf(results []push.Result, several bool) any {
	byRef := map[string]metadata{}
	for _, r := range written(results) {
		one := metadata{
			Descriptor: ocispec.Descriptor{MediaType: r.MediaType, Digest: r.Digest, Size: r.Size},
			Digest:     r.Digest, Names: strings.Join(names(r), ","),
		}
		if !several {
			return one
		}
		byRef[r.Ref] = one
	}
	if len(byRef) == 0 {
		return nil
	}
	return byRef
}

// renderDigests returns the digest of one index and nothing else, as kaniko, buildah,
// podman and skopeo write it; of several, a line for each.
func renderDigests(results []push.Result, several bool) ([]byte, error) {
	var digests []string
	for _, r := range written(results) {
		digests = append(digests, r.Digest.String())
	}
	text := strings.Join(digests, "\n")
	if several && text != "" {
		text += "\n"
	}
	return []byte(text), nil
}

// written returns the results of the indexes that at least one tag names.
func written(results []push.Result) []push.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r push.Result) bool { return len(names(r)) == 0 })
}

// names returns the references, with their tags, that name the index after the push.
func names(r push.Result) (all []string) {
	for _, t := range r.Tags {
		if t.Err == nil {
			all = append(all, r.Target.WithTag(t.Tag).String())
		}
	}
	return all
}
