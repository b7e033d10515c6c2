//go:build e2e

package requests

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// goldenTags is how many tags each push sets besides the one of its target.
const goldenTags = 3

// TestRequests holds every request of the main jobs, as exact multisets, for
// what a registry asks of a client and for 1, 10 and 50 images. What is
// expected is computed, in expected_test.go, from what the protocol needs.
func TestRequests(t *testing.T) {
	t.Parallel()
	images := fixture.NewLargeImageSet(t, 50)
	for _, kind := range registrytest.AuthModes() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			backend.PutImages(t, "one", images)
			backend.PutImagesApart(t, "src/app", images)
			for _, n := range []int{1, 10, 50} {
				g := golden{backend: backend, tokens: tokens, auth: kind.Name, images: images[:n]}
				t.Run(fmt.Sprint(n), g.run)
			}
		})
	}
}

// golden is the jobs with some images on one kind of registry.
type golden struct {
	backend *registrytest.Registry
	tokens  http.Handler
	auth    string
	images  fixture.ImageSet
}

func (g golden) run(t *testing.T) {
	jobs := map[string]func(*testing.T){
		"inspect":                        g.inspect,
		"inspect, in other ways":         g.inspectOther,
		"tags":                           g.tags,
		"same repository, as declared":   g.sameDeclared,
		"same repository, by configs":    g.sameConfigs,
		"other repositories, then again": g.others,
		"another registry":               g.foreign,
	}
	for name, job := range jobs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job(t)
		})
	}
}

func (g golden) inspect(t *testing.T) {
	index := fixture.NewIndex(t, fixture.OCI(), g.images.Objects()...)
	tag := fmt.Sprintf("all-%d", len(g.images))
	g.backend.PutManifest(t, "one", tag, index.MediaType, index.Raw)
	f := g.front(t)
	g.session(t, f).Run(t, "inspect", f.Host+"/one:"+tag).WantCode(t, 0)
	g.want(t, f, g.wantInspect("one", tag))
}

// inspectOther asks for less, or for more, than the index and its manifests.
func (g golden) inspectOther(t *testing.T) {
	index := fixture.NewIndex(t, fixture.OCI(), g.images.Objects()...)
	tag, last := fmt.Sprintf("other-%d", len(g.images)), g.images[len(g.images)-1]
	chosen := g.images[0] // containerd takes the first of the entries of one build
	g.backend.PutManifest(t, "one", tag, index.MediaType, index.Raw)
	only := "windows/amd64:" + last.Image.Platform.OSVersion
	for flags, want := range map[string]registrytest.RequestSet{
		"--raw-bytes":                         g.wantRead("one", tag),
		"--platform " + only:                  g.wantRead("one", tag, chosen),
		"--platform " + only + " --raw-bytes": g.wantRead("one", tag, chosen),
		"--platform " + only + " -o json":     g.wantRead("one", tag, chosen),
		"-o json":                             g.wantInspect("one", tag),
		"--raw":                               g.wantInspect("one", tag),
		"-o json --expand-config":             g.wantConfigs("one", tag),
		"-o json --referrers":                 g.wantReferrers("one", tag, index.Digest()),
	} {
		t.Run(flags, func(t *testing.T) {
			f := g.front(t)
			args := append([]string{"inspect"}, strings.Fields(flags)...)
			g.session(t, f).Run(t, append(args, f.Host+"/one:"+tag)...).WantCode(t, 0)
			g.want(t, f, want)
		})
	}
}

// tags lists a repository of its own, in pages and with what is under each tag.
func (g golden) tags(t *testing.T) {
	repo := fmt.Sprintf("tags-%d", len(g.images))
	g.backend.PutImages(t, repo, g.images)
	for flags, want := range map[string]registrytest.RequestSet{
		"":                            g.wantTags(repo, 1),
		"--semver":                    g.wantTags(repo, 1),
		"--platforms":                 g.wantTagged(repo, 1),
		"--platforms -o json":         g.wantTagged(repo, 1),
		"-o template={{.Repository}}": g.wantTags(repo, 1),
	} {
		t.Run("one page "+flags, func(t *testing.T) {
			f := g.front(t)
			args := append([]string{"tags"}, strings.Fields(flags)...)
			g.session(t, f).Run(t, append(args, f.Host+"/"+repo)...).WantCode(t, 0)
			g.want(t, f, want)
		})
	}
	pages := min(len(g.images), 10)
	t.Run("pages", func(t *testing.T) {
		f := (&registrytest.RecordingProxy{Backend: g.backend, Tokens: g.tokens, Rewrite: inPages(t, g.images, pages)}).Open(t) //nolint:bodyclose // inPages gets answers, and gives none
		done := g.session(t, f).Run(t, "tags", f.Host+"/"+repo)
		done.WantCode(t, 0)
		var want strings.Builder
		for _, one := range g.images {
			want.WriteString(one.Tag + "\n")
		}
		clitest.WantText(t, "tags", want.String(), done.Stdout)
		g.want(t, f, g.wantTags(repo, pages))
	})
}

// inPages makes a registry that lists all its tags at once list them in pages,
// as those do that have many: the tags between the last of a page and that of
// the next.
func inPages(t *testing.T, images fixture.ImageSet, pages int) func(*http.Response) {
	return func(resp *http.Response) {
		if resp.StatusCode != http.StatusOK || !strings.HasSuffix(resp.Request.URL.Path, "/tags/list") {
			return
		}
		page := 0
		if last := resp.Request.URL.Query().Get("last"); last != "" {
			_, err := fmt.Sscanf(last, "page-%d", &page)
			clitest.Must(t, err)
		}
		from, to := page*len(images)/pages, (page+1)*len(images)/pages
		var tags []string
		for _, one := range images[from:to] {
			tags = append(tags, one.Tag)
		}
		if page+1 < pages {
			resp.Header.Set("Link", fmt.Sprintf(`<%s?n=1000&last=page-%d>; rel="next"`, resp.Request.URL.Path, page+1))
		}
		registrytest.ReplaceBody(resp, clitest.EncodeJSON(t, map[string]any{"tags": tags}))
	}
}

func (g golden) sameDeclared(t *testing.T) {
	f := g.front(t)
	tag := fmt.Sprintf("declared-%d", len(g.images))
	g.push(t, g.session(t, f), g.images.SpecWithPlatforms(f.Host+"/one:"+tag, f.Host+"/one:%s"), tag, "--verify", "none")
	g.want(t, f, g.wantSameDeclared("one", tag))
}

func (g golden) sameConfigs(t *testing.T) {
	f := g.front(t)
	tag := fmt.Sprintf("configs-%d", len(g.images))
	g.push(t, g.session(t, f), g.images.Spec(f.Host+"/one:"+tag, f.Host+"/one:%s"), tag)
	g.want(t, f, g.wantSameConfigs("one", tag))
}

func (g golden) others(t *testing.T) {
	repo := fmt.Sprintf("others-%d", len(g.images))
	first := g.front(t)
	g.push(t, g.session(t, first), g.images.Spec(first.Host+"/"+repo+":all", first.Host+"/src/app-%s:1.0"), "all")
	g.want(t, first, g.wantOthers(repo, "all"))

	again := g.front(t)
	g.push(t, g.session(t, again), g.images.Spec(again.Host+"/"+repo+":all", again.Host+"/src/app-%s:1.0"), "all")
	g.want(t, again, g.wantUnchanged(repo, "all"))
	again.Seen.WantNoWrites(t)
}

// foreign copies between two hosts. That one registry stands behind both is
// unknown to the product, and no repository is used by both.
func (g golden) foreign(t *testing.T) {
	repo := fmt.Sprintf("foreign-%d", len(g.images))
	source, target := g.front(t), g.front(t)
	g.push(t, g.session(t, source, target), g.images.Spec(target.Host+"/"+repo+":all", source.Host+"/src/app-%s:1.0"), "all")
	g.want(t, source, g.wantForeignSource())
	g.want(t, target, g.wantForeignTarget(repo, "all"))
}

// front returns a new recording proxy of the registry.
func (g golden) front(t *testing.T) *registrytest.RecordingProxy {
	t.Helper()
	return (&registrytest.RecordingProxy{Backend: g.backend, Tokens: g.tokens}).Open(t)
}

// session has the password for the hosts, except for open registries.
func (g golden) session(t *testing.T, fronts ...*registrytest.RecordingProxy) clitest.Session {
	t.Helper()
	if g.auth == "open" {
		return clitest.Session{}
	}
	var hosts []string
	for _, f := range fronts {
		hosts = append(hosts, f.Host)
	}
	return registrytest.WithLogin(t, hosts...)
}

// push runs a push of the spec that sets goldenTags more tags.
func (g golden) push(t *testing.T, s clitest.Session, spec, tag string, flags ...string) {
	t.Helper()
	file := clitest.WriteSpec(t, "", "tags: ["+strings.Join(extraTags(tag), ", ")+"]\n"+spec)
	s.Run(t, append(append([]string{"push"}, flags...), "from-spec", file)...).PushedDigest(t)
}
