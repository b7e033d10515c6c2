//go:build e2e

// Package interop has other clients (skopeo, docker, regctl, oras) read what the
// product wrote.
package interop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// Client is another client that reads indexes of an open registry. Confirm
// fails the test unless the client can read the index and reports the digest.
type Client struct {
	Name    string
	Confirm func(t *testing.T, g *registrytest.Registry, repo, tag string, want digest.Digest)
}

// Clients returns the independent clients that the tests use.
func Clients() []Client {
	return []Client{
		{"skopeo", confirmSkopeo},
		{"docker", confirmDocker},
		{"regctl", confirmRegctl},
		{"oras", confirmOras},
	}
}

// confirmSkopeo copies the index with all its content into a directory. skopeo
// compares each digest.
func confirmSkopeo(t *testing.T, g *registrytest.Registry, repo, tag string, want digest.Digest) {
	t.Helper()
	to := t.TempDir()
	clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "--src-tls-verify=false",
		"docker://"+g.Host+"/"+repo+":"+tag, "dir:"+to)
	raw, err := os.ReadFile(filepath.Join(to, "manifest.json"))
	clitest.Must(t, err)
	fixture.WantDigest(t, want, raw)
	fixture.WantComplete(t, SkopeoDir(to), want)
}

// SkopeoDir is the path of a directory that skopeo writes for a "dir:" target.
type SkopeoDir string

// Manifest returns the bytes of a manifest, or of the index itself.
func (f SkopeoDir) Manifest(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(f), d.Encoded()+".manifest.json"))
	if os.IsNotExist(err) {
		raw, err = os.ReadFile(filepath.Join(string(f), "manifest.json"))
	}
	clitest.Must(t, err)
	return raw
}

// Blob returns the bytes of a blob.
func (f SkopeoDir) Blob(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(f), d.Encoded()))
	clitest.Must(t, err)
	return raw
}

// confirmDocker compares what docker prints of the index with the stored bytes:
// docker prints no digest, changes the indentation and omits annotations.
func confirmDocker(t *testing.T, g *registrytest.Registry, repo, tag string, want digest.Digest) {
	t.Helper()
	shown := clitest.Session{}.MustRunTool(t, "docker", "manifest", "inspect", "--insecure", g.Host+"/"+repo+":"+tag)
	stored, raw := g.Manifest(t, repo, tag)
	if stored.Digest != want {
		t.Errorf("the registry has %s, want %s", stored.Digest, want)
	}
	if diff := cmp.Diff(WithoutAnnotations(clitest.DecodeJSON(t, raw)), clitest.DecodeJSON(t, []byte(shown))); diff != "" {
		t.Errorf("docker manifest inspect (-stored +shown):\n%s", diff)
	}
}

// WithoutAnnotations removes the annotations of decoded JSON, at every depth,
// and returns it.
func WithoutAnnotations(value any) any {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "annotations")
		for _, inner := range value {
			WithoutAnnotations(inner)
		}
	case []any:
		for _, inner := range value {
			WithoutAnnotations(inner)
		}
	}
	return value
}

// confirmRegctl compares the digest and the bytes that regctl prints.
func confirmRegctl(t *testing.T, g *registrytest.Registry, repo, tag string, want digest.Digest) {
	t.Helper()
	s := clitest.Session{Home: t.TempDir()} // regctl keeps the registry's settings there
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	ref := g.Host + "/" + repo + ":" + tag
	clitest.WantText(t, "regctl manifest head", want.String()+"\n", s.MustRunTool(t, "regctl", "manifest", "head", ref))
	fixture.WantDigest(t, want, []byte(s.MustRunTool(t, "regctl", "manifest", "get", "--format", "raw-body", ref)))
}

// confirmOras compares the descriptor and the bytes that oras prints.
func confirmOras(t *testing.T, g *registrytest.Registry, repo, tag string, want digest.Digest) {
	t.Helper()
	ref := g.Host + "/" + repo + ":" + tag
	var found struct{ Digest string }
	clitest.Must(t, json.Unmarshal([]byte(clitest.Session{}.MustRunTool(t, "oras", "manifest", "fetch", "--descriptor", "--plain-http", ref)), &found))
	clitest.WantText(t, "oras manifest fetch --descriptor", want.String(), found.Digest)
	fixture.WantDigest(t, want, []byte(clitest.Session{}.MustRunTool(t, "oras", "manifest", "fetch", "--plain-http", ref)))
}
