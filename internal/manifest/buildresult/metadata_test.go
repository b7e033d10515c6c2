package buildresult

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/internal/errtext"
)

// TestParseMetadata reads what docker/metadata-action v6.2 has as outputs. The bake files
// are those of bake-file-tags and bake-file-annotations.
func TestParseMetadata(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"the output json", metadataAction, "[team/app:1.4.2 team/app:latest ghcr.io/team/app:1.4.2 ghcr.io/team/app:latest] " +
			"[manifest:org.opencontainers.image.version=1.4.2 index:org.opencontainers.image.version=1.4.2]"},
		{"no tag", `{"tags":[],"tag-names":[],"labels":{},"annotations":[]}`, "[] []"},
		{"the output json of v4, without annotations", `{"tags":["team/app:1"],"labels":{}}`, "[team/app:1] []"},
		{"the output tags", "team/app:1.4.2\nteam/app:latest\r\n\nghcr.io/team/app:1.4.2\n", "[team/app:1.4.2 team/app:latest ghcr.io/team/app:1.4.2] []"},
		{"a bake file of tags", `{"target":{"docker-metadata-action":{"tags":["team/app:1"],"args":{"DOCKER_META_IMAGES":"team/app","DOCKER_META_VERSION":"1"}}}}`, "[team/app:1] []"},
		{"a file of PowerShell", "\ufeff" + `{"tags":["team/app:1"]}` + "\r\n", "[team/app:1] []"},
		{"a bake file of annotations", `{"target":{"docker-metadata-action":{"annotations":["index:a=b"]}}}`, "[] [index:a=b]"},
		{"a bake file with another target", `{"target":{"meta":{"tags":["team/app:1"]}}}`, "[team/app:1] []"},
	} {
		got, err := ParseMetadata("f", []byte(tt.content))
		if text := fmt.Sprint(got.Tags, got.Annotations); err != nil || text != tt.want || got.Origin != "f" {
			t.Errorf("%s: %s, %v; want %s", tt.name, text, err, tt.want)
		}
	}
}

func TestParseMetadata_Invalid(t *testing.T) {
	for content, want := range map[string]string{
		"":                                       "f: it is empty",
		" \n":                                    "f: it is empty",
		"\xff\xfet\x00":                          "f: it is not text in UTF-8",
		"{\n":                                    "f:1: it is not JSON: it ends too early",
		"null":                                   "f: it is not a result of docker/metadata-action: it is null",
		"[]":                                     "f: it is not a result of docker/metadata-action: it is []",
		"{}":                                     "f: it is not a result of docker/metadata-action: it has no tags",
		buildxPush:                               "f: it is not a result of docker/metadata-action: it has no tags",
		"{\n\"tags\": \"x\"}":                    `f:2: "tags" must be a list of texts`,
		`{"tags": [{}]}`:                         `f:1: "tags" must be a list of texts`,
		`{"annotations": {}}`:                    `f:1: "annotations" must be a list of texts`,
		`{"target": []}`:                         `f:1: "target" must be an object`,
		`{"target": {"a": 1}}`:                   `f:1: "a" must be an object`,
		"{\n\"target\": {\"a\": {}, \"b\": {}}}": "f:2: it has 2 bake targets, and none is called docker-metadata-action",
	} {
		_, err := ParseMetadata("f", []byte(content))
		if err == nil || err.Error() != want || errtext.ExitCode(err) != 2 || strings.Contains(content, "buildx") != (errtext.Hint(err) != "") {
			t.Errorf("%q: %v (%s), want %s", content, err, errtext.Hint(err), want)
		}
	}
}
