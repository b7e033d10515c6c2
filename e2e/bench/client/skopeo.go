//go:build e2e

package client

func skopeo() Client {
	return Client{
		Name: "skopeo",
		How: "show: inspect --raw, for the index and for each image; " +
			"push: it cannot make an index; where there is something to copy, copy --all of a ready index of the same images, for each tag",
		steps: skopeoSteps,
		copy: func(from, to string) []string {
			return []string{
				"--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "--dest-tls-verify=false",
				"docker://" + from, "docker://" + to,
			}
		},
	}
}

func skopeoSteps(t Task) []Step {
	var steps []Step
	switch {
	case t.Show:
		for _, name := range append([]string{t.Target()}, t.children()...) {
			steps = append(steps, Step{Args: []string{"inspect", "--raw", "docker://" + name}})
		}
	case !t.inOneRepository():
		for _, tag := range append([]string{t.Tag}, t.Tags...) {
			steps = append(steps, Step{Args: []string{
				"--insecure-policy", "copy", "--quiet", "--all", "docker://" + t.Together, "docker://" + t.Repo + ":" + tag,
			}})
		}
	}
	return steps
}
