//go:build e2e

package requests

import (
	"fmt"
	"slices"
	"strings"

	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// tokenSources is how many source repositories one token is for. A token for
// all would be one request, but tokens travel in a header, and names of a
// hundred characters make one of twenty repositories already half of the 8 kB
// that servers accept. So 50 sources take two tokens above the floor.
const tokenSources = 20

// addTokens is one token for everything written and for tokenSources of the
// sources, and as many more as there are sources left.
func (g golden) addTokens(w registrytest.RequestSet, writes, reads []string) {
	if g.auth != "bearer" {
		return
	}
	groups := slices.Collect(slices.Chunk(reads, tokenSources))
	if len(groups) == 0 {
		groups = [][]string{nil}
	}
	for _, group := range groups {
		var scopes []string
		for _, repo := range writes {
			scopes = append(scopes, "repository:"+repo+":pull,push")
		}
		for _, repo := range group {
			scopes = append(scopes, "repository:"+repo+":pull")
		}
		slices.Sort(scopes)
		w.Add("GET token for %s 200", strings.Join(scopes, " "))
	}
}

// extraTags returns the further tags of a push to a tag.
func extraTags(tag string) []string {
	var tags []string
	for i := range goldenTags {
		tags = append(tags, fmt.Sprintf("%s-%d", tag, i))
	}
	return tags
}

// sourceRepo is where PutImagesApart stores an image.
func sourceRepo(one fixture.TaggedImage) string { return "src/app-" + one.Tag }

func (g golden) sourceRepos() []string {
	var repos []string
	for _, one := range g.images {
		repos = append(repos, sourceRepo(one))
	}
	return repos
}
