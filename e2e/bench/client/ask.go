//go:build e2e

package client

// Question is what is asked about the index of a task.
type Question string

// The questions: which platforms it has, which image a node of the first
// source's platform pulls, and whether Other is the same.
const (
	Query   Question = "query"
	Resolve Question = "resolve"
	Diff    Question = "diff"
)

// Other returns the name of the index that Diff compares with.
func (t Task) Other() string { return t.Repo + ":other" }

// asks returns the call of a client that comes nearest to the question, none
// if it has none, and says it in words.
func asks(name string, t Task) (steps []Step, how string) {
	node, version := "", ""
	if len(t.Sources) > 0 {
		p := t.Sources[0].Platform
		node, version = p.OS+"/"+p.Architecture, p.OSVersion
	}
	target := t.Target()
	type call struct {
		how  string
		args []string
	}
	one, known := map[string]map[Question]call{
		Ours: {
			Query:   {"query", []string{"query", target}},
			Resolve: {"resolve --platform", []string{"resolve", "--platform", node + ":" + version, target}},
			Diff:    {"diff", []string{"diff", target, t.Other()}},
		},
		"crane": {
			Query:   {"manifest", []string{"manifest", target}},
			Resolve: {"digest --platform", []string{"digest", "--platform", node + ":" + version, target}},
		},
		"regctl": {
			Query:   {"manifest get", []string{"manifest", "get", target}},
			Resolve: {"image digest --platform", []string{"image", "digest", "--platform", node + ",osver=" + version, target}},
			Diff:    {"manifest diff", []string{"manifest", "diff", target, t.Other()}},
		},
		"oras": {
			Query:   {"manifest fetch", []string{"manifest", "fetch", target}},
			Resolve: {"resolve --platform", []string{"resolve", "--platform", node + ":" + version, target}},
		},
		"skopeo": {
			Query:   {"inspect --raw", []string{"inspect", "--raw", "docker://" + target}},
			Resolve: {"inspect with overrides", []string{"--override-os", "windows", "--override-arch", "amd64", "inspect", "--no-tags", "docker://" + target}},
		},
		"docker": {
			Query: {"manifest inspect", []string{"manifest", "inspect", target}},
		},
	}[name][t.Ask]
	if !known {
		return nil, "-"
	}
	return calls(one.args), one.how
}

// answers says in words what a client is made to run for each question.
func answers(name string) string {
	text := ""
	for _, q := range []Question{Query, Resolve, Diff} {
		_, how := asks(name, Task{Ask: q})
		text += "; " + string(q) + ": " + how
	}
	return text
}
