package pushfiles

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"manifest-tool/internal/manifest/push"
)

// renderOutputs returns the outputs of a step of GitHub Actions, with a line for each
// index in all but tags and metadata: the name without a tag, the digest, both of
// them, the full references with their tags, and the metadata of renderMetadata.
func renderOutputs(results []push.Result, several bool) ([]byte, error) {
	all := written(results)
	if len(all) == 0 {
		return nil, nil
	}
	var images, digests, references, tags []string
	for _, r := range all {
		images = append(images, r.Target.WithTag("").String())
		digests = append(digests, r.Digest.String())
		references = append(references, r.Target.WithDigest(r.Digest).String())
		tags = append(tags, names(r)...)
	}
	metadata, err := json.Marshal(metadataOf(results, several))
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
