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
// them by their first references, as docker buildx bake writes them by their targets.
func renderMetadata(indexes [][]push.Result, several bool) ([]byte, error) {
	value := metadataOf(indexes, several)
	if value == nil {
		return nil, nil
	}
	data, err := json.MarshalIndent(value, "", "  ")
	return append(data, '\n'), err
}

// metadataOf returns the value of a metadata file, nil if nothing was written.
func metadataOf(indexes [][]push.Result, several bool) any {
	byRef := map[string]metadata{}
	for _, targets := range withTags(indexes) {
		r := targets[0]
		one := metadata{
			Descriptor: ocispec.Descriptor{MediaType: r.MediaType, Digest: r.Digest, Size: r.Size},
			Digest:     r.Digest, Names: strings.Join(allNames(targets), ","),
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
func renderDigests(indexes [][]push.Result, several bool) ([]byte, error) {
	var digests []string
	for _, targets := range withTags(indexes) {
		digests = append(digests, targets[0].Digest.String())
	}
	text := strings.Join(digests, "\n")
	if several && text != "" {
		text += "\n"
	}
	return []byte(text), nil
}

// withTags returns the results of the repositories in which at least one tag names the
// index, by index, and no empty lists.
func withTags(indexes [][]push.Result) (some [][]push.Result) {
	for _, targets := range indexes {
		targets = slices.DeleteFunc(slices.Clone(targets), func(r push.Result) bool { return len(names(r)) == 0 })
		if len(targets) > 0 {
			some = append(some, targets)
		}
	}
	return some
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

func allNames(targets []push.Result) (all []string) {
	for _, r := range targets {
		all = append(all, names(r)...)
	}
	return all
}
