package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/config"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/output"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// refuse responds with an error of the distribution specification.
func refuse(w http.ResponseWriter, status int, code, message string, detail any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{"code": code, "message": message, "detail": detail}}})
}

func refusal(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, code, message, nil) }
}

// withTokens asks for a token of the server itself, whose token server responds with
// token.
func withTokens(token, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			token(w, r)
		case r.Header.Get("Authorization") == "":
			ownRealm(w, r)
		default:
			answer(w, r)
		}
	}
}

// alice passes her login to every request.
func (m *machine) alice(args ...string) outcome {
	m.stdin = canary + "\n"
	return m.main(append([]string{"--username", "alice", "--password-stdin"}, args...)...)
}

func loginCases() []errorCase {
	basic := func(w http.ResponseWriter, _ *http.Request) { challenge(w, `Basic realm="r"`) }
	return []errorCase{
		{id: "no-login", condition: "the registry requires a login and got none", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.web(t, "REGISTRY", basic)+"/app:1")
		}},
		{id: "login-refused", condition: "the registry does not accept the login", run: func(t *testing.T, m *machine) outcome {
			return m.alice("inspect", m.web(t, "REGISTRY", basic)+"/app:1")
		}},
		{id: "denied-without-login", condition: "403 without a login", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.web(t, "REGISTRY", refusal(403, "DENIED", "requested access to the resource is denied"))+"/app:1")
		}},
		{id: "denied", condition: "403 with a login", run: func(t *testing.T, m *machine) outcome {
			return m.alice("inspect", m.web(t, "REGISTRY", afterBasic(refusal(403, "DENIED", "requested access to the resource is denied")))+"/app:1")
		}},
		{id: "quota", condition: "403 with a login, for another reason", run: func(t *testing.T, m *machine) outcome {
			return m.alice("inspect", m.web(t, "REGISTRY", afterBasic(refusal(403, "DENIED", "adding 8 MiB of storage resource, which will exceed the project quota")))+"/app:1")
		}},
		{id: "forbidden", condition: "403 with a login, without an error code", run: func(t *testing.T, m *machine) outcome {
			return m.alice("inspect", m.web(t, "REGISTRY", afterBasic(answerWith(http.StatusForbidden)))+"/app:1")
		}},
		{id: "login-expired", condition: "the login has expired (ECR after 12 hours)", run: func(t *testing.T, m *machine) outcome {
			return m.alice("inspect", m.web(t, "REGISTRY", afterBasic(refusal(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")))+"/app:1")
		}},
		{id: "realm-host", condition: "the token server is another host (self-hosted GitLab)", run: func(t *testing.T, m *machine) outcome {
			realm := m.web(t, "TOKENSERVER", answerWith(http.StatusUnauthorized))
			host := m.web(t, "REGISTRY", func(w http.ResponseWriter, _ *http.Request) {
				challenge(w, `Bearer realm="http://`+realm+`/jwt/auth",service="container_registry"`)
			})
			return m.alice("inspect", host+"/app:1")
		}},
		{id: "second-factor", condition: "the token server gives a reason", run: func(t *testing.T, m *machine) outcome {
			token := func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"details":"use a personal access token, since your account has two-factor authentication"}`)
			}
			return m.alice("inspect", m.web(t, "REGISTRY", withTokens(token, http.NotFound))+"/app:1")
		}},
		{id: "wrong-password", condition: "`login` with a wrong password", run: func(t *testing.T, m *machine) outcome {
			return m.alice("login", m.web(t, "REGISTRY", basic))
		}},
		{id: "login-not-stored", condition: "the file for the logins cannot be written", run: func(t *testing.T, m *machine) outcome {
			inTheWay := filepath.Join(m.dir, "link") // root may write into any directory
			if err := os.Symlink(filepath.Join(m.dir, "nowhere"), inTheWay); err != nil {
				t.Fatal(err)
			}
			return m.alice("login", "--docker-cfg", inTheWay+"/config.json", m.web(t, "REGISTRY", afterBasic(answerWith(http.StatusOK))))
		}},
		{
			id: "realm-not-stored", condition: "the answer to `login` cannot be stored in the settings (a warning)", warning: true,
			test: "internal/config/realm_edit_test.go TestAddRealmHostLeavesTheFile",
			run: func(t *testing.T, m *machine) outcome {
				err := config.AddRealmHost(t.Context(), m.file(t, "config.yaml", "{jobs: 4}\n"), "registry.example.com", "gitlab.example.com")
				var out strings.Builder
				printError(output.Notices{Out: &out, Sanitizer: &output.Sanitizer{}}, fmt.Errorf("the token server is not stored: %w", err), true)
				return outcome{exitOK, "", out.String()}
			},
		},
		{
			id: "realm-of-one-port", condition: "the answer to `login` is for one port of a host, and the settings have an entry for all (a warning)", warning: true,
			test: "internal/config/realm_edit_test.go TestAddRealmHostOfOnePort",
			run: func(t *testing.T, m *machine) outcome {
				settings := m.file(t, "config.yaml", "registries:\n  - name: registry.example.com\n")
				err := config.AddRealmHost(t.Context(), settings, "registry.example.com:5050", "gitlab.example.com")
				var out strings.Builder
				printError(output.Notices{Out: &out, Sanitizer: &output.Sanitizer{}}, fmt.Errorf("the token server is not stored: %w", err), true)
				return outcome{exitOK, "", out.String()}
			},
		},
		{id: "rate-limit", condition: "too many requests", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.web(t, "REGISTRY", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600")
				refuse(w, 429, "TOOMANYREQUESTS", "You have reached your pull rate limit", nil)
			})+"/app:1")
		}},
		{id: "helper-missing", condition: "the credential helper of the config file is not installed", run: func(t *testing.T, m *machine) outcome {
			m.file(t, ".docker/config.json", `{"credsStore":"absent"}`)
			return m.push(t, basic)
		}},
		{id: "helper-fails", condition: "the credential helper fails", run: func(t *testing.T, m *machine) outcome {
			m.file(t, "bin/docker-credential-broken", "#!/bin/sh\necho 'the keychain is locked' >&2\nexit 1\n")
			m.file(t, ".docker/config.json", `{"credsStore":"broken"}`)
			m.env["PATH"] = m.dir + "/bin:/usr/bin:/bin"
			return m.process(t, "push", "from-args", "--platforms", "linux/amd64", "--template", sourceLayout, "--target", m.web(t, "REGISTRY", basic)+"/app:1")
		}},
		{id: "login-in-reference", condition: "a password in the name of an image", run: func(_ *testing.T, m *machine) outcome {
			return m.main("inspect", "alice:"+canary+"@registry.example.com/app:1")
		}},
	}
}

// serves responds to a request for a manifest with a document, and to the rest with {}.
func serves(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if strings.Contains(r.URL.Path, "/manifests/") || strings.Contains(r.URL.Path, "/tags/") {
			_, _ = io.WriteString(w, body)
		}
	}
}

func responseCases() []errorCase {
	inspect := func(contentType, body string) func(*testing.T, *machine) outcome {
		return func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.web(t, "REGISTRY", serves(contentType, body))+"/app:1")
		}
	}
	return []errorCase{
		{id: "not-found", condition: "the image does not exist, or the registry hides it", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.web(t, "REGISTRY", refusal(404, "MANIFEST_UNKNOWN", "manifest unknown"))+"/app:1")
		}},
		{id: "digest-not-found", condition: "the registry has no content of this digest, or hides it", run: func(t *testing.T, m *machine) outcome {
			host := m.web(t, "REGISTRY", refusal(404, "MANIFEST_UNKNOWN", "manifest unknown"))
			return m.main("inspect", host+"/app@"+string(digest.FromString("x")))
		}},
		{id: "repository-not-found", condition: "the registry has no such repository, or hides it", run: func(t *testing.T, m *machine) outcome {
			return m.main("tags", m.web(t, "REGISTRY", refusal(404, "NAME_UNKNOWN", "repository name not known to registry"))+"/app")
		}},
		{id: "server-error", condition: "the registry fails, also when the request is repeated", run: func(t *testing.T, m *machine) outcome {
			m.timing = transport.Timing{Wait: func(context.Context, time.Duration) error { return nil }}
			return m.main("inspect", m.web(t, "REGISTRY", answerWith(http.StatusServiceUnavailable))+"/app:1")
		}},
		{id: "web-page", condition: "another web server, or a login page, responds", run: inspect("text/html", "<!doctype html><title>Log in</title>")},
		{id: "unknown-document", condition: "the document is neither an image nor an index", run: inspect("application/json", `{"schemaVersion":2,"mediaType":"application/vnd.example.thing"}`)},
		{id: "unknown-fields", condition: "the document has none of the fields of an image or an index", run: inspect("application/json", `{"schemaVersion":2}`)},
		{id: "two-formats", condition: "the document can be read in two ways", run: inspect(ocispec.MediaTypeImageIndex, `{"schemaVersion":2,"manifests":[],"layers":[]}`)},
		{id: "content-type", condition: "Content-Type and mediaType differ", run: inspect("application/vnd.docker.distribution.manifest.v2+json", `{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageIndex+`","manifests":[]}`)},
		{id: "schema1", condition: "an image of Docker's first format", run: inspect("application/vnd.docker.distribution.manifest.v1+json", `{"schemaVersion":1,"name":"app","fsLayers":[]}`)},
		{id: "too-large", condition: "a manifest of more than 4 MiB", run: inspect(ocispec.MediaTypeImageIndex, strings.Repeat(" ", 5<<20))},
		{id: "digest", condition: "the bytes do not have the requested digest", run: func(t *testing.T, m *machine) outcome {
			config := `{"os":"linux","architecture":"amd64"}`
			image := fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":%q,"digest":%q,"size":%d},"layers":[]}`, ocispec.MediaTypeImageConfig, digest.FromString(config), len(config))
			return m.main("inspect", m.web(t, "REGISTRY", func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/blobs/") {
					_, _ = io.WriteString(w, strings.Replace(config, "amd64", "arm64", 1))
					return
				}
				serves(ocispec.MediaTypeImageManifest, image)(w, r)
			})+"/app:1")
		}},
		{id: "tag-list-page", condition: "a web page for the list of tags", run: func(t *testing.T, m *machine) outcome {
			return m.main("tags", m.web(t, "REGISTRY", serves("text/html", "<html></html>"))+"/app")
		}},
		{id: "tag-list", condition: "a list of tags in another form", run: func(t *testing.T, m *machine) outcome {
			return m.main("tags", m.web(t, "REGISTRY", serves("application/json", `{"tags":"1.0"}`))+"/app")
		}},
	}
}

// refusesManifests is an empty registry that refuses manifests: those of images, or
// those written by tag.
func refusesManifests(tags bool, refuse http.HandlerFunc) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		byTag := !strings.Contains(r.URL.Path, "/sha256:")
		if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/manifests/") || byTag != tags {
			return false
		}
		refuse(w, r)
		return true
	}
}

func refusalCases() []errorCase {
	type answer = func(http.ResponseWriter, *http.Request) bool
	push := func(a answer, sources ...string) func(*testing.T, *machine) outcome {
		return func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			r.Intercept(a)
			source := "oci-layout://../testdata/layouts/linux-amd64:1.0"
			if len(sources) > 0 {
				source = sources[0]
			}
			return m.main("push", "from-spec", m.file(t, "spec.yaml", fmt.Sprintf("image: %s/app:1\nmanifests:\n- image: %s\n", m.name("REGISTRY", r.Host), source)))
		}
	}
	invalid := func(detail any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 400, "MANIFEST_INVALID", "manifest invalid", detail)
		}
	}
	return []errorCase{
		{id: "index-type", condition: "the registry refuses the index, without a reason", run: push(refusesManifests(true, invalid(nil)))},
		{id: "index-reason", condition: "the registry refuses the index and gives a reason", run: push(refusesManifests(true, invalid(map[string]any{"description": "HTTP 403 Forbidden"})))},
		{id: "image-type", condition: "the registry refuses an image, without a reason", run: push(refusesManifests(false, invalid(nil)))},
		{id: "image-reason", condition: "the registry refuses an image and gives a reason", run: push(refusesManifests(false, invalid(map[string]any{"description": "Circuit Breaker Threshold Reached"})))},
		{id: "incomplete", condition: "the registry misses a part that it has got", run: push(refusesManifests(true, func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", "sha256:"+strings.Repeat("0", 64))
		}))},
		{id: "no-repository", condition: "the registry has no such repository and does not create it (ECR)", run: func(t *testing.T, m *machine) outcome {
			return m.push(t, refusal(404, "NAME_UNKNOWN", "The repository with name 'app' does not exist in the registry with id '1'"))
		}},
		{id: "read-only", condition: "the registry takes no pushes", run: func(t *testing.T, m *machine) outcome {
			return m.push(t, refusal(405, "UNSUPPORTED", "The operation is unsupported."))
		}},
		{id: "tag-conflict", condition: "`--expect`: the tag names something else", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			manifesttest.PutImage(t, r.Host+"/app:1", ocispec.MediaTypeImageManifest, manifesttest.Linux("amd64", ""))
			return m.main("push", "from-args", "--expect", string(digest.FromString("x")), "--platforms", "linux/amd64", "--template", sourceLayout, "--target", m.name("REGISTRY", r.Host)+"/app:1")
		}},
		{id: "tag-immutable", condition: "the registry does not let a tag change", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			manifesttest.PutImage(t, r.Host+"/app:1", ocispec.MediaTypeImageManifest, manifesttest.Linux("amd64", ""))
			r.Intercept(refusesManifests(true, func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 409, "TAG_INVALID", "the tag is immutable", nil)
			}))
			return m.main("push", "from-args", "--platforms", "linux/amd64", "--template", sourceLayout, "--target", m.name("REGISTRY", r.Host)+"/app:1")
		}},
		{id: "foreign-layer", condition: "the registry requires layers that are not distributed", run: func(t *testing.T, m *machine) outcome {
			return m.pushForeign(t)
		}},
		{id: "foreign-layer-copied", condition: "the registry refuses the image although these layers were copied", run: func(t *testing.T, m *machine) outcome {
			return m.pushForeign(t, "--allow-nondistributable")
		}},
		{id: "foreign-layer-missing", condition: "the registry refuses the image, whose source does not have these layers", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			foreign := foreignImage(t, r.Host)
			refused := refusesManifests(false, func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 400, "MANIFEST_INVALID", "manifest invalid", nil)
			})
			r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
				if strings.HasSuffix(req.URL.Path, "/blobs/"+foreign) {
					w.WriteHeader(http.StatusNotFound)
					return true
				}
				return refused(w, req)
			})
			spec := m.file(t, "spec.yaml", fmt.Sprintf("image: %s/dst:1\nmanifests:\n- image: %s/win:1\n", m.name("REGISTRY", r.Host), r.Host))
			return m.main("push", "from-spec", spec, "--allow-nondistributable")
		}},
	}
}

// pushForeign pushes an image with a foreign layer to a registry that refuses it.
func (m *machine) pushForeign(t *testing.T, flags ...string) outcome {
	t.Helper()
	r := manifesttest.NewRegistry(t)
	foreign := foreignImage(t, r.Host)
	r.Intercept(refusesManifests(false, func(w http.ResponseWriter, _ *http.Request) {
		if len(flags) > 0 {
			refuse(w, 400, "MANIFEST_INVALID", "manifest invalid", nil) // for its urls
			return
		}
		refuse(w, 400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", foreign) // as distribution 2.8
	}))
	spec := m.file(t, "spec.yaml", fmt.Sprintf("image: %s/dst:1\nmanifests:\n- image: %s/win:1\n", m.name("REGISTRY", r.Host), r.Host))
	return m.main(append([]string{"push", "from-spec", spec}, flags...)...)
}

// foreignImage stores an image of Windows at HOST/win:1, and returns the digest of its
// foreign layer.
func foreignImage(t *testing.T, host string) string {
	t.Helper()
	s := manifesttest.NewStore(t)
	at, err := reference.Parse(host + "/win:1")
	if err != nil {
		t.Fatal(err)
	}
	s.Announce(at, true)
	config := manifesttest.PutBlob(t, s, at, "application/vnd.docker.container.image.v1+json", []byte(`{"os":"windows","architecture":"amd64","os.version":"10.0.17763.1"}`))
	foreign := manifesttest.PutBlob(t, s, at, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", []byte("foreign"))
	foreign.URLs = []string{"https://layers.example.com/windows"}
	const docker = "application/vnd.docker.distribution.manifest.v2+json"
	manifesttest.PutManifest(t, s, at, docker, manifesttest.EncodeJSON(t, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: docker, Config: config, Layers: []ocispec.Descriptor{foreign},
	}))
	return foreign.Digest.String()
}
