//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTagsOfARepository lists what regctl and oras list, in order.
func TestTagsOfARepository(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	index := newIndex(t, ociMedia(), append(images.images(), newAttestation(t, images[0].image))...)
	for _, tag := range []string{"v1.10.0", "1.9", "latest", "1.10.0-rc.1"} {
		g.put(t, "app", tag, index)
	}
	images[:1].put(t, g, "app")
	repo := g.host + "/app"

	plain := manifestTool(t, "tags", repo)
	plain.wantCode(t, 0)
	wantText(t, "tags", "1.10.0-rc.1\n1.9\namd64\nlatest\nv1.10.0\n", plain.stdout)
	wantText(t, "oras repo tags", plain.stdout, session{}.mustRun(t, "oras", "repo", "tags", "--plain-http", repo))
	s := session{home: t.TempDir()}
	s.mustRun(t, "regctl", "registry", "set", "--tls", "disabled", g.host)
	wantText(t, "regctl tag ls", plain.stdout, s.mustRun(t, "regctl", "tag", "ls", repo))

	versions := manifestTool(t, "tags", "--semver", repo)
	wantText(t, "versions", "1.9\n1.10.0-rc.1\nv1.10.0\n", versions.stdout)

	const all = "index\tlinux/amd64,linux/arm64/v8,linux/arm/v7\n"
	platforms := manifestTool(t, "tags", "--platforms", repo)
	platforms.wantCode(t, 0)
	wantText(t, "platforms", "1.10.0-rc.1\t"+all+"1.9\t"+all+"amd64\timage\t\nlatest\t"+all+"v1.10.0\t"+all, platforms.stdout)

	done := manifestTool(t, "tags", "--platforms", "-o", "json", repo)
	wantSchema(t, "tags", done.stdout)
	var list struct {
		Repository string
		Tags       []struct{ Name, Kind, Digest string }
	}
	must(t, json.Unmarshal([]byte(done.stdout), &list))
	if list.Repository != repo || len(list.Tags) != 5 || list.Tags[0].Digest != index.digest().String() || list.Tags[2].Kind != "image" {
		t.Errorf("%+v", list)
	}
}

// TestTagsWithNothingUnderThem shows the others.
func TestTagsWithNothingUnderThem(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	newImageSet(t, ociMedia(), "app").put(t, open, "app")
	g, _ := open.behind(t, refuseManifests("app", "arm64", http.StatusNotFound))
	done := manifestTool(t, "tags", "--platforms", g.host+"/app")
	done.wantCode(t, 3)
	done.wantStderr(t, "manifest-tool: 1 of 3 tags of "+g.host+"/app have nothing under them")
	wantText(t, "tags", "amd64\timage\t\narm64\tmissing\t\narmv7\timage\t\n", done.stdout)
}

// TestTagsThatCannotBeRead shows the others: one is a page, one is denied.
func TestTagsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	newImageSet(t, ociMedia(), "app").put(t, open, "app")
	denied := refuseManifests("app", "arm64", http.StatusForbidden)
	g, _ := open.behind(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/manifests/armv7") {
			return denied(w, r)
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<p>soon</p>"))
		return true
	})
	done := manifestTool(t, "tags", "--platforms", g.host+"/app")
	done.wantCode(t, 1)
	done.wantStderr(t, "ERROR: arm64: ", "ERROR: armv7: ", "2 of 3 tags of "+g.host+"/app could not be read")
	wantText(t, "tags", "amd64\timage\t\narm64\tunreadable\t\narmv7\tunreadable\t\n", done.stdout)

	data := manifestTool(t, "tags", "--platforms", "-o", "json", g.host+"/app")
	data.wantCode(t, 1)
	wantSchema(t, "tags", data.stdout)
	if n := strings.Count(data.stdout, `"error"`); n != 2 || strings.Contains(data.stderr, "ERROR") {
		t.Errorf("%d errors in\n%s\n%s", n, data.stdout, data.stderr)
	}
}

// TestTagsOfALayout lists the names in its index.
func TestTagsOfALayout(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	source := "oci-layout://" + filepath.Join("..", "testdata", "layouts", "OS-ARCH") + ":1.0"
	manifestTool(t, "push", "from-args", "--platforms", "linux/amd64,linux/arm64", "--template", source,
		"--target", "oci-layout://"+dir+":1.0", "--tags", "2,latest").wantCode(t, 0)
	done := manifestTool(t, "tags", "--platforms", "oci-layout://"+dir)
	done.wantCode(t, 0)
	const all = "\tindex\tlinux/amd64,linux/arm64/v8\n"
	wantText(t, "tags", "1.0"+all+"2"+all+"latest"+all, done.stdout)
}

// TestFault14TagsAreNotReadElsewhere has a registry lead to another host, and
// round in a circle.
func TestFault14TagsAreNotReadElsewhere(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	newImageSet(t, ociMedia(), "app").put(t, open, "app")
	trap, caught := open.behind(t, nil)
	lead := func(link string) (*registry, *recorder) {
		return open.behind(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Link", link)
			return false
		})
	}
	g, _ := lead("<http://" + trap.host + `/v2/app/tags/list?last=x>; rel="next"`)
	done := manifestTool(t, "tags", g.host+"/app")
	done.wantCode(t, 1)
	done.wantStderr(t, "the next page of the list is at an address that is not followed", trap.host)
	wantText(t, "stdout", "", done.stdout)
	if seen := caught.all(); len(seen) > 0 {
		t.Errorf("the other host was asked: %+v", seen)
	}
	round, seen := lead(`</v2/app/tags/list?n=1000>; rel="next"`)
	manifestTool(t, "tags", round.host+"/app").wantCode(t, 0)
	if n := len(seen.all()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestPushTellsProgramsWhatBecameOfIt reads push -o json where all is new,
// where nothing changes and where one tag is refused.
func TestPushTellsProgramsWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	images.put(t, open, "app")
	g, _ := open.behind(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, "/manifests/fixed") {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	type tag struct{ Tag, State, Error string }
	push := func(code int, tags string) (digest string, states []tag) {
		spec := specFile(t, g.host, "tags: ["+tags+"]\n"+images.spec("REGISTRY/app:all", "REGISTRY/app:%s"))
		done := manifestTool(t, "push", "-o", "json", "from-spec", spec)
		done.wantCode(t, code)
		wantSchema(t, "push", done.stdout)
		var got struct {
			Digest string
			Tags   []tag
		}
		must(t, json.Unmarshal([]byte(done.stdout), &got))
		return got.Digest, got.Tags
	}
	first, states := push(0, "latest")
	if diff := cmp.Diff([]tag{{"all", "written", ""}, {"latest", "written", ""}}, states); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	stored, _ := open.manifest(t, "app", "all")
	wantText(t, "digest", stored.Digest.String(), first)
	_, states = push(0, "latest")
	if diff := cmp.Diff([]tag{{"all", "unchanged", ""}, {"latest", "unchanged", ""}}, states); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again, states := push(4, "fixed")
	if len(states) != 2 || states[0].State != "unchanged" || states[1].State != "failed" || states[1].Error == "" || again != first {
		t.Errorf("%s %+v", again, states)
	}
	spec := specFile(t, g.host, images.spec("REGISTRY/app:all", "REGISTRY/app:%s")+"---\n"+images.spec("REGISTRY/app:two", "REGISTRY/app:%s"))
	done := manifestTool(t, "push", "-o", "yaml", "from-spec", spec)
	done.wantCode(t, 0)
	if n := strings.Count(done.stdout, "---\nschema: push/v1\n"); n != 2 {
		t.Errorf("%d documents:\n%s", n, done.stdout)
	}
}
