//go:build e2e

package main

import (
	"fmt"
	"slices"

	"manifest-tool/e2e/bench/client"
)

// contenders returns every way in which the clients copy the images: ours
// pushes an index of them; the others copy a ready index of them in one call,
// as parallel as they are of themselves, and image by image in four calls at
// once.
func (b *copyBench) contenders(clients []client.Client, wants []string) []*contender {
	var all []*contender
	for _, c := range clients {
		if c.Path == "" || len(wants) > 0 && !slices.Contains(wants, c.Name) {
			continue
		}
		if c.Name == client.Ours {
			all = append(all, &contender{name: "ours: push from-spec", path: c.Path, steps: func(to string) []client.Step {
				return c.Steps(b.task(to))
			}})
			continue
		}
		if c.Copy("", "") == nil {
			continue
		}
		all = append(all, b.byIndex(c), b.byImage(c))
	}
	return all
}

// task is the push that copies.
func (b *copyBench) task(to string) client.Task {
	t := client.Task{Given: true, Repo: to, Tag: "1.0"}
	for i, image := range b.images {
		t.Sources = append(t.Sources, client.Source{Name: b.source(i), Digest: image.Digest(), Platform: image.Platform})
	}
	return t
}

func (b *copyBench) byIndex(c client.Client) *contender {
	return &contender{name: c.Name + ": an index of them", path: c.Path, steps: func(to string) []client.Step {
		return []client.Step{{Args: c.Copy(b.from.Host+"/from/all:1.0", to+":1.0")}}
	}}
}

func (b *copyBench) byImage(c client.Client) *contender {
	return &contender{name: c.Name + ": 4 calls at once", path: c.Path, steps: func(to string) []client.Step {
		var steps []client.Step
		for i := range b.images {
			steps = append(steps, client.Step{Args: c.Copy(b.source(i), fmt.Sprintf("%s:%d", to, i))})
		}
		return steps
	}}
}

// source returns the name of the i-th image.
func (b *copyBench) source(i int) string {
	return fmt.Sprintf("%s/from/image-%d:1.0", b.from.Host, i)
}
