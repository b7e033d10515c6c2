//go:build e2e

package corpus

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
)

// exampleHost is the host of the registry in the corpus.
const exampleHost = "registry.example.com"

// record is one spec or command line, and what v2 did with it; the README of the
// corpus describes the fields.
type record struct {
	Name           string
	Args           []string
	Spec           string
	Files          map[string]string
	Stdin          string
	Images         map[string]string
	Exit           int
	Stdout         string
	CompareStdout  string
	Pushed         []pushedIndex
	Expected       string
	ExpectedStdout string
	ExpectedPushed []pushedIndex
	Warns          *bool
	Reason         string
}

// pushedIndex is an index that a push wrote.
type pushedIndex struct {
	Repository string
	Tags       []string
	MediaType  string
	Digest     digest.Digest
	Index      string
}

// image is an image or an index that the registry has before the run.
type image struct {
	MediaType       string
	Digest          digest.Digest
	Manifest        string
	Blobs, Children []string
}

// outcome is what a run has to do.
type outcome struct {
	fails  bool
	stdout string
	pushed []pushedIndex
}

// want returns what this program does: what v2 did, or the recorded difference.
func (r record) want() outcome {
	switch r.Expected {
	case "refused":
		return outcome{fails: true}
	case "other":
		return outcome{stdout: r.ExpectedStdout, pushed: r.ExpectedPushed}
	}
	return outcome{fails: r.Exit != 0, stdout: r.Stdout, pushed: r.Pushed}
}

// run starts the program in a directory with the files of the record, and returns
// its result with the example host.
func (r record) run(t *testing.T, host string) clitest.Result {
	t.Helper()
	s := clitest.Session{Dir: t.TempDir(), Stdin: strings.ReplaceAll(r.Stdin, exampleHost, host)}
	files := map[string][]byte{}
	for name, text := range r.Files {
		files[name] = []byte(text)
	}
	if r.Spec != "" {
		files["spec.yaml"] = readFile(t, r.Spec)
	}
	for name, content := range files {
		path := filepath.Join(s.Dir, name)
		clitest.Must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		clitest.Must(t, os.WriteFile(path, withHost(content, host), 0o600))
	}
	args := make([]string, len(r.Args))
	for i, arg := range r.Args {
		args[i] = strings.ReplaceAll(arg, exampleHost, host)
	}
	got := s.Run(t, args...)
	back := strings.NewReplacer(host, exampleHost, clitest.Binary(), "BINARY")
	got.Stdout, got.Stderr = back.Replace(got.Stdout), back.Replace(got.Stderr)
	return got
}

// withHost replaces the example host in a file, which is UTF-8 or, with a byte
// order mark, little-endian UTF-16.
func withHost(text []byte, host string) []byte {
	if !bytes.HasPrefix(text, []byte{0xff, 0xfe}) {
		return bytes.ReplaceAll(text, []byte(exampleHost), []byte(host))
	}
	var units []uint16
	for i := 0; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i])|uint16(text[i+1])<<8)
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(string(utf16.Decode(units)), exampleHost, host))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// containsJSON reports whether a JSON value has everything that another one has;
// objects may have more members.
func containsJSON(got, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for key, value := range w {
			ok = ok && containsJSON(g[key], value)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(g, w, containsJSON)
	}
	return got == want
}

// readJSON reads a JSON file of the corpus.
func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	clitest.Must(t, json.Unmarshal(readFile(t, name), into))
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(clitest.RepoPath("testdata", "corpus", name))
	clitest.Must(t, err)
	return content
}
