//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
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
	raw, err := os.ReadFile(repoPath("testdata", "predecessor.json"))
	must(t, err)
	var r record
	must(t, json.Unmarshal(raw, &r))
	return r
}

// Arguments returns the arguments of the invocation for a registry. The spec,
// if there is one, is written to a file first.
func (i invocation) Arguments(t *testing.T, host string) []string {
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

// Target returns the repository and tag the invocation pushes to, or nothing
// when it pushes nothing.
func (i invocation) Target() (repo, tag string) {
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
