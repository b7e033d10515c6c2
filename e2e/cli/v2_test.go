//go:build e2e

package cli

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// otherWords lists the recorded failures that this program words differently,
// with the reason and with what its message must hold instead. All of them
// still fail, print nothing on standard output and store nothing.
func otherWords() map[string]struct {
	reason string
	says   []string
} {
	return map[string]struct {
		reason string
		says   []string
	}{
		"push from another registry": {
			"images of another registry are copied now; this one fails because its registry does not exist",
			[]string{"failed to push image: ", "registry.invalid"},
		},
		"inspect missing tag": {
			"the wording was that of the predecessor's library",
			[]string{"REGISTRY/team/web:absent", "not found"},
		},
		"push one missing": {
			"the wording was that of the predecessor's library",
			[]string{"failed to push image: ", "REGISTRY/team/web:absent", "not found"},
		},
		"push unknown architecture": {
			"it began with an inner step of the predecessor; the message proper stays",
			[]string{
				"failed to push image: ",
				"manifest entry for image REGISTRY/team/web:386 has unsupported os/arch or os/arch/variant combination: linux/z80/",
			},
		},
	}
}

// moreFields lists the recorded runs whose JSON has fields here that the
// predecessor loses, with the reason. All else is byte for byte the same.
func moreFields() map[string]string {
	return map[string]string{
		"inspect raw index": "--raw says of each entry its digest, size, platform and annotations beside its manifest (decision 16)",
	}
}

// withoutMoreFields takes out of the text what --raw adds to each entry of an
// index; each must be there, with its comma, behind the manifest's own fields.
func withoutMoreFields(t *testing.T, text string) string {
	t.Helper()
	var index struct{ Manifests []map[string]json.RawMessage }
	clitest.Must(t, json.Unmarshal([]byte(text), &index))
	for _, entry := range index.Manifests {
		for _, field := range []string{"annotations", "digest", "size", "platform"} {
			added := fmt.Sprintf(",\n            %q: %s", field, entry[field])
			if entry[field] == nil && field != "annotations" || !strings.Contains(text, added) && entry[field] != nil {
				t.Errorf("an entry has no %s where it belongs:\n%s", field, text)
			}
			text = strings.Replace(text, added, "", 1)
		}
	}
	return text
}

// TestRecordedRunsOfV2 runs what the predecessor was recorded with (issue 2):
// the output, success or failure, the stored bytes, and the message of a
// failure.
func TestRecordedRunsOfV2(t *testing.T) {
	t.Parallel()
	r := fixture.ReadRecording(t)
	for name := range otherWords() {
		if !hasCase(r, name) {
			t.Errorf("otherWords names %q, which is not recorded", name)
		}
	}
	for name := range moreFields() {
		if !hasCase(r, name) {
			t.Errorf("moreFields names %q, which is not recorded", name)
		}
	}
	for _, recorded := range r.Cases {
		t.Run(recorded.Name, func(t *testing.T) {
			t.Parallel()
			g := registrytest.StartOpen(t)
			g.PutRecording(t, r)
			done := clitest.Run(t, recorded.Arguments(t, g.Host)...)

			got := strings.ReplaceAll(done.Stdout, g.Host, "REGISTRY")
			if _, ok := moreFields()[recorded.Name]; ok {
				got = withoutMoreFields(t, got)
			}
			clitest.WantText(t, "stdout", recorded.Stdout, got)
			if failed, want := done.Code != 0, recorded.Exit != 0; failed != want {
				t.Fatalf("exit code %d; the predecessor had %d\nstderr: %s", done.Code, recorded.Exit, done.Stderr)
			}
			if recorded.Exit != 0 {
				wantMessage(t, recorded, g, done)
			}
			wantStored(t, recorded, g)
		})
	}
}

// hasCase reports whether an invocation of that name is recorded.
func hasCase(r fixture.Recording, name string) bool {
	for _, c := range r.Cases {
		if c.Name == name {
			return true
		}
	}
	return false
}

// wantMessage fails the test unless the failure says what the predecessor
// said, or what otherWords has instead.
func wantMessage(t *testing.T, i fixture.RecordedRun, g *registrytest.Registry, done clitest.Result) {
	t.Helper()
	says := []string{message(t, i)}
	if other, ok := otherWords()[i.Name]; ok {
		says = append([]string{"manifest-tool failed with error: "}, other.says...)
	}
	for _, text := range says {
		done.WantStderr(t, strings.ReplaceAll(text, "REGISTRY", g.Host))
	}
}

// message returns the predecessor's message of a failure, out of its log line
// on standard error.
func message(t *testing.T, i fixture.RecordedRun) string {
	t.Helper()
	found := regexp.MustCompile(`level=error msg=("(?:[^"\\]|\\.)*")`).FindStringSubmatch(i.Stderr)
	if found == nil {
		t.Fatalf("no error is recorded:\n%s", i.Stderr)
	}
	text, err := strconv.Unquote(found[1])
	clitest.Must(t, err)
	return text
}

// wantStored fails the test unless the registry holds what the predecessor
// stored, byte for byte; after a failure, nothing.
func wantStored(t *testing.T, i fixture.RecordedRun, g *registrytest.Registry) {
	t.Helper()
	repo, tag := i.Target()
	if repo != "" && i.Exit != 0 {
		g.WantAbsent(t, repo, tag)
	}
	if i.StoredAt == "" {
		return
	}
	got, raw := g.Manifest(t, repo, tag)
	clitest.WantText(t, "media type of "+tag, i.StoredMediaType, got.MediaType)
	clitest.WantText(t, "digest of "+tag, i.StoredDigest, got.Digest.String())
	if diff := cmp.Diff(i.Stored, string(raw)); diff != "" {
		t.Errorf("stored bytes (-predecessor +got):\n%s", diff)
	}
	at, extra, _ := strings.Cut(i.StoredAt, ":")
	if tagged, _ := g.Manifest(t, at, extra); tagged.Digest != got.Digest {
		t.Errorf("%s is %s, but %s:%s is %s", i.StoredAt, tagged.Digest, repo, tag, got.Digest)
	}
}
