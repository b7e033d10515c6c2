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
	Name    string
	Confirm func(t *testing.T, g *registry, repo, tag string, want digest.Digest)
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
	session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "--src-tls-verify=false",
		"docker://"+g.Host+"/"+repo+":"+tag, "dir:"+to)
	raw, err := os.ReadFile(filepath.Join(to, "manifest.json"))
	must(t, err)
	wantDigest(t, want, raw)
	wantComplete(t, skopeoFolder(to), want)
}

// skopeoFolder is what skopeo writes for a "dir:" target.
type skopeoFolder string

// Manifest returns the bytes of a manifest, or of the index itself.
func (f skopeoFolder) Manifest(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(f), d.Encoded()+".manifest.json"))
	if os.IsNotExist(err) {
		raw, err = os.ReadFile(filepath.Join(string(f), "manifest.json"))
	}
	must(t, err)
	return raw
}

// Blob returns the bytes of a blob.
func (f skopeoFolder) Blob(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(f), d.Encoded()))
	must(t, err)
	return raw
}

// dockerInspects compares what the docker command line shows of the index with
// the stored bytes: it prints no digest, re-indents, and leaves annotations out.
func dockerInspects(t *testing.T, g *registry, repo, tag string, want digest.Digest) {
	t.Helper()
	shown := session{}.MustRunTool(t, "docker", "manifest", "inspect", "--insecure", g.Host+"/"+repo+":"+tag)
	stored, raw := g.Manifest(t, repo, tag)
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
	s := session{Home: t.TempDir()} // regctl keeps the registry's settings there
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	ref := g.Host + "/" + repo + ":" + tag
	wantText(t, "regctl manifest head", want.String()+"\n", s.MustRunTool(t, "regctl", "manifest", "head", ref))
	wantDigest(t, want, []byte(s.MustRunTool(t, "regctl", "manifest", "get", "--format", "raw-body", ref)))
}

// orasFetches asks oras for the descriptor and for the bytes.
func orasFetches(t *testing.T, g *registry, repo, tag string, want digest.Digest) {
	t.Helper()
	ref := g.Host + "/" + repo + ":" + tag
	var found struct{ Digest string }
	must(t, json.Unmarshal([]byte(session{}.MustRunTool(t, "oras", "manifest", "fetch", "--descriptor", "--plain-http", ref)), &found))
	wantText(t, "oras manifest fetch --descriptor", want.String(), found.Digest)
	wantDigest(t, want, []byte(session{}.MustRunTool(t, "oras", "manifest", "fetch", "--plain-http", ref)))
}
