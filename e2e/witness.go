//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
)

// interopClient is another client that reads an index on an open registry. Its
// confirm fails the test unless the client can read it and means the digest.
type interopClient struct {
	name    string
	confirm func(t *testing.T, g *registry, repo, tag string, want digest.Digest)
}

// interopClients returns every independent client the tests have.
func interopClients() []interopClient {
	return []interopClient{
		{"skopeo", skopeoCopies},
		{"docker", dockerInspects},
		{"regctl", regctlReads},
		{"oras", orasFetches},
	}
}

// skopeoCopies has every child and blob pulled into a folder. skopeo checks
// each digest on the way.
func skopeoCopies(t *testing.T, g *registry, repo, tag string, want digest.Digest) {
	t.Helper()
	to := t.TempDir()
	session{}.mustRun(t, "skopeo", "--insecure-policy", "copy", "--all", "--src-tls-verify=false",
		"docker://"+g.host+"/"+repo+":"+tag, "dir:"+to)
	raw, err := os.ReadFile(filepath.Join(to, "manifest.json"))
	must(t, err)
	wantDigest(t, want, raw)
	wantComplete(t, skopeoFolder(to), want)
}

// skopeoFolder is what skopeo writes for a "dir:" target.
type skopeoFolder string

// document returns the bytes of a manifest, or of the index itself.
func (f skopeoFolder) document(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(f), d.Encoded()+".manifest.json"))
	if os.IsNotExist(err) {
		raw, err = os.ReadFile(filepath.Join(string(f), "manifest.json"))
	}
	must(t, err)
	return raw
}

// content returns the bytes of a blob.
func (f skopeoFolder) content(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(f), d.Encoded()))
	must(t, err)
	return raw
}

// dockerInspects compares what the docker command line shows of the index with
// the stored bytes: it prints no digest, re-indents, and leaves annotations out.
func dockerInspects(t *testing.T, g *registry, repo, tag string, want digest.Digest) {
	t.Helper()
	shown := session{}.mustRun(t, "docker", "manifest", "inspect", "--insecure", g.host+"/"+repo+":"+tag)
	stored, raw := g.manifest(t, repo, tag)
	if stored.Digest != want {
		t.Errorf("the registry has %s, want %s", stored.Digest, want)
	}
	if diff := cmp.Diff(withoutAnnotations(decode(t, raw)), decode(t, []byte(shown))); diff != "" {
		t.Errorf("docker manifest inspect (-stored +shown):\n%s", diff)
	}
}

// withoutAnnotations takes the annotations out of decoded JSON, at every depth.
func withoutAnnotations(value any) any {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "annotations")
		for _, inner := range value {
			withoutAnnotations(inner)
		}
	case []any:
		for _, inner := range value {
			withoutAnnotations(inner)
		}
	}
	return value
}

// regctlReads asks regctl for the digest and for the bytes.
func regctlReads(t *testing.T, g *registry, repo, tag string, want digest.Digest) {
	t.Helper()
	s := session{home: t.TempDir()} // regctl keeps the registry's settings there
	s.mustRun(t, "regctl", "registry", "set", "--tls", "disabled", g.host)
	ref := g.host + "/" + repo + ":" + tag
	wantText(t, "regctl manifest head", want.String()+"\n", s.mustRun(t, "regctl", "manifest", "head", ref))
	wantDigest(t, want, []byte(s.mustRun(t, "regctl", "manifest", "get", "--format", "raw-body", ref)))
}

// orasFetches asks oras for the descriptor and for the bytes.
func orasFetches(t *testing.T, g *registry, repo, tag string, want digest.Digest) {
	t.Helper()
	ref := g.host + "/" + repo + ":" + tag
	var found struct{ Digest string }
	must(t, json.Unmarshal([]byte(session{}.mustRun(t, "oras", "manifest", "fetch", "--descriptor", "--plain-http", ref)), &found))
	wantText(t, "oras manifest fetch --descriptor", want.String(), found.Digest)
	wantDigest(t, want, []byte(session{}.mustRun(t, "oras", "manifest", "fetch", "--plain-http", ref)))
}
