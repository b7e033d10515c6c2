//go:build e2e

package client

func crane() Client {
	return Client{
		Name: "crane",
		How: "show: manifest, for the index and for each image; " +
			"push: index append, then tag for each further tag; it reads every config, platforms cannot be given",
		steps: craneSteps,
		copy:  func(from, to string) []string { return []string{"copy", from, to} },
	}
}

func craneSteps(t Task) []Step {
	if t.Show {
		return append(calls([]string{"manifest", t.Target()}), each(t.children(), "manifest")...)
	}
	push := []string{"index", "append", "--tag", t.Target()}
	for _, name := range t.Names() {
		push = append(push, "--manifest", name)
	}
	return append(calls(push), each(t.Tags, "tag", t.Target())...)
}
