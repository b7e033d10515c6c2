//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// pair is two registries that ask for the same: the one that is pushed to and
// another.
type pair struct{ near, other *far.Backend }

// startPair starts both, with their data in memory.
func startPair(ctx context.Context, dir string, auth far.Auth) (pair, error) {
	near, err := far.Start(ctx, dir, "", auth)
	if err != nil {
		return pair{}, err
	}
	other, err := far.Start(ctx, dir, "", auth)
	return pair{near, other}, err
}

// close ends both.
func (p pair) close() {
	p.near.Close()
	p.other.Close()
}

// plot is the content of one task: repositories that no other task uses.
type plot struct {
	pair
	scenario
	name   string
	images []far.Image
}

// newPlot makes n images and stores them where the scenario has them.
func newPlot(ctx context.Context, p pair, s scenario, name string, n int) (plot, error) {
	g := plot{pair: p, scenario: s, name: name}
	for i := range n {
		image, err := far.SmallImage(name, i)
		if err != nil {
			return g, err
		}
		g.images = append(g.images, image)
	}
	return g, g.store(ctx)
}

// store puts the images where the scenario has them and, where they are not
// with the target, once more under an index NAME/all:1.0.
func (g plot) store(ctx context.Context) error {
	if err := g.source().PutAll(ctx, g.images, g.at); err != nil {
		return err
	}
	if g.ask == client.Diff {
		if err := g.putIndex(ctx, g.name+"/app", "other"); err != nil {
			return err
		}
	}
	if g.show {
		return g.putIndex(ctx, g.name+"/app", "1.0")
	}
	if g.from == sameRepository {
		return nil
	}
	all := g.name + "/all"
	if err := g.source().PutAll(ctx, g.images, func(i int) string { return fmt.Sprintf("%s:%d", all, i) }); err != nil {
		return err
	}
	return g.putIndex(ctx, all, "1.0")
}

// source returns the registry of the sources.
func (g plot) source() *far.Backend {
	if g.from == otherRegistry {
		return g.other
	}
	return g.near
}

// at returns REPOSITORY:TAG of the i-th source.
func (g plot) at(i int) string {
	if g.from == sameRepository {
		return fmt.Sprintf("%s/app:image-%d", g.name, i)
	}
	return fmt.Sprintf("%s/image-%d:1.0", g.name, i)
}

func (g plot) putIndex(ctx context.Context, repo, tag string) error {
	raw, err := far.Index(g.images)
	if err != nil {
		return err
	}
	return g.source().PutManifest(ctx, repo, tag, ocispec.MediaTypeImageIndex, raw)
}

// task returns the work for a client that knows the registries under these
// hosts.
func (g plot) task(near, other string) client.Task {
	from := near
	if g.from == otherRegistry {
		from = other
	}
	t := client.Task{
		Show: g.show, Ask: g.ask, Given: g.given, Repo: near + "/" + g.name + "/app", Tag: "1.0", Together: from + "/" + g.name + "/all:1.0",
	}
	for i := range furtherTags {
		t.Tags = append(t.Tags, fmt.Sprintf("further-%d", i))
	}
	for i, image := range g.images {
		t.Sources = append(t.Sources, client.Source{Name: from + "/" + g.at(i), Digest: image.Digest(), Platform: image.Platform})
	}
	return t
}

// check returns an error unless every tag of the task names an index of
// all images: a client that leaves work out must not look fast.
func (g plot) check(ctx context.Context, t client.Task) error {
	if t.Show {
		return nil
	}
	for _, tag := range append([]string{t.Tag}, t.Tags...) {
		raw, err := g.near.Manifest(ctx, g.name+"/app", tag)
		if err != nil {
			return err
		}
		var index ocispec.Index
		if err := json.Unmarshal(raw, &index); err != nil {
			return err
		}
		if len(index.Manifests) != len(t.Sources) {
			return fmt.Errorf("%s has %d images, not %d", tag, len(index.Manifests), len(t.Sources))
		}
	}
	return nil
}
