//go:build e2e

package tags

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestTagsOfARepository lists what regctl and oras list, in order.
func TestTagsOfARepository(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	index := fixture.NewIndex(t, fixture.OCI(), append(images.Objects(), fixture.NewAttestation(t, images[0].Image))...)
	for _, tag := range []string{"v1.10.0", "1.9", "latest", "1.10.0-rc.1"} {
		g.Put(t, "app", tag, index)
	}
	g.PutImages(t, "app", images[:1])
	repo := g.Host + "/app"

	plain := clitest.Run(t, "tags", repo)
	plain.WantCode(t, 0)
	clitest.WantText(t, "tags", "1.10.0-rc.1\n1.9\namd64\nlatest\nv1.10.0\n", plain.Stdout)
	clitest.WantText(t, "oras repo tags", plain.Stdout, clitest.Session{}.MustRunTool(t, "oras", "repo", "tags", "--plain-http", repo))
	s := clitest.Session{Home: t.TempDir()}
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	clitest.WantText(t, "regctl tag ls", plain.Stdout, s.MustRunTool(t, "regctl", "tag", "ls", repo))

	versions := clitest.Run(t, "tags", "--semver", repo)
	clitest.WantText(t, "versions", "1.9\n1.10.0-rc.1\nv1.10.0\n", versions.Stdout)

	const all = "index\tlinux/amd64,linux/arm64/v8,linux/arm/v7\n"
	platforms := clitest.Run(t, "tags", "--platforms", repo)
	platforms.WantCode(t, 0)
	clitest.WantText(t, "platforms", "1.10.0-rc.1\t"+all+"1.9\t"+all+"amd64\timage\t\nlatest\t"+all+"v1.10.0\t"+all, platforms.Stdout)

	done := clitest.Run(t, "tags", "--platforms", "-o", "json", repo)
	clitest.WantSchema(t, "tags", done.Stdout)
	var list struct {
		Repository string
		Tags       []struct{ Name, Kind, Digest string }
	}
	clitest.Must(t, json.Unmarshal([]byte(done.Stdout), &list))
	if list.Repository != repo || len(list.Tags) != 5 || list.Tags[0].Digest != index.Digest().String() || list.Tags[2].Kind != "image" {
		t.Errorf("%+v", list)
	}
}

// TestTagsWithoutManifest shows the others.
func TestTagsWithoutManifest(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	open.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	g, _ := open.BehindProxy(t, registrytest.RefuseManifests("app", "arm64", http.StatusNotFound))
	done := clitest.Run(t, "tags", "--platforms", g.Host+"/app")
	done.WantCode(t, 3)
	done.WantStderr(t, "manifest-tool: 1 of 3 tags of "+g.Host+"/app have no manifest")
	clitest.WantText(t, "tags", "amd64\timage\t\narm64\tmissing\t\narmv7\timage\t\n", done.Stdout)
}

// TestTagsUnreadable shows the others: one is a page, one is denied.
func TestTagsUnreadable(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	open.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	denied := registrytest.RefuseManifests("app", "arm64", http.StatusForbidden)
	g, _ := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/manifests/armv7") {
			return denied(w, r)
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<p>soon</p>"))
		return true
	})
	done := clitest.Run(t, "tags", "--platforms", g.Host+"/app")
	done.WantCode(t, 1)
	done.WantStderr(t, "ERROR: arm64: ", "ERROR: armv7: ", "2 of 3 tags of "+g.Host+"/app could not be read")
	clitest.WantText(t, "tags", "amd64\timage\t\narm64\tunreadable\t\narmv7\tunreadable\t\n", done.Stdout)

	data := clitest.Run(t, "tags", "--platforms", "-o", "json", g.Host+"/app")
	data.WantCode(t, 1)
	clitest.WantSchema(t, "tags", data.Stdout)
	if n := strings.Count(data.Stdout, `"error"`); n != 2 || strings.Contains(data.Stderr, "ERROR") {
		t.Errorf("%d errors in\n%s\n%s", n, data.Stdout, data.Stderr)
	}
}

// TestTagsOfALayout lists the names in its index.
func TestTagsOfALayout(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	source := "oci-layout://" + clitest.RepoPath("testdata", "layouts", "OS-ARCH") + ":1.0"
	clitest.Run(t, "push", "from-args", "--platforms", "linux/amd64,linux/arm64", "--template", source,
		"--target", "oci-layout://"+dir+":1.0", "--tags", "2,latest").WantCode(t, 0)
	done := clitest.Run(t, "tags", "--platforms", "oci-layout://"+dir)
	done.WantCode(t, 0)
	const all = "\tindex\tlinux/amd64,linux/arm64/v8\n"
	clitest.WantText(t, "tags", "1.0"+all+"2"+all+"latest"+all, done.Stdout)
}

// TestFault14TagsAreNotReadElsewhere has a registry name another address for the next
// page: only its query is used. A page that was read before ends the list.
func TestFault14TagsAreNotReadElsewhere(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	open.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	trap, caught := open.BehindProxy(t, nil)
	lead := func(link string) (*registrytest.Registry, *registrytest.Recorder) {
		return open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("last") == "" {
				w.Header().Set("Link", link)
			}
			return false
		})
	}
	for _, address := range []string{"http://" + trap.Host + "/v2/app/tags/list", "/repository/docker/v2/app/tags/list", "/v2/other/tags/list"} {
		g, seen := lead("<" + address + `?last=zzz>; rel="next"`)
		done := clitest.Run(t, "tags", g.Host+"/app")
		done.WantCode(t, 0)
		done.WantStderr(t, "warning: ", "the next page of the list is named at another address, of which only the query is used", address)
		asked := seen.All()
		if len(asked) != 2 || asked[1].Path != "/v2/app/tags/list" || asked[1].Query.Get("last") != "zzz" {
			t.Errorf("%s: requests %+v", address, asked)
		}
		clitest.Run(t, "--strict", "tags", g.Host+"/app").WantCode(t, 1)
	}
	if seen := caught.All(); len(seen) > 0 {
		t.Errorf("the other host was asked: %+v", seen)
	}
	for _, link := range []string{`</v2/app/manifests/x?last=x>; rel="next"`, `</v2/other/tags/list>; rel="next"`, `<ftp://x/v2/app/tags/list?last=x>; rel="next"`} {
		g, seen := lead(link)
		done := clitest.Run(t, "tags", g.Host+"/app")
		done.WantCode(t, 1)
		done.WantStderr(t, "the next page of the list is at an address that is not followed")
		clitest.WantText(t, "stdout", "", done.Stdout)
		if n := len(seen.All()); n != 1 {
			t.Errorf("%s: %d requests", link, n)
		}
	}
	round, seen := lead(`</v2/app/tags/list?n=1000>; rel="next"`)
	clitest.Run(t, "tags", round.Host+"/app").WantCode(t, 0)
	if n := len(seen.All()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestTagsOfALayoutListsUntaggedImages appends them as @DIGEST, which follows the
// name of the layout in a reference.
func TestTagsOfALayoutListsUntaggedImages(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := string(fixture.WriteLayout(t, images.ByTag()))
	to := filepath.Join(t.TempDir(), "layout")
	skopeo := func(tag, name string) {
		clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "oci:"+from+":"+tag, "oci:"+to+name)
	}
	skopeo(images[0].Tag, "")
	skopeo(images[1].Tag, ":1.0")
	untagged := images[0].Image.Digest().String()

	plain := clitest.Run(t, "tags", "oci-layout://"+to)
	plain.WantCode(t, 0)
	clitest.WantText(t, "tags", "1.0\n@"+untagged+"\n", plain.Stdout)
	clitest.Run(t, "inspect", "oci-layout://"+to+"@"+untagged).WantCode(t, 0)
	clitest.WantText(t, "versions", "1.0\n", clitest.Run(t, "tags", "--semver", "oci-layout://"+to).Stdout)
	platforms := clitest.Run(t, "tags", "--platforms", "oci-layout://"+to)
	platforms.WantCode(t, 0)
	clitest.WantText(t, "platforms", "1.0\timage\t\n@"+untagged+"\timage\t\n", platforms.Stdout)
	data := clitest.Run(t, "tags", "-o", "json", "oci-layout://"+to)
	clitest.WantSchema(t, "tags", data.Stdout)
	if !strings.Contains(data.Stdout, untagged) {
		t.Errorf("the digest is not in\n%s", data.Stdout)
	}
}
