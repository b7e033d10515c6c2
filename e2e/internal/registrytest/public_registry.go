//go:build e2e

package registrytest

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// publicCase is a registry of a public name. Whatever a client says in plain
// HTTP comes to the tunnel, which takes it for an open registry's.
type PublicRegistry struct {
	Backend *Registry
	Tokens  *TokenServer
	CA      *Authority
	Front   *RecordingProxy
	Proxy   *ForwardProxy
	Session clitest.Session
	Images  fixture.ImageSet
}

// startPublic starts a registry with tokens behind the name; the settings of
// its front are those given.
func StartPublic(t *testing.T, settings RecordingProxy) PublicRegistry {
	t.Helper()
	c := PublicRegistry{Tokens: NewTokenServer(t), CA: NewAuthority(t), Images: fixture.NewImageSet(t, fixture.OCI(), "app"), Front: &settings}
	c.Backend = StartTokenAuth(t, c.Tokens)
	c.Backend.PutImagesApart(t, "src/app", c.Images)
	c.Front.Backend, c.Front.Tokens, c.Front.TLS = c.Backend, c.Tokens, c.CA.ServerCertificate(t, PublicName)
	c.Front.Open(t)
	c.Proxy = StartForwardProxy(t, c.Front.Host)
	c.Session = LoginSession(t, PublicName)
	c.Session.Env = append(append(c.Session.Env, c.Proxy.Env()...), "SSL_CERT_FILE="+c.CA.File)
	return c
}

func (c PublicRegistry) Push(t *testing.T, flags ...string) clitest.Result {
	t.Helper()
	spec := clitest.WriteSpec(t, PublicName, c.Images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	return c.Session.Run(t, append(flags, "push", "from-spec", spec)...)
}
