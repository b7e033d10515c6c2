//go:build e2e

package client

func docker() Client {
	return Client{
		Name: "docker",
		How: "show: manifest inspect --verbose; push: manifest create and manifest push, for each tag; " +
			"it takes no image of another registry",
		steps: dockerSteps,
	}
}

func dockerSteps(t Task) []Step {
	if t.Show {
		return calls([]string{"manifest", "inspect", "--verbose", t.Target()})
	}
	if !t.inOneRegistry() {
		return nil
	}
	var steps []Step
	for _, tag := range append([]string{t.Tag}, t.Tags...) {
		name := t.Repo + ":" + tag
		steps = append(steps, calls(
			append([]string{"manifest", "create", name}, t.Names()...),
			[]string{"manifest", "push", "--purge", name},
		)...)
	}
	return steps
}
