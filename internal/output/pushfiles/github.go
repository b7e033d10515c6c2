package pushfiles

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"manifest-tool/internal/manifest/push"
)

// renderOutputs returns the outputs of a step of GitHub Actions: of each repository the
// name without a tag, the same with the digest, and the full references with their
// tags; of each index the digest; and the metadata of renderMetadata. Values of several
// have a line for each.
func renderOutputs(indexes [][]push.Result, several bool) ([]byte, error) {
	var images, digests, references, tags []string
	for _, targets := range withTags(indexes) {
		digests = append(digests, targets[0].Digest.String())
		tags = append(tags, allNames(targets)...)
		for _, r := range targets {
			images = append(images, r.Target.WithTag("").String())
			references = append(references, r.Target.WithDigest(r.Digest).String())
		}
	}
	if len(digests) == 0 {
		return nil, nil
	}
	metadata, err := json.Marshal(metadataOf(indexes, several))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	writeOutput(&b, "image", images)
	writeOutput(&b, "digest", digests)
	writeOutput(&b, "reference", references)
	writeOutput(&b, "tags", tags)
	writeOutput(&b, "metadata", []string{string(metadata)})
	return b.Bytes(), nil
}

// writeOutput writes an output as "NAME=VALUE", or between two lines with a delimiter
// that the value cannot contain. Source: the class EnvFileKeyValuePairs of
// actions/runner, which takes all up to the end of the line for the value of the
// first form.
func writeOutput(b *bytes.Buffer, name string, lines []string) {
	value := strings.Join(lines, "\n")
	if !strings.ContainsAny(value, "\r\n") {
		fmt.Fprintf(b, "%s=%s\n", name, value)
		return
	}
	delimiter := "manifest-tool-" + rand.Text()
	fmt.Fprintf(b, "%s<<%s\n%s\n%s\n", name, delimiter, value, delimiter)
}
