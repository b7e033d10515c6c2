//go:build e2e

package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wideLayers is how many layers each image of a wide fleet has.
const wideLayers = 3

// newLargeImageSet makes n images of one platform each, which share nothing.
// Their tags are i00, i01 and so on.
func newLargeImageSet(t *testing.T, n int) imageSet {
	t.Helper()
	var f imageSet
	for i := range n {
		tag := fmt.Sprintf("i%02d", i)
		build := platform(fmt.Sprintf("windows/amd64:10.0.20348.%d", i))
		f = append(f, tagged{tag, newImage(t, ociMedia(), "wide "+tag, build, wideLayers)})
	}
	return f
}

// declared returns a spec as spec does, with the platform of each image.
func (f imageSet) declared(target, source string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "image: %s\nmanifests:\n", target)
	for _, one := range f {
		p := one.image.platform
		fmt.Fprintf(&out, "  - image: "+source+"\n", one.tag)
		fmt.Fprintf(&out, "    platform: {os: %s, architecture: %s, os.version: %s}\n", p.OS, p.Architecture, p.OSVersion)
	}
	return out.String()
}

// authMode is what a registry asks of a client, and how it is started.
type authMode struct {
	name  string
	start func(*testing.T) (*registry, http.Handler)
}

// authModes returns the three kinds of registries: open, with a password, with
// tokens.
func authModes() []authMode {
	return []authMode{
		{"open", func(t *testing.T) (*registry, http.Handler) { return startOpen(t), nil }},
		{"basic", func(t *testing.T) (*registry, http.Handler) { return startPassword(t), nil }},
		{"bearer", func(t *testing.T) (*registry, http.Handler) {
			server := newTokenServer(t)
			return startTokenAuth(t, server), server
		}},
	}
}

// startPassword starts a registry on plain HTTP with one user in an htpasswd
// file.
func startPassword(t *testing.T) *registry {
	t.Helper()
	passwords := filepath.Join(t.TempDir(), "htpasswd")
	must(t, os.WriteFile(passwords, []byte(userName+":"+userHash+"\n"), 0o600))
	return &registry{
		host:      launch(t, "", fmt.Sprintf("auth:\n  htpasswd:\n    realm: e2e\n    path: %s\n", passwords)),
		scheme:    "http",
		client:    &http.Client{},
		authorize: func(r *http.Request) { r.SetBasicAuth(userName, userPassword) },
	}
}

// startTokenAuth starts a registry that takes the tokens of the server. Clients
// have to come by a front, which is the token server as well.
func startTokenAuth(t *testing.T, server *tokenServer) *registry {
	t.Helper()
	return &registry{
		host: launch(t, "", fmt.Sprintf(
			"auth:\n  token:\n    realm: %s\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n",
			gateRealm, tokenService, tokenService, writePEM(t, "token.pem", "CERTIFICATE", server.cert.Raw))),
		scheme: "http",
		client: &http.Client{},
		authorize: func(r *http.Request) {
			name, _, _ := splitPath(r.URL.Path)
			r.Header.Set("Authorization", "Bearer "+server.sign("stage", []access{
				{Type: "repository", Name: name, Actions: []string{"pull", "push", "delete"}},
			}))
		},
	}
}

// ServeHTTP makes a token server of the stage a handler of its own.
func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.answer(w, r) }

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
	return session{env: []string{"DOCKER_CONFIG=" + dir}}
}
