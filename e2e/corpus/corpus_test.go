//go:build e2e

package corpus

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestCorpus compares success or failure, standard output, the bytes of each
// index and its tags with what v2 did, or with the recorded difference.
func TestCorpus(t *testing.T) {
	t.Parallel()
	var images map[string]image
	readJSON(t, "images.json", &images)
	for _, list := range []string{"index.json", "commands.json"} {
		var records []record
		readJSON(t, list, &records)
		for _, r := range records {
			t.Run(strings.TrimSuffix(list, ".json")+"/"+r.Name, func(t *testing.T) {
				t.Parallel()
				if r.Expected != "same" && r.Reason == "" {
					t.Error("a difference without a reason")
				}
				r.check(t, images)
			})
		}
	}
}

// check runs one record with a registry of its own.
func (r record) check(t *testing.T, images map[string]image) {
	t.Helper()
	g := registrytest.StartOpen(t)
	digests := map[string]digest.Digest{}
	for ref, name := range r.Images {
		repo, tag, _ := strings.Cut(ref, ":")
		putImage(t, g, repo, tag, images, name)
		digests[ref] = images[name].Digest
	}
	got, want := r.run(t, g.Host), r.want()
	if (got.Code != 0) != want.fails {
		t.Fatalf("exit code %d; v2 had %d, expected is %q (%s)\nstderr: %s", got.Code, r.Exit, r.Expected, r.Reason, got.Stderr)
	}
	if r.Warns != nil && got.Code == 0 && strings.Contains(got.Stderr, "warning: ") != *r.Warns {
		t.Errorf("warns: want %t\nstderr: %s", *r.Warns, got.Stderr)
	}
	switch r.CompareStdout {
	case "":
		clitest.WantText(t, "stdout", want.stdout, got.Stdout)
	case "more":
		var more, less any
		clitest.Must(t, json.Unmarshal([]byte(got.Stdout), &more))
		clitest.Must(t, json.Unmarshal([]byte(want.stdout), &less))
		if !containsJSON(more, less) {
			t.Errorf("stdout:\n%s\nlacks something of:\n%s", got.Stdout, want.stdout)
		}
	}
	checkWritten(t, g, digests, want.pushed)
}

// checkWritten fails the test unless the registry has the indexes under their
// tags, byte for byte, and no other tags than these and those of digests.
func checkWritten(t *testing.T, g *registrytest.Registry, digests map[string]digest.Digest, pushed []pushedIndex) {
	t.Helper()
	repos := map[string]bool{}
	for ref := range digests {
		repo, _, _ := strings.Cut(ref, ":")
		repos[repo] = true
	}
	for _, p := range pushed {
		repos[p.Repository] = true
		raw := readFile(t, p.Index)
		refs := p.Tags
		if len(refs) == 0 {
			refs = []string{p.Digest.String()}
		}
		for _, ref := range refs {
			digests[p.Repository+":"+ref] = p.Digest
			d, got := g.Manifest(t, p.Repository, ref)
			if d.MediaType != p.MediaType {
				t.Errorf("%s:%s has the media type %q, want %q", p.Repository, ref, d.MediaType, p.MediaType)
			}
			clitest.WantText(t, p.Repository+":"+ref, string(raw), string(got))
		}
	}
	for repo := range repos {
		for _, tag := range tagsOf(t, g, repo) {
			d, _ := g.Manifest(t, repo, tag)
			if want, ok := digests[repo+":"+tag]; !ok {
				t.Errorf("%s:%s was written", repo, tag)
			} else if want != d.Digest {
				t.Errorf("%s:%s is %s, want %s", repo, tag, d.Digest, want)
			}
		}
	}
}

// putImage stores an image of the corpus with its blobs and children.
func putImage(t *testing.T, g *registrytest.Registry, repo, ref string, images map[string]image, name string) {
	t.Helper()
	one, ok := images[name]
	if !ok {
		t.Fatalf("no image %q", name)
	}
	for _, child := range one.Children {
		putImage(t, g, repo, images[child].Digest.String(), images, child)
	}
	for _, file := range one.Blobs {
		g.PutBlob(t, repo, readFile(t, file))
	}
	g.PutManifest(t, repo, ref, one.MediaType, readFile(t, one.Manifest))
}

func tagsOf(t *testing.T, g *registrytest.Registry, repo string) []string {
	t.Helper()
	response := g.Do(t, "GET", "/v2/"+repo+"/tags/list", nil, nil)
	response.WantStatus(t, 200)
	var list struct{ Tags []string }
	clitest.Must(t, json.Unmarshal(response.Body, &list))
	return list.Tags
}
