//go:build e2e

package requests

import (
	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// This file says what each job needs to send. Without further notice that is
// the least the protocol allows: a digest is known only from the document
// above it, content has to be asked for by name, each tag is one PUT.

// wantInspect is the index and, for each image, its manifest.
func (g golden) wantInspect(repo, tag string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	w.Add("GET /v2/%s/manifests/%s 200", repo, tag)
	for _, one := range g.images {
		w.Add("GET /v2/%s/manifests/<image %s> 200", repo, one.Tag)
	}
	g.addTokens(w, nil, []string{repo})
	return w
}

// wantRead is one document and some of the images.
func (g golden) wantRead(repo, tag string, some ...fixture.TaggedImage) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	w.Add("GET /v2/%s/manifests/%s 200", repo, tag)
	for _, one := range some {
		w.Add("GET /v2/%s/manifests/<image %s> 200", repo, one.Tag)
	}
	g.addTokens(w, nil, []string{repo})
	return w
}

// wantConfigs is the config of each image as well.
func (g golden) wantConfigs(repo, tag string) registrytest.RequestSet {
	w := g.wantInspect(repo, tag)
	for _, one := range g.images {
		w.Add("GET /v2/%s/blobs/%s 200", repo, one.ConfigName())
	}
	return w
}

// wantReferrers is, of a registry without a list of referrers, the tag in its
// place, and the three that cosign writes.
func (g golden) wantReferrers(repo, tag string, d digest.Digest) registrytest.RequestSet {
	w := g.wantInspect(repo, tag)
	w.Add("GET /v2/%s/referrers/%s 404", repo, d)
	for _, ending := range []string{"", ".sig", ".att", ".sbom"} {
		w.Add("GET /v2/%s/manifests/sha256-%s%s 404", repo, d.Encoded(), ending)
	}
	return w
}

// wantTags is a request for each page.
func (g golden) wantTags(repo string, pages int) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	w.Add("GET /v2/%s/tags/list?n=1000 200", repo)
	for page := 1; page < pages; page++ {
		w.Add("GET /v2/%s/tags/list?last=page-%d&n=1000 200", repo, page)
	}
	g.addTokens(w, nil, []string{repo})
	return w
}

// wantTagged is what is under each tag as well.
func (g golden) wantTagged(repo string, pages int) registrytest.RequestSet {
	w := g.wantTags(repo, pages)
	for _, one := range g.images {
		w.Add("GET /v2/%s/manifests/%s 200", repo, one.Tag)
	}
	return w
}

// wantSameDeclared asks for the descriptor of each image only.
func (g golden) wantSameDeclared(repo, tag string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	for _, one := range g.images {
		w.Add("HEAD /v2/%s/manifests/%s 200", repo, one.Tag)
	}
	addNewTarget(w, repo, tag)
	g.addTokens(w, []string{repo}, nil)
	return w
}

// wantSameConfigs reads each manifest for its config, each config for its
// platform.
func (g golden) wantSameConfigs(repo, tag string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	for _, one := range g.images {
		w.Add("GET /v2/%s/manifests/%s 200", repo, one.Tag)
		w.Add("GET /v2/%s/blobs/%s 200", repo, one.ConfigName())
	}
	addNewTarget(w, repo, tag)
	g.addTokens(w, []string{repo}, nil)
	return w
}

// wantOthers mounts what the images consist of, without asking first whether
// it is there: a mount is answered 201 either way.
func (g golden) wantOthers(repo, tag string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	g.addSources(w)
	for _, one := range g.images {
		for _, blob := range one.BlobNames() {
			w.Add("POST /v2/%s/blobs/uploads/?from=%s&mount=%s 201", repo, sourceRepo(one), blob)
		}
		w.Add("PUT /v2/%s/manifests/<image %s> 201", repo, one.Tag)
	}
	addNewTarget(w, repo, tag)
	g.addTokens(w, []string{repo}, g.sourceRepos())
	return w
}

// wantUnchanged reads the sources, which might have changed, and then the
// tags. The token is for writing too: that nothing is to be written is known
// only at the end.
func (g golden) wantUnchanged(repo, tag string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	g.addSources(w)
	for _, name := range append(extraTags(tag), tag) {
		w.Add("HEAD /v2/%s/manifests/%s 200", repo, name)
	}
	g.addTokens(w, []string{repo}, g.sourceRepos())
	return w
}

// wantForeignSource reads each blob once: the config for the platform is the
// same reading as the config that is copied.
func (g golden) wantForeignSource() registrytest.RequestSet {
	w := registrytest.RequestSet{}
	g.addSources(w)
	for _, one := range g.images {
		for _, blob := range one.BlobNames()[:fixture.LayersPerImage] {
			w.Add("GET /v2/%s/blobs/%s 200", sourceRepo(one), blob)
		}
	}
	g.addTokens(w, nil, g.sourceRepos())
	return w
}

// wantForeignTarget opens an upload for each blob and fills it in one PUT. The
// opening is a mount from the target itself, which asks at no cost whether the
// blob is there; no repository of the source is named.
func (g golden) wantForeignTarget(repo, tag string) registrytest.RequestSet {
	w := registrytest.RequestSet{}
	for _, one := range g.images {
		for _, blob := range one.BlobNames() {
			w.Add("POST /v2/%s/blobs/uploads/?from=%s&mount=%s 202", repo, repo, blob)
			w.Add("PUT /v2/%s/blobs/uploads/<session>?digest=%s 201", repo, blob)
		}
		w.Add("PUT /v2/%s/manifests/<image %s> 201", repo, one.Tag)
	}
	addNewTarget(w, repo, tag)
	g.addTokens(w, []string{repo}, nil)
	return w
}

// addSources is the manifest and the config of each image.
func (g golden) addSources(w registrytest.RequestSet) {
	for _, one := range g.images {
		w.Add("GET /v2/%s/manifests/1.0 200", sourceRepo(one))
		w.Add("GET /v2/%s/blobs/%s 200", sourceRepo(one), one.ConfigName())
	}
}

// addNewTarget is a PUT for each tag and, above the floor, one HEAD: a push
// that changes nothing must write nothing, so the target's tag is asked for
// beside the sources. It costs a request, but no round trip.
func addNewTarget(w registrytest.RequestSet, repo, tag string) {
	w.Add("HEAD /v2/%s/manifests/%s 404", repo, tag)
	for _, name := range append(extraTags(tag), tag) {
		w.Add("PUT /v2/%s/manifests/%s 201", repo, name)
	}
}
