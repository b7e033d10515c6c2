//go:build e2e

package client

func regctl() Client {
	return Client{
		Name: "regctl",
		How: "show: manifest get, for the index and for each image; " +
			"push: index create, then image copy for each further tag; it reads every config, platforms cannot be given image by image",
		steps: regctlSteps,
		copy: func(from, to string) []string {
			return []string{"--host", "reg=" + hostOf(from) + ",tls=disabled", "--host", "reg=" + hostOf(to) + ",tls=disabled", "image", "copy", from, to}
		},
	}
}

func regctlSteps(t Task) []Step {
	if t.Show {
		return append(calls([]string{"manifest", "get", t.Target()}), each(t.children(), "manifest", "get")...)
	}
	push := []string{"index", "create", t.Target()}
	for _, name := range t.Names() {
		push = append(push, "--ref", name)
	}
	steps := calls(push)
	for _, tag := range t.Tags {
		steps = append(steps, Step{Args: []string{"image", "copy", t.Target(), t.Repo + ":" + tag}})
	}
	return steps
}
