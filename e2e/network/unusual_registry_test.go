//go:build e2e

package network

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestHeadRefused has registries that refuse HEAD, of manifests and of blobs: the
// answers are those of any other registry, and of a blob one byte is requested.
func TestHeadRefused(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "src/app", images)
	for _, status := range []int{400, 403, 405, 501} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			f := (&registrytest.RecordingProxy{Backend: backend, Intercept: registrytest.Script(
				registrytest.Rule{Method: http.MethodHead, Then: registrytest.Refuse(status)},
			)}).Open(t)
			target := "app-" + strconv.Itoa(status)
			done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+target+":all", "REGISTRY/src/app:%s")))
			images.WantPushed(t, done, backend.Repository(target))
			clitest.Run(t, "verify", "--binaries", "none", f.Host+"/"+target+":all").WantCode(t, 0)
			for _, r := range f.Seen.Matching(func(r registrytest.Request) bool {
				return r.Kind == "blob" && r.Method == http.MethodGet && r.Repo == target && r.Status == http.StatusOK
			}) {
				if r.Header.Get("Range") != "" {
					t.Errorf("%s was sent as a whole: Range %q", r.Path, r.Header.Get("Range"))
				}
			}
			if f.Seen.Count(http.MethodGet, "blob", http.StatusPartialContent) == 0 {
				t.Error("no blob was asked for by one byte")
			}
		})
	}
}

// TestPlainHTTPHint has settings require https of a registry that uses plain http.
func TestPlainHTTPHint(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	s := clitest.WithSettings(t, "registries:\n  - name: "+g.Host+"\n    plain-http: false\n")
	done := s.Run(t, "inspect", g.Host+"/app:1")
	done.WantCode(t, 1)
	done.WantStderr(t, "hint: the registry uses plain http: use --plain-http if that is intended")
}

// TestStatusOfErrors holds that the status is part of every error, with its reason
// phrase, whether the registry sends error codes or not.
func TestStatusOfErrors(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		400: "400 Bad Request", 401: "401 Unauthorized", 403: "403 Forbidden", 404: "404 Not Found", 405: "405 Method Not Allowed",
		418: "418 I'm a teapot", 429: "429 Too Many Requests", 451: "451 Unavailable For Legal Reasons", 501: "501 Not Implemented",
	} {
		for name, refuse := range map[string]registrytest.Interceptor{
			"codes": registrytest.Refuse(status, "Retry-After", "3600"),
			"text": func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "3600")
				http.Error(w, "no", status)
				return true
			},
		} {
			t.Run(want+" "+name, func(t *testing.T) {
				t.Parallel()
				f := (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t), Intercept: refuse}).Open(t)
				layout := "oci-layout://" + clitest.RepoPath("testdata", "layouts", "OS-ARCH") + ":1.0"
				for _, args := range [][]string{
					{"inspect", f.Host + "/app:1"},
					{"tags", f.Host + "/app"},
					{"query", f.Host + "/app:1"},
					{"push", "from-args", "--platforms", "linux/amd64", "--template", layout, "--target", f.Host + "/app:1"},
				} {
					done := clitest.Run(t, args...)
					done.WantCode(t, 1)
					done.WantStderr(t, want)
				}
			})
		}
	}
}

// TestCompressedResponses has a proxy compress manifests and lists although no request
// asked for it.
func TestCompressedResponses(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "src/app", images)
	f := (&registrytest.RecordingProxy{Backend: backend, Rewrite: func(resp *http.Response) {
		_, kind, _ := registrytest.SplitPath(resp.Request.URL.Path)
		if kind != "manifest" && kind != "tags" || resp.Request.Method == http.MethodPut {
			return
		}
		body, err := io.ReadAll(resp.Body)
		clitest.Must(t, err)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(body)
		_ = w.Close()
		registrytest.ReplaceBody(resp, packed.Bytes())
		resp.Header.Set("Content-Encoding", "gzip")
	}}).Open(t)
	done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app:%s")))
	images.WantPushed(t, done, backend.Repository("app"))
	plain := clitest.Run(t, "inspect", backend.Host+"/app:all").Stdout
	packed := clitest.Run(t, "inspect", f.Host+"/app:all")
	packed.WantCode(t, 0)
	clitest.WantText(t, "inspect", plain[bytes.IndexByte([]byte(plain), '\n'):], packed.Stdout[bytes.IndexByte([]byte(packed.Stdout), '\n'):])
	clitest.WantText(t, "tags", clitest.Run(t, "tags", backend.Host+"/app").Stdout, clitest.Run(t, "tags", f.Host+"/app").Stdout)
}
