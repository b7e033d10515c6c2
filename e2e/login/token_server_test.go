//go:build e2e

package login

import (
	"net/http"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// variantRegistry is a registry whose token server has options.
type variantRegistry struct {
	backend *registrytest.Registry
	tokens  *registrytest.TokenServerVariant
	front   *registrytest.RecordingProxy
}

// startVariant starts such a registry. Each request that has a valid token is
// passed to then, which may be nil.
func startVariant(t *testing.T, own registrytest.TokenOptions, then registrytest.Interceptor) variantRegistry {
	t.Helper()
	server := registrytest.NewTokenServer(t)
	c := variantRegistry{backend: registrytest.StartTokenAuth(t, server), tokens: registrytest.NewTokenServerVariant(server, own)}
	intercept := c.tokens.Check
	if then != nil {
		intercept = registrytest.FirstOf(c.tokens.Check, then)
	}
	c.front = (&registrytest.RecordingProxy{Backend: c.backend, Tokens: c.tokens, Intercept: intercept}).Open(t)
	return c
}

// push stores the images in repositories of their own and pushes them.
func (c variantRegistry) push(t *testing.T, images fixture.ImageSet) clitest.Result {
	t.Helper()
	c.backend.PutImagesApart(t, "src/app", images)
	spec := clitest.WriteSpec(t, c.front.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	return registrytest.WithLogin(t, c.front.Host).Run(t, "push", "from-spec", spec)
}

func TestAccessTokenField(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	c := startVariant(t, registrytest.TokenOptions{TokenField: "access_token"}, nil)
	images.WantPushed(t, c.push(t, images), c.backend.Repository("app"))
	c.front.Seen.WantCount(t, 1, http.MethodGet, "token", 0)
}

// TestTokenRenewedBeforeExpiry has a push take longer than the life that its
// tokens claim to have. They are good for longer, so that it decides nothing
// here how busy the machine is: who waits for a refusal gets one token.
func TestTokenRenewedBeforeExpiry(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	slow := func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/token" {
			time.Sleep(1200 * time.Millisecond)
		}
		return false
	}
	c := startVariant(t, registrytest.TokenOptions{ExpiresIn: 4 * time.Second}, slow)
	images.WantPushed(t, c.push(t, images), c.backend.Repository("app"))
	refused := c.front.Seen.Matching(func(r registrytest.Request) bool { return r.Status == http.StatusUnauthorized })
	if len(refused) != 1 {
		t.Errorf("%d requests were refused, want the first one", len(refused))
	}
	tokens := c.front.Seen.Matching(func(r registrytest.Request) bool { return r.Kind == "token" })
	if len(tokens) < 2 {
		t.Errorf("%d tokens were asked for, want another one when the first came to its end", len(tokens))
	}
}

// TestTokenRevokedDuringPush has the first token refused after some requests,
// long before its end: another one is asked for.
func TestTokenRevokedDuringPush(t *testing.T) {
	t.Parallel()
	for name, uses := range map[string]int{"while reading": 4, "while mounting": 9, "before the tags": 17} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			images := fixture.NewImageSet(t, fixture.OCI(), "app")
			c := startVariant(t, registrytest.TokenOptions{FirstTokenUses: uses}, nil)
			images.WantPushed(t, c.push(t, images), c.backend.Repository("app"))
		})
	}
	// Here all requests have one scope, and the next token the same as the first.
	t.Run("one repository", func(t *testing.T) {
		t.Parallel()
		images := fixture.NewImageSet(t, fixture.OCI(), "app")
		c := startVariant(t, registrytest.TokenOptions{FirstTokenUses: 4}, nil)
		c.backend.PutImages(t, "app", images)
		spec := clitest.WriteSpec(t, c.front.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
		done := registrytest.WithLogin(t, c.front.Host).Run(t, "push", "from-spec", spec)
		images.WantPushed(t, done, c.backend.Repository("app"))
	})
}

// TestTokenServerGrantsFewScopes pushes ten images all the same. With two
// scopes each mount has the token it needs; with one no mount is allowed, and
// what was to be mounted is copied.
func TestTokenServerGrantsFewScopes(t *testing.T) {
	t.Parallel()
	images := fixture.NewLargeImageSet(t, 10)
	blobs := len(images) * (fixture.LayersPerImage + 1)
	t.Run("two", func(t *testing.T) {
		t.Parallel()
		c := startVariant(t, registrytest.TokenOptions{MaxScopes: 2}, nil)
		images.WantPushed(t, c.push(t, images), c.backend.Repository("app"))
		c.front.Seen.WantCount(t, blobs, http.MethodPost, "upload", http.StatusCreated)
		c.front.Seen.WantCount(t, 0, http.MethodPut, "upload", 0)
		// Each source is read with a token and mounted with one; the target has
		// one of its own, and the first try one for all.
		if got := c.front.Seen.Count(http.MethodGet, "token", 0); got > 2*len(images)+2 {
			t.Errorf("%d tokens were asked for, want at most %d", got, 2*len(images)+2)
		}
	})
	t.Run("one", func(t *testing.T) {
		t.Parallel()
		c := startVariant(t, registrytest.TokenOptions{MaxScopes: 1}, nil)
		images.WantPushed(t, c.push(t, images), c.backend.Repository("app"))
		c.front.Seen.WantCount(t, blobs, http.MethodPut, "upload", http.StatusCreated)
	})
}
