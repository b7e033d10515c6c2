//go:build e2e

package client

import (
	"os/exec"
	"slices"
)

// Client is one program.
type Client struct {
	Name string
	Path string // empty when it is not installed
	// How says in words what it is made to run.
	How   string
	steps func(Task) []Step
	copy  func(from, to string) []string
}

// Step is one call of a program.
type Step struct {
	Args  []string
	Stdin string
}

// Ours is the name of the client this project builds.
const Ours = "ours"

// All returns manifest-tool at the path, then every other client. Of these,
// PATH says where they are.
func All(ours string) []Client {
	all := []Client{manifestTool(ours), crane(), regctl(), oras(), skopeo(), docker()}
	for i := range all[1:] {
		one := &all[i+1]
		if path, err := exec.LookPath(one.Name); err == nil {
			one.Path = path
		}
	}
	for i := range all {
		all[i].How += answers(all[i].Name)
	}
	return all
}

// Steps returns the calls that do the task, none when the client cannot do it.
func (c Client) Steps(t Task) []Step {
	if t.Ask != "" {
		steps, _ := asks(c.Name, t)
		return steps
	}
	return c.steps(t)
}

// Copy returns the call that copies an image or an index with its images
// between two registries on plain http. It is empty for a client that cannot,
// and for ours, which copies what a push needs.
func (c Client) Copy(from, to string) []string {
	if c.copy == nil {
		return nil
	}
	return c.copy(from, to)
}

// calls makes a step of each list of arguments.
func calls(args ...[]string) []Step {
	var steps []Step
	for _, a := range args {
		steps = append(steps, Step{Args: a})
	}
	return steps
}

// each returns one call per name, the name after the arguments.
func each(names []string, args ...string) []Step {
	var steps []Step
	for _, name := range names {
		steps = append(steps, Step{Args: append(slices.Clone(args), name)})
	}
	return steps
}
