package push

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// damage has a registry send other bytes for a GET, under the digest it calls
// them by, until spared is set.
func damage(r *manifesttest.Registry, path, body string, claimed digest.Digest, spared *atomic.Bool) {
	r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		isIt := req.Method == http.MethodGet && req.URL.Path == path && !spared.Load()
		if isIt {
			w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
			w.Header().Set("Docker-Content-Digest", claimed.String())
			_, _ = w.Write([]byte(body))
		}
		return isIt
	})
}

// TestFault21ConfirmedBytesAreHashed has a registry call the bytes of a tag by
// a digest that they do not have. HEAD cannot show it, so --confirm does not
// ask by HEAD.
func TestFault21ConfirmedBytesAreHashed(t *testing.T) {
	for name, unchanged := range map[string]bool{"written": false, "unchanged": true} {
		for what, spoil := range map[string]func(string, digest.Digest) (string, digest.Digest){
			"other bytes": func(raw string, d digest.Digest) (string, digest.Digest) {
				return strings.Replace(raw, "arm", "mra", 1), d
			},
			"no JSON":           func(raw string, d digest.Digest) (string, digest.Digest) { return raw[:len(raw)-1], d },
			"no bytes":          func(_ string, d digest.Digest) (string, digest.Digest) { return "", d },
			"another digest":    func(raw string, _ digest.Digest) (string, digest.Digest) { return raw, digest.FromString("another") },
			"nothing is spoilt": func(raw string, d digest.Digest) (string, digest.Digest) { return raw, d },
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				target, in, _ := twoRegistries(t)
				if _, _, err := pushed(t, in, Options{}); err != nil {
					t.Fatal(err)
				}
				to, _ := reference.Parse(in.Image)
				o, err := storeFor(t, to).Get(t.Context(), to)
				if err != nil {
					t.Fatal(err)
				}
				if !unchanged {
					in.Tags = []string{"2"}
					to = to.WithTag("2")
				}
				body, claimed := spoil(string(o.Raw), o.Descriptor.Digest)
				damage(target, "/v2/app/manifests/"+to.Tag, body, claimed, &atomic.Bool{})
				target.ResetRequests()
				w := &waits{}
				_, _, err = pushed(t, in, Options{Confirm: true, Sleep: w.wait})
				var differs *transport.DigestHeaderError
				if what == "nothing is spoilt" {
					if err != nil {
						t.Errorf("error %v", err)
					}
				} else if !errors.As(err, &differs) || differs.Claimed != claimed || differs.Got != digest.FromString(body) {
					t.Errorf("error %v", err)
				}
				// Once more, to see, where it was right.
				if n := target.CountExact("GET /v2/app/manifests/" + to.Tag); err != nil && n != 1 || w.sum > 0 {
					t.Errorf("the tag was read %d times, in %v", n, w.sum)
				}
			})
		}
	}
}

// TestFault21ConfirmedChildrenAreHashed has a registry damage a child of the
// index that is there. Pushing it again may mend it or not.
func TestFault21ConfirmedChildrenAreHashed(t *testing.T) {
	for name, mends := range map[string]bool{"and keep what it has": false, "and take it again": true} {
		t.Run(name, func(t *testing.T) {
			target, in, children := twoRegistries(t)
			if _, _, err := pushed(t, in, Options{}); err != nil {
				t.Fatal(err)
			}
			path, put := "/v2/app/manifests/"+children[1].Digest.String(), &atomic.Bool{}
			damage(target, path, `{"schemaVersion":2,"layers":[],"config":{}}`, children[1].Digest, put)
			target.ResetRequests()
			if _, _, err := pushed(t, in, Options{}); err != nil || len(target.Writes()) > 0 {
				t.Errorf("without --confirm: error %v, written %q", err, target.Writes())
			}
			target.Observe(func(req *http.Request) {
				put.Store(put.Load() || mends && req.Method == http.MethodPut && req.URL.Path == path)
			})
			_, _, err := pushed(t, in, Options{Confirm: true, Sleep: (&waits{}).wait})
			var differs *store.MismatchError
			if mends && err != nil || !mends && (!errors.As(err, &differs) || !strings.Contains(err.Error(), "linux/arm/v7")) {
				t.Errorf("error %v", err)
			}
			if n := target.CountExact("PUT " + path); n != 1 {
				t.Errorf("the child was put %d times, want once", n)
			}
		})
	}
}
