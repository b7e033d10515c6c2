//go:build e2e

package e2e

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TrustEnv returns the environment with which a client trusts the registry's
// certificate.
func (g *registry) TrustEnv() []string {
	if g.CAFile == "" {
		return nil
	}
	return []string{"SSL_CERT_FILE=" + g.CAFile}
}

// writeLogin writes a config.json with the credentials of a host into a folder.
func writeLogin(t *testing.T, dir, host string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o700))
	auth := base64.StdEncoding.EncodeToString([]byte(userName + ":" + userPassword))
	config := encode(t, map[string]any{"auths": map[string]any{host: map[string]string{"auth": auth}}})
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600))
}

// mainJob pushes the images of three repositories as one index, inspects it
// and has the result checked. The flags and the session carry what the
// registry asks for.
func mainJob(t *testing.T, s session, g *registry, flags ...string) {
	t.Helper()
	images := newImageSet(t, ociMedia(), t.Name()) // other images for each test, so that each really pushes
	g.PutImagesApart(t, "job/app", images)
	spec := specFile(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/job/app-%s:1.0"))
	printed := s.Run(t, append(flags, "push", "from-spec", spec)...).PushedDigest(t)
	wantEntries(t, wantComplete(t, g.Repository("job"), printed), images.Objects()...)

	name := g.Host + "/job:all"
	shown := s.Run(t, append(flags, "inspect", name)...)
	shown.WantCode(t, 0)
	wantLines(t, shown.Stdout,
		"Name:   "+name+" (Type: "+ociMedia().Index+")",
		"Digest: "+printed.String(),
		" * Contains 3 manifest references (3 images, 0 attestation):",
		"[1]    -    Arch: amd64", "[2]    -    Arch: arm64", "[3]    - Variant: v7")
}

// login returns a session whose Docker config has the user's password for
// every host.
func login(t *testing.T, hosts ...string) session {
	t.Helper()
	auths := map[string]any{}
	for _, host := range hosts {
		auths[host] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(userName + ":" + userPassword))}
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), encode(t, map[string]any{"auths": auths}), 0o600))
	return session{Env: []string{"DOCKER_CONFIG=" + dir}}
}

// wantNoSecret fails the test when a secret is shown, as it is or in the form
// of a basic authorization.
func wantNoSecret(t *testing.T, r result, secret string) {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(userName + ":" + secret))
	for _, text := range []string{secret, basic} {
		if strings.Contains(r.Stdout+r.Stderr, text) {
			t.Errorf("the output shows %q:\n%s%s", text, r.Stdout, r.Stderr)
		}
	}
}
