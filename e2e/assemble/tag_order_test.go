//go:build e2e

package assemble

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

const platformTags = "{{.Tag}}-{{.Arch}}"

// TestExpect_PlatformTags has another push set the tag after it was first looked at: no
// tag of an image is written. In the second case the tag named the index already.
func TestExpect_PlatformTags(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	other := images[0].Image
	for repo, pushedBefore := range map[string]bool{"new": false, "same": true} {
		var looks atomic.Int32
		g, seen := open.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, "/manifests/1") && looks.Add(1) == 2 {
				open.Put(t, repo, "1", other)
			}
			return false
		})
		spec := clitest.WriteSpec(t, g.Host, "tags: [further]\n"+images.Spec("REGISTRY/"+repo+":1", "oci-layout://"+string(layout)+":%s"))
		expect := "absent"
		if pushedBefore {
			first := strings.Replace(spec, "spec.yaml", "first.yaml", 1)
			clitest.Must(t, os.WriteFile(first, []byte(images.Spec(open.Host+"/"+repo+":1", "oci-layout://"+string(layout)+":%s")), 0o600))
			expect = clitest.Run(t, "push", "from-spec", first).PushedDigest(t).String()
		}
		done := clitest.Run(t, "push", "from-spec", "--expect", expect, "--platform-tags", platformTags, spec)
		done.WantCode(t, 3)
		done.WantStderr(t, "another push came first; no tag was written", "1-amd64              not written: it was left alone because of tag 1")
		clitest.WantText(t, "tags of "+repo, "1", strings.Join(strings.Fields(clitest.Run(t, "tags", open.Host+"/"+repo).Stdout), " "))
		for _, r := range seen.Matching(registrytest.Request.IsWrite) {
			if r.Kind == "manifest" && !strings.HasPrefix(r.Ref, "sha256:") {
				t.Errorf("%s: %s %s", repo, r.Method, r.Ref)
			}
		}
	}
}

// TestExpect_PlatformTagsAreWritten: if the tag is as expected, all are.
func TestExpect_PlatformTagsAreWritten(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:1", "oci-layout://"+string(layout)+":%s"))
	push := func(expect, pattern string) string {
		return clitest.Run(t, "push", "from-spec", "--expect", expect, "--platform-tags", pattern, spec).PushedDigest(t).String()
	}
	first := push("absent", platformTags)
	push(first, "{{.Tag}}-{{.OS}}-{{.Arch}}") // the index is there already
	for _, tag := range []string{"1-amd64", "1-arm64", "1-arm", "1-linux-amd64", "1-linux-arm64", "1-linux-arm"} {
		if status := g.FetchManifest(t, "app", tag).Status; status != http.StatusOK {
			t.Errorf("tag %s: status %d", tag, status)
		}
	}
}

// TestConfirm_AllTags: --confirm reads the tags of the images and the floating tags
// back, and says which one the registry shows otherwise.
func TestConfirm_AllTags(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	var wrong atomic.Value
	wrong.Store("")
	g, seen := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		tag, _ := wrong.Load().(string)
		if r.Method != http.MethodGet || tag == "" || !strings.HasSuffix(r.URL.Path, "/manifests/"+tag) {
			return false
		}
		w.Header().Set("Content-Type", images[0].Image.MediaType)
		w.Header().Set("Docker-Content-Digest", images[0].Image.Digest().String())
		_, _ = w.Write(images[1].Image.Raw)
		return true
	})
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:1.4.2", "oci-layout://"+string(layout)+":%s"))
	flags := []string{"push", "from-spec", "--confirm", "--floating", "major,minor", "--platform-tags", platformTags, spec}
	clitest.Run(t, flags...).WantCode(t, 0)
	all := []string{"1.4.2", "1", "1.4", "1.4.2-amd64", "1.4.2-arm64", "1.4.2-arm"}
	for _, tag := range all {
		read := seen.Matching(func(r registrytest.Request) bool { return r.Method == http.MethodGet && r.Ref == tag })
		if len(read) != 1 {
			t.Errorf("tag %s was read %d times, want once", tag, len(read))
		}
	}
	for _, tag := range all {
		wrong.Store(tag)
		done := clitest.Run(t, append([]string{"-o", "json"}, flags...)...)
		done.WantCode(t, 4)
		done.WantStderr(t, tag, "unknown: "+g.Host+"/app:"+tag+" is unconfirmed: ")
		clitest.WantSchema(t, "push", done.Stdout)
		if n := strings.Count(done.Stdout, `"state": "unknown"`); n != 1 {
			t.Errorf("%s: %d tags are unknown: %s", tag, n, done.Stdout)
		}
	}
}

// TestInterrupt_TagPut interrupts a push when the registry has carried out the PUT of a
// tag and has not responded: the tag is not listed as not written, nor are those whose
// PUT was never sent listed as anything else.
func TestInterrupt_TagPut(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	open.PutImages(t, "app", images)
	for repo, flags := range map[string][]string{"app": nil, "app2": {"--tag-params"}} {
		var started atomic.Bool
		g, _ := open.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			isHeld := strings.HasSuffix(r.URL.Path, "/manifests/held") || r.URL.Query().Has("tag")
			if r.Method != http.MethodPut || !isHeld {
				return false
			}
			body, err := io.ReadAll(r.Body)
			clitest.Must(t, err)
			open.PutManifest(t, repo, "held", r.Header.Get("Content-Type"), body)
			started.Store(true)
			<-r.Context().Done()
			return true
		})
		spec := clitest.WriteSpec(t, g.Host, "tags: [fine]\n"+images.Spec("REGISTRY/"+repo+":held", open.Host+"/app:%s"))
		var stdout, stderr bytes.Buffer
		cmd := clitest.Session{}.Command(t.Context(), t, clitest.Binary(), append([]string{"push", "from-spec", "-o", "json", spec}, flags...)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		clitest.Must(t, cmd.Start())
		fineIsThere := func() bool { return open.FetchManifest(t, repo, "fine").Status == http.StatusOK }
		clitest.WaitFor(t, "the tags were sent", func() bool { return started.Load() && (flags != nil || fineIsThere()) })
		clitest.Must(t, cmd.Process.Signal(os.Interrupt))
		_ = cmd.Wait() // the exit code is looked at below
		if code := cmd.ProcessState.ExitCode(); code != 130 {
			t.Errorf("exit code %d, want 130", code)
		}
		var result struct {
			Tags []struct{ Tag, State string }
		}
		clitest.WantSchema(t, "push", stdout.String())
		clitest.Must(t, json.Unmarshal(stdout.Bytes(), &result))
		states := map[string]string{}
		for _, tag := range result.Tags {
			states[tag.Tag] = tag.State
		}
		if want := map[bool]string{true: "written", false: "unknown"}[flags == nil]; states["held"] != "unknown" || states["fine"] != want {
			t.Errorf("%s: states %v", repo, states)
		}
		lines := strings.Split(stderr.String(), "\n")
		if !slices.ContainsFunc(lines, func(l string) bool {
			return strings.HasPrefix(l, "  held") && strings.Contains(l, "unknown: ") && strings.HasSuffix(l, "it may have been written all the same")
		}) || strings.Contains(stderr.String(), "not done: held") {
			t.Errorf("stderr: %s", stderr.String())
		}
	}
}

// TestLostResponse has the response of a PUT get lost: the tag is looked at, and written.
func TestLostResponse(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	open.PutImages(t, "app", images)
	for tag, status := range map[string]int{"timeout": http.StatusGatewayTimeout, "refused": http.StatusInsufficientStorage} {
		g, _ := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, "/manifests/"+tag) {
				return false
			}
			if status == http.StatusGatewayTimeout {
				body, err := io.ReadAll(r.Body)
				clitest.Must(t, err)
				open.PutManifest(t, "app", tag, r.Header.Get("Content-Type"), body)
			}
			w.WriteHeader(status)
			return true
		})
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:"+tag, "REGISTRY/app:%s")))
		if status == http.StatusGatewayTimeout {
			done.PushedDigest(t)
			continue
		}
		done.WantCode(t, 1)
		if strings.Contains(done.Stderr, "all the same") {
			t.Errorf("the tag was looked at, and not written: %s", done.Stderr)
		}
	}
}
