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
	images := newWideFleet(t, 50)
	for _, kind := range gates() {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.start(t)
			images.put(t, backend, "one")
			images.putApart(t, backend, "src/app")
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
	images  fleet
}

func (g golden) run(t *testing.T) {
	jobs := map[string]func(*testing.T){
		"inspect":                        g.inspect,
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

// front is one host of the registry, on which nothing was asked yet.
func (g golden) front(t *testing.T) *front {
	t.Helper()
	return (&front{backend: g.backend, tokens: g.tokens}).open(t)
}

// session has the password for the hosts, except for open registries.
func (g golden) session(t *testing.T, fronts ...*front) session {
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
