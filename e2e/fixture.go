//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// record is testdata/predecessor.json: what the predecessor answered to a
// number of invocations, and the images it answered about.
type record struct {
	Blobs []struct {
		Repository, Digest, Content string
	}
	Manifests []struct {
		Repository, Reference, MediaType, Content string
	}
	Cases []invocation
}

// invocation is one recorded run. REGISTRY in any text stands for HOST:PORT,
// SPEC in the arguments for a file that holds Spec.
type invocation struct {
	Name            string
	Args            []string
	Spec            string
	Exit            int
	Stdout, Stderr  string
	StoredAt        string // REPOSITORY:TAG of an index that was stored
	Stored          string // its bytes
	StoredMediaType string
	StoredDigest    string
}

// readRecord reads the record of the predecessor.
func readRecord(t *testing.T) record {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "testdata", "predecessor.json"))
	must(t, err)
	var r record
	must(t, json.Unmarshal(raw, &r))
	return r
}

// load stores the recorded images in a registry, images before the indexes
// that list them, as the record has them in order.
func (r record) load(t *testing.T, into *registry) {
	t.Helper()
	for _, blob := range r.Blobs {
		into.putBlob(t, blob.Repository, []byte(blob.Content))
	}
	for _, m := range r.Manifests {
		into.putManifest(t, m.Repository, m.Reference, m.MediaType, []byte(m.Content))
	}
}

// arguments returns the arguments of the invocation for a registry. The spec,
// if there is one, is written to a file first.
func (i invocation) arguments(t *testing.T, host string) []string {
	t.Helper()
	var args []string
	for _, arg := range i.Args {
		if arg == "SPEC" {
			arg = specFile(t, host, i.Spec)
		}
		args = append(args, strings.ReplaceAll(arg, "REGISTRY", host))
	}
	return args
}

// target returns the repository and tag the invocation pushes to, or nothing
// when it pushes nothing.
func (i invocation) target() (repo, tag string) {
	all := strings.Join(i.Args, " ")
	if i.Spec != "" {
		all = i.Spec
	}
	found := regexp.MustCompile(`(?:^image:|--target) REGISTRY/(\S+):(\S+)`).FindStringSubmatch(all)
	if found == nil {
		return "", ""
	}
	return found[1], found[2]
}

// specFile writes a spec, with REGISTRY replaced by the host, to a file
// spec.yaml and returns its path.
func specFile(t *testing.T, host, spec string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spec.yaml")
	must(t, os.WriteFile(path, []byte(strings.ReplaceAll(spec, "REGISTRY", host)), 0o600))
	return path
}
