//go:build e2e

package inspect

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestReferrersOfOtherClients has oras attach a bill of material to an index,
// and cosign's tags beside it. The registry cannot list referrers, so oras
// keeps the tag that stands for the list. regctl and oras see the same.
func TestReferrersOfOtherClients(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	index := fixture.NewIndex(t, fixture.OCI(), images.Objects()...)
	g.Put(t, "app", "all", index)
	ref := g.Host + "/app:all"
	dir := t.TempDir()
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "sbom.json"), []byte(`{"spdxVersion":"SPDX-2.3"}`), 0o600))
	clitest.Session{Dir: dir}.MustRunTool(t, "oras", "attach", "--plain-http", "--artifact-type", "application/spdx+json",
		"--annotation", "by=alice", ref, "sbom.json:application/spdx+json")
	signed := fixture.NewImage(t, fixture.OCI(), "signature", fixture.ParsePlatform("linux/amd64"), 1)
	tag := strings.Replace(index.Digest().String(), ":", "-", 1)
	g.Put(t, "app", tag+".sig", signed)

	got := inspectJSON(t, 0, "--referrers", ref).Referrers
	if len(got) != 2 {
		t.Fatalf("%d referrers: %+v", len(got), got)
	}
	if got[0].Role != "sbom" || got[0].ArtifactType != "application/spdx+json" || got[0].Tag != "" {
		t.Errorf("the first is %+v", got[0])
	}
	if got[1].Role != "signature" || got[1].Digest != signed.Digest() || got[1].Tag != tag+".sig" {
		t.Errorf("the second is %+v", got[1])
	}
	wantWitnessed(t, g, ref, got[0].Digest)
	text := clitest.Run(t, "inspect", "--referrers", ref)
	text.WantCode(t, 0)
	clitest.WantLines(t, text.Stdout, " * Referrers: 2", "[1]     Role: sbom", "[1]   Digest: "+got[0].Digest.String(), "[2]      Tag: "+tag+".sig")

	if one := inspectJSON(t, 0, "--referrers", "--platform", "linux/amd64", ref); one.Referrers == nil || len(one.Referrers) > 0 {
		t.Errorf("the entry has %+v", one.Referrers)
	}
	if plain := inspectJSON(t, 0, ref); plain.Referrers != nil {
		t.Errorf("unasked: %+v", plain.Referrers)
	}
}

// wantWitnessed asks regctl and oras what refers to an image.
func wantWitnessed(t *testing.T, g *registrytest.Registry, ref string, want digest.Digest) {
	t.Helper()
	s := clitest.Session{Home: t.TempDir()}
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	if seen := s.MustRunTool(t, "regctl", "artifact", "list", ref); !strings.Contains(seen, want.String()) {
		t.Errorf("regctl sees\n%s", seen)
	}
	seen := clitest.Session{}.MustRunTool(t, "oras", "discover", "--plain-http", "--format", "json", ref)
	if !json.Valid([]byte(seen)) || !strings.Contains(seen, want.String()) {
		t.Errorf("oras sees\n%s", seen)
	}
}

// TestReferrersInALayout has oras attach to an image in a layout.
func TestReferrersInALayout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := clitest.Session{Dir: dir}
	clitest.Must(t, os.CopyFS(filepath.Join(dir, "app"), os.DirFS(clitest.RepoPath("testdata", "layouts", "linux-amd64"))))
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "x.sig"), []byte("signed"), 0o600))
	s.MustRunTool(t, "oras", "attach", "--oci-layout", "--artifact-type", "application/vnd.cncf.notary.signature", "app:1.0", "x.sig:application/jose")
	done := s.Run(t, "inspect", "--referrers", "-o", "template={{range .Referrers}}{{.Role}} {{.ArtifactType}}{{end}}", "oci-layout://app:1.0")
	done.WantCode(t, 0)
	clitest.WantText(t, "referrers", "signature application/vnd.cncf.notary.signature\n", done.Stdout)
}
