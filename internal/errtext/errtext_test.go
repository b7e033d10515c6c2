package errtext

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

func TestFileError(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none")
	_, err := os.Open(path)
	for _, c := range []struct {
		got  error
		want string
	}{
		{FileError(err), path + ": no such file or directory"},
		{WithoutPath(err), "no such file or directory"},
	} {
		if c.got.Error() != c.want || !errors.Is(c.got, fs.ErrNotExist) {
			t.Errorf("%v, want %s", c.got, c.want)
		}
	}
	wrapped := fmt.Errorf("reading: %w", err)
	if got := FileError(wrapped); got.Error() != wrapped.Error() {
		t.Errorf("words are lost: %v", got)
	}
	other := errors.New("other")
	if !errors.Is(FileError(other), other) || !errors.Is(WithoutPath(other), other) || FileError(nil) != nil || WithoutPath(nil) != nil {
		t.Error("another error does not stay what it is")
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"{\n\"manifests\": \"x\"}":                                  `line 2: "manifests" must be a list, not a text`,
		"{\"manifests\":\n\n[{\"size\": \"1\"}]}":                   `line 3: "manifests.size" must be a number, not a text`,
		`{"manifests": [{"size": 1.5}]}`:                            `line 1: "manifests.size" must be a number, not number 1.5`,
		`{"annotations": []}`:                                       `line 1: "annotations" must be an object, not a list`,
		`{"mediaType": {}}`:                                         `line 1: "mediaType" must be a text, not an object`,
		`{"mediaType": true}`:                                       `line 1: "mediaType" must be a text, not true or false`,
		`{"manifests": [5]}`:                                        `line 1: an item of "manifests" must be an object, not a number`,
		`{"manifests": [{}, []]}`:                                   `line 1: an item of "manifests" must be an object, not a list`,
		"{\"annotations\": {\n\"a\": 1}}":                           `line 2: an item of "annotations" must be a text, not a number`,
		`{"annotations": {"b": "c", "a": {}}}`:                      `line 1: an item of "annotations" must be a text, not an object`,
		`{"manifests": [{"urls": [true]}]}`:                         `line 1: an item of "manifests.urls" must be a text, not true or false`,
		`{"manifests": [{"platform": {"os.features": "x"}}]}`:       `line 1: "manifests.platform.os.features" must be a list, not a text`,
		`{"manifests": [{"platform": {"os.features": [{}]}}]}`:      `line 1: an item of "manifests.platform.os.features" must be a text, not an object`,
		`{"manifests": [{"annotations": {}, "size": []}], "x": {}}`: `line 1: "manifests.size" must be a number, not a list`,
		`{"SchemaVersion": "2"}`:                                    `line 1: "schemaVersion" must be a number, not a text`,
		`{"manifests": [{"data": "!"}]}`:                            "a base64 string is invalid",
		`[]`:                                                        "line 1: it must be an object, not a list",
		"{\n":                                                       "it is not JSON: it ends too early",
		"":                                                          "it is not JSON: it ends too early",
		"{\n}}":                                                     "line 2: it is not JSON",
		"{}\njunk":                                                  "line 2: it is not JSON",
	} {
		var index v1.Index
		err := json.Unmarshal([]byte(data), &index)
		if err == nil {
			t.Fatalf("%q is decoded", data)
		}
		if got := DecodeError([]byte(data), err); got.Error() != want {
			t.Errorf("%q: %v, want %s", data, got, want)
		}
	}
	other := errors.New("other")
	if DecodeError(nil, other) != other { //nolint:errorlint // the very same
		t.Error("another error does not stay what it is")
	}
}

func TestJSON_Config(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"os": 1}`:                             `line 1: "os" must be a text, not a number`,
		`{"config": {"Env": [1]}}`:              `line 1: an item of "config.Env" must be a text, not a number`,
		`{"config": {"Labels": {"Labels2":1}}}`: `line 1: an item of "config.Labels" must be a text, not a number`,
		`{"created": "yesterday"}`:              `a time must be written like 2006-01-02T15:04:05Z, not "yesterday"`,
		`{"history": [{"created": 5}]}`:         "a time must be a string like 2006-01-02T15:04:05Z",
	} {
		var config v1.Image
		err := json.Unmarshal([]byte(data), &config)
		if err == nil {
			t.Fatalf("%q is decoded", data)
		}
		if got := DecodeError([]byte(data), err); got.Error() != want {
			t.Errorf("%q: %v, want %s", data, got, want)
		}
	}
}
