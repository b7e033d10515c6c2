//go:build e2e

package e2e

import "testing"

// publicCase is a registry of a public name. Whatever a client says in plain
// HTTP comes to the tunnel, which takes it for an open registry's.
type publicCase struct {
	Backend *registry
	Tokens  *tokenServer
	CA      *authority
	Front   *recordingProxy
	Proxy   *tunnel
	Session session
	Images  imageSet
}

// startPublic starts a registry with tokens behind the name; the settings of
// its front are those given.
func startPublic(t *testing.T, settings recordingProxy) publicCase {
	t.Helper()
	c := publicCase{Tokens: newTokenServer(t), CA: newAuthority(t), Images: newImageSet(t, ociMedia(), "app"), Front: &settings}
	c.Backend = startTokenAuth(t, c.Tokens)
	c.Backend.PutImagesApart(t, "src/app", c.Images)
	c.Front.Backend, c.Front.Tokens, c.Front.TLS = c.Backend, c.Tokens, c.CA.ServerCertificate(t, publicName)
	c.Front.Open(t)
	c.Proxy = startTunnel(t, c.Front.Host)
	c.Session = login(t, publicName)
	c.Session.Env = append(append(c.Session.Env, c.Proxy.Env()...), "SSL_CERT_FILE="+c.CA.File)
	return c
}

func (c publicCase) Push(t *testing.T, flags ...string) result {
	t.Helper()
	spec := specFile(t, publicName, c.Images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	return c.Session.Run(t, append(flags, "push", "from-spec", spec)...)
}
