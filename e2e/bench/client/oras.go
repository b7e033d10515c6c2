//go:build e2e

package client

import "strings"

func oras() Client {
	return Client{
		Name: "oras",
		How: "show: manifest fetch, for the index and for each image; " +
			"push: manifest index create with all tags; images of other repositories are brought by cp first, one by one",
		steps: orasSteps,
		copy: func(from, to string) []string {
			return []string{"cp", "--no-tty", "--from-plain-http", "--to-plain-http", from, to}
		},
	}
}

func orasSteps(t Task) []Step {
	if t.Show {
		return append(calls([]string{"manifest", "fetch", t.Target()}), each(t.children(), "manifest", "fetch")...)
	}
	var steps []Step
	push := []string{"manifest", "index", "create", t.Target() + "," + strings.Join(t.Tags, ",")}
	for _, s := range t.Sources {
		if t.inOneRepository() {
			push = append(push, tagOf(s.Name))
			continue
		}
		steps = append(steps, Step{Args: []string{"cp", "--no-tty", s.Name, t.Repo}})
		push = append(push, s.Digest.String())
	}
	return append(steps, Step{Args: push})
}
