//go:build e2e

package registrytest

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TrustEnv returns the environment variables that make clients trust the
// registry's certificate; none if it has none.
func (g *Registry) TrustEnv() []string {
	if g.CAFile == "" {
		return nil
	}
	return []string{"SSL_CERT_FILE=" + g.CAFile}
}

// WriteLogin writes a Docker config with the user's password for the host into
// dir.
func WriteLogin(t *testing.T, dir, host string) {
	t.Helper()
	clitest.Must(t, os.MkdirAll(dir, 0o700))
	auth := base64.StdEncoding.EncodeToString([]byte(UserName + ":" + UserPassword))
	config := clitest.EncodeJSON(t, map[string]any{"auths": map[string]any{host: map[string]string{"auth": auth}}})
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600))
}

// PushAndInspect pushes the images of three repositories as one index, compares
// what the registry then has, and inspects it. The session and the flags, which
// precede each command, have what the registry requires.
func PushAndInspect(t *testing.T, s clitest.Session, g *Registry, flags ...string) {
	t.Helper()
	images := fixture.NewImageSet(t, fixture.OCI(), t.Name()) // other images for each test, so that each really pushes
	g.PutImagesApart(t, "job/app", images)
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/job/app-%s:1.0"))
	printed := s.Run(t, append(flags, "push", "from-spec", spec)...).PushedDigest(t)
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("job"), printed), images.Objects()...)

	name := g.Host + "/job:all"
	shown := s.Run(t, append(flags, "inspect", name)...)
	shown.WantCode(t, 0)
	clitest.WantLines(t, shown.Stdout,
		"Name:   "+name+" (Type: "+fixture.OCI().Index+")",
		"Digest: "+printed.String(),
		" * Contains 3 manifest references (3 images, 0 attestation):",
		"[1]    -    Arch: amd64", "[2]    -    Arch: arm64", "[3]    - Variant: v7")
}

// WithLogin returns a session whose Docker config has the user's password for
// each host.
func WithLogin(t *testing.T, hosts ...string) clitest.Session {
	t.Helper()
	auths := map[string]any{}
	for _, host := range hosts {
		auths[host] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(UserName + ":" + UserPassword))}
	}
	dir := t.TempDir()
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "config.json"), clitest.EncodeJSON(t, map[string]any{"auths": auths}), 0o600))
	return clitest.Session{Env: []string{"DOCKER_CONFIG=" + dir}}
}

// WantNoSecret fails the test if the output contains the secret, as it is or in
// the form of Basic authorization.
func WantNoSecret(t *testing.T, r clitest.Result, secret string) {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(UserName + ":" + secret))
	for _, text := range []string{secret, basic} {
		if strings.Contains(r.Stdout+r.Stderr, text) {
			t.Errorf("the output shows %q:\n%s%s", text, r.Stdout, r.Stderr)
		}
	}
}
