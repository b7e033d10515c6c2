//go:build e2e

package e2e

import "testing"

// publicCase is a registry of a public name. Whatever a client says in plain
// HTTP comes to the tunnel, which takes it for an open registry's.
type publicCase struct {
	backend *registry
	tokens  *tokenServer
	ca      *authority
	front   *recordingProxy
	tunnel  *tunnel
	session session
	images  imageSet
}

// startPublic starts a registry with tokens behind the name; the settings of
// its front are those given.
func startPublic(t *testing.T, settings recordingProxy) publicCase {
	t.Helper()
	c := publicCase{tokens: newTokenServer(t), ca: newAuthority(t), images: newImageSet(t, ociMedia(), "app"), front: &settings}
	c.backend = startTokenAuth(t, c.tokens)
	c.backend.putImagesApart(t, "src/app", c.images)
	c.front.backend, c.front.tokens, c.front.tls = c.backend, c.tokens, c.ca.certificate(t, publicName)
	c.front.open(t)
	c.tunnel = startTunnel(t, c.front.host)
	c.session = login(t, publicName)
	c.session.env = append(append(c.session.env, c.tunnel.env()...), "SSL_CERT_FILE="+c.ca.file)
	return c
}

func (c publicCase) push(t *testing.T, flags ...string) result {
	t.Helper()
	spec := specFile(t, publicName, c.images.spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	return c.session.manifestTool(t, append(flags, "push", "from-spec", spec)...)
}
