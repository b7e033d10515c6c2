//go:build e2e

package main

import (
	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// furtherTags is how many tags an index gets besides its first.
const furtherTags = 3

// blobsPerImage is three layers and a config; no two images share one.
const blobsPerImage = 4

// origin is where the sources of an index are.
type origin int

const (
	sameRepository origin = iota
	otherRepositories
	otherRegistry
)

// scenario is one kind of work.
type scenario struct {
	name, title string
	from        origin
	show        bool
	ask         client.Question // in place of the work
	given       bool            // platforms are declared
	again       bool            // everything was pushed before
	// floor is what the protocol needs without authentication.
	floor func(n int) cost
}

// cost is a number of requests and the longest chain of them.
type cost struct{ requests, chain int }

// scenarios returns all kinds of work. The floors:
//
//   - show: the index has the digests of the images, so two waves;
//   - push: HEAD gives digest, size and type of a source, and all tags are PUTs
//     of the same bytes; reading platforms takes the manifest and the config;
//   - push from other repositories: GET manifest, POST mount, PUT manifest, PUT
//     tags, each image for itself;
//   - push from another registry: GET manifest, GET blob with POST session,
//     PUT blob, PUT manifest, PUT tags;
//   - query, resolve: the index says all;
//   - diff: the two indexes say all where they are the same;
//   - again: the target's tags are read with the sources, and that is all.
func scenarios() []scenario {
	const tags, blobs = furtherTags + 1, blobsPerImage
	return []scenario{
		{name: "s1", title: "inspect", show: true, floor: func(n int) cost { return cost{1 + n, 2} }},
		{name: "s2", title: "push, same repository, platforms given", given: true, floor: func(n int) cost {
			return cost{n + tags, 2}
		}},
		{name: "s2c", title: "push, same repository, platforms from configs", floor: func(n int) cost {
			return cost{2*n + tags, 3}
		}},
		{name: "s3", title: "push, N other repositories", from: otherRepositories, given: true, floor: func(n int) cost {
			return cost{2*n + blobs*n + tags, 4}
		}},
		{name: "s4", title: "push, another registry", from: otherRegistry, given: true, floor: func(n int) cost {
			return cost{2*n + 3*blobs*n + tags, 5}
		}},
		{name: "query", title: "which platforms the index has", show: true, ask: client.Query, floor: func(int) cost { return cost{1, 1} }},
		{name: "resolve", title: "which image a node pulls", show: true, ask: client.Resolve, floor: func(int) cost { return cost{1, 1} }},
		{name: "diff", title: "two indexes of the same images", show: true, ask: client.Diff, floor: func(int) cost { return cost{2, 1} }},
		{name: "again", title: "s3 again, unchanged", from: otherRepositories, given: true, again: true, floor: func(n int) cost {
			return cost{n + tags, 1}
		}},
	}
}

// floorWith adds what authentication needs, for each registry: Basic one 401,
// bearer one 401 and one token. Two registries are asked side by side, so the
// chain grows as by one. A client that sends Basic unasked needs no 401.
func (s scenario) floorWith(auth far.Auth, n int) cost {
	registries := 1
	if s.from == otherRegistry {
		registries = 2
	}
	floor := s.floor(n)
	extra := map[far.Auth]int{far.Open: 0, far.Basic: 1, far.Bearer: 2}[auth]
	return cost{floor.requests + extra*registries, floor.chain + extra}
}
