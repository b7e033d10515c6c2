//go:build e2e

package registrytest

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// PublicRegistry is a registry with tokens and TLS that clients reach as
// PublicName, through a proxy. Requests in plain HTTP do not reach it: the
// proxy responds to them.
type PublicRegistry struct {
	Backend *Registry
	Tokens  *TokenServer
	CA      *Authority
	Front   *RecordingProxy
	Proxy   *ForwardProxy
	Session clitest.Session
	Images  fixture.ImageSet
}

// StartPublic starts such a registry with the images in src/app-TAG. The
// settings are those of its RecordingProxy.
func StartPublic(t *testing.T, settings RecordingProxy) PublicRegistry {
	t.Helper()
	c := PublicRegistry{Tokens: NewTokenServer(t), CA: NewAuthority(t), Images: fixture.NewImageSet(t, fixture.OCI(), "app"), Front: &settings}
	c.Backend = StartTokenAuth(t, c.Tokens)
	c.Backend.PutImagesApart(t, "src/app", c.Images)
	c.Front.Backend, c.Front.Tokens, c.Front.TLS = c.Backend, c.Tokens, c.CA.ServerCertificate(t, PublicName)
	c.Front.Open(t)
	c.Proxy = StartForwardProxy(t, c.Front.Host)
	c.Session = WithLogin(t, PublicName)
	c.Session.Env = append(append(c.Session.Env, c.Proxy.Env()...), "SSL_CERT_FILE="+c.CA.File)
	return c
}

// Push pushes the images as app:all and returns the result.
func (c PublicRegistry) Push(t *testing.T, flags ...string) clitest.Result {
	t.Helper()
	spec := clitest.WriteSpec(t, PublicName, c.Images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	return c.Session.Run(t, append(flags, "push", "from-spec", spec)...)
}
