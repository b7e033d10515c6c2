//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// goldenTags is how many tags each push sets besides the one of its target.
const goldenTags = 3

// TestGoldenRequests holds every request of the main jobs, as exact multisets,
// for what a registry asks of a client and for 1, 10 and 50 images. What is
// expected is computed, in golden_want_test.go, from what the protocol needs.
func TestGoldenRequests(t *testing.T) {
	t.Parallel()
	images := newLargeImageSet(t, 50)
	for _, kind := range authModes() {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.start(t)
			backend.putImages(t, "one", images)
			backend.putImagesApart(t, "src/app", images)
			for _, n := range []int{1, 10, 50} {
				g := golden{backend: backend, tokens: tokens, auth: kind.name, images: images[:n]}
				t.Run(fmt.Sprint(n), g.run)
			}
		})
	}
}

// golden is the jobs with some images on one kind of registry.
type golden struct {
	backend *registry
	tokens  http.Handler
	auth    string
	images  imageSet
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
	index := newIndex(t, ociMedia(), g.images.images()...)
	tag := fmt.Sprintf("all-%d", len(g.images))
	g.backend.putManifest(t, "one", tag, index.mediaType, index.raw)
	f := g.front(t)
	g.session(t, f).manifestTool(t, "inspect", f.host+"/one:"+tag).wantCode(t, 0)
	g.want(t, f, g.wantInspect("one", tag))
}

// inspectOther asks for less, or for more, than the index and its manifests.
func (g golden) inspectOther(t *testing.T) {
	index := newIndex(t, ociMedia(), g.images.images()...)
	tag, last := fmt.Sprintf("other-%d", len(g.images)), g.images[len(g.images)-1]
	g.backend.putManifest(t, "one", tag, index.mediaType, index.raw)
	only := "windows/amd64:" + last.image.platform.OSVersion
	for flags, want := range map[string]requestSet{
		"--raw-bytes":                         g.wantRead("one", tag),
		"--platform " + only:                  g.wantRead("one", tag, last),
		"--platform " + only + " --raw-bytes": g.wantRead("one", tag, last),
		"--platform " + only + " -o json":     g.wantRead("one", tag, last),
		"-o json":                             g.wantInspect("one", tag),
		"--raw":                               g.wantInspect("one", tag),
		"-o json --expand-config":             g.wantConfigs("one", tag),
		"-o json --referrers":                 g.wantReferrers("one", tag, index.digest()),
	} {
		t.Run(flags, func(t *testing.T) {
			f := g.front(t)
			args := append([]string{"inspect"}, strings.Fields(flags)...)
			g.session(t, f).manifestTool(t, append(args, f.host+"/one:"+tag)...).wantCode(t, 0)
			g.want(t, f, want)
		})
	}
}

// tags lists a repository of its own, in pages and with what is under each tag.
func (g golden) tags(t *testing.T) {
	repo := fmt.Sprintf("tags-%d", len(g.images))
	g.backend.putImages(t, repo, g.images)
	for flags, want := range map[string]requestSet{
		"":                            g.wantTags(repo, 1),
		"--semver":                    g.wantTags(repo, 1),
		"--platforms":                 g.wantTagged(repo, 1),
		"--platforms -o json":         g.wantTagged(repo, 1),
		"-o template={{.Repository}}": g.wantTags(repo, 1),
	} {
		t.Run("one page "+flags, func(t *testing.T) {
			f := g.front(t)
			args := append([]string{"tags"}, strings.Fields(flags)...)
			g.session(t, f).manifestTool(t, append(args, f.host+"/"+repo)...).wantCode(t, 0)
			g.want(t, f, want)
		})
	}
	pages := min(len(g.images), 10)
	t.Run("pages", func(t *testing.T) {
		f := (&recordingProxy{backend: g.backend, tokens: g.tokens, rewrite: inPages(t, g.images, pages)}).open(t) //nolint:bodyclose // inPages gets answers, and gives none
		done := g.session(t, f).manifestTool(t, "tags", f.host+"/"+repo)
		done.wantCode(t, 0)
		var want strings.Builder
		for _, one := range g.images {
			want.WriteString(one.tag + "\n")
		}
		wantText(t, "tags", want.String(), done.stdout)
		g.want(t, f, g.wantTags(repo, pages))
	})
}

// inPages makes a registry that lists all its tags at once list them in pages,
// as those do that have many: the tags between the last of a page and that of
// the next.
func inPages(t *testing.T, images imageSet, pages int) func(*http.Response) {
	return func(resp *http.Response) {
		if resp.StatusCode != http.StatusOK || !strings.HasSuffix(resp.Request.URL.Path, "/tags/list") {
			return
		}
		page := 0
		if last := resp.Request.URL.Query().Get("last"); last != "" {
			_, err := fmt.Sscanf(last, "page-%d", &page)
			must(t, err)
		}
		from, to := page*len(images)/pages, (page+1)*len(images)/pages
		var tags []string
		for _, one := range images[from:to] {
			tags = append(tags, one.tag)
		}
		if page+1 < pages {
			resp.Header.Set("Link", fmt.Sprintf(`<%s?n=1000&last=page-%d>; rel="next"`, resp.Request.URL.Path, page+1))
		}
		replaceBody(resp, encode(t, map[string]any{"tags": tags}))
	}
}

func (g golden) sameDeclared(t *testing.T) {
	f := g.front(t)
	tag := fmt.Sprintf("declared-%d", len(g.images))
	g.push(t, g.session(t, f), g.images.declared(f.host+"/one:"+tag, f.host+"/one:%s"), tag, "--verify", "none")
	g.want(t, f, g.wantSameDeclared("one", tag))
}

func (g golden) sameConfigs(t *testing.T) {
	f := g.front(t)
	tag := fmt.Sprintf("configs-%d", len(g.images))
	g.push(t, g.session(t, f), g.images.spec(f.host+"/one:"+tag, f.host+"/one:%s"), tag)
	g.want(t, f, g.wantSameConfigs("one", tag))
}

func (g golden) others(t *testing.T) {
	repo := fmt.Sprintf("others-%d", len(g.images))
	first := g.front(t)
	g.push(t, g.session(t, first), g.images.spec(first.host+"/"+repo+":all", first.host+"/src/app-%s:1.0"), "all")
	g.want(t, first, g.wantOthers(repo, "all"))

	again := g.front(t)
	g.push(t, g.session(t, again), g.images.spec(again.host+"/"+repo+":all", again.host+"/src/app-%s:1.0"), "all")
	g.want(t, again, g.wantUnchanged(repo, "all"))
	again.seen.wantNoWrites(t)
}

// foreign copies between two hosts. That one registry stands behind both is
// unknown to the product, and no repository is used by both.
func (g golden) foreign(t *testing.T) {
	repo := fmt.Sprintf("foreign-%d", len(g.images))
	source, target := g.front(t), g.front(t)
	g.push(t, g.session(t, source, target), g.images.spec(target.host+"/"+repo+":all", source.host+"/src/app-%s:1.0"), "all")
	g.want(t, source, g.wantForeignSource())
	g.want(t, target, g.wantForeignTarget(repo, "all"))
}

// recordingProxy is one host of the registry, on which nothing was asked yet.
func (g golden) front(t *testing.T) *recordingProxy {
	t.Helper()
	return (&recordingProxy{backend: g.backend, tokens: g.tokens}).open(t)
}

// session has the password for the hosts, except for open registries.
func (g golden) session(t *testing.T, fronts ...*recordingProxy) session {
	t.Helper()
	if g.auth == "open" {
		return session{}
	}
	var hosts []string
	for _, f := range fronts {
		hosts = append(hosts, f.host)
	}
	return login(t, hosts...)
}

// push runs a push of the spec that sets goldenTags more tags.
func (g golden) push(t *testing.T, s session, spec, tag string, flags ...string) {
	t.Helper()
	file := specFile(t, "", "tags: ["+strings.Join(extraTags(tag), ", ")+"]\n"+spec)
	s.manifestTool(t, append(append([]string{"push"}, flags...), "from-spec", file)...).pushed(t)
}
