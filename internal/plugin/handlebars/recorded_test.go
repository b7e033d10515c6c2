package handlebars

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type build struct {
	Tag, Branch, Commit, Ref, Empty string
	Tags, None                      []string
	Number                          int
}

type root struct {
	Build build
	Repo  struct{ Owner, Name string }
}

func testData() root {
	data := root{Build: build{
		Tag: "v1.2.3", Branch: "release/2.0", Commit: "0123456789abcdef", Ref: "refs/tags/v1.2.3",
		Tags: []string{"1", "1.2", "1.2.3"}, Number: 7,
	}}
	data.Repo.Owner, data.Repo.Name = "team", "app"
	return data
}

// testFunctions are those of the recorded templates.
func testFunctions() map[string]Function {
	on := func(f func(args []string) any) Function {
		return func(c Call) (any, error) {
			var args []string
			for _, a := range c.Args {
				text, _ := Text(a)
				args = append(args, text)
			}
			return f(args), nil
		}
	}
	return map[string]Function{
		"trimPrefix": on(func(a []string) any { return strings.TrimPrefix(a[1], a[0]) }),
		"hasPrefix":  on(func(a []string) any { return strings.HasPrefix(a[1], a[0]) }),
		"contains":   on(func(a []string) any { return strings.Contains(a[1], a[0]) }),
		"replace":    on(func(a []string) any { return strings.ReplaceAll(a[2], a[0], a[1]) }),
		"substr":     on(func(a []string) any { return a[2][:7] }),
		"upper":      on(func(a []string) any { return strings.ToUpper(a[0]) }),
		"fail":       func(Call) (any, error) { return nil, errors.New("it fails") },
	}
}

// TestRender_Recorded renders random templates whose results were recorded from
// github.com/aymerick/raymond 2.0.2, the library of the Drone plugin.
func TestRender_Recorded(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []struct{ Template, Result string }
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded) < 100 {
		t.Fatalf("%d templates", len(recorded))
	}
	for _, r := range recorded {
		got, _, err := render(r.Template)
		if err != nil {
			t.Errorf("%q: %v", r.Template, err)
		} else if diff := cmp.Diff(r.Result, got); diff != "" {
			t.Errorf("%q:\n%s", r.Template, diff)
		}
	}
}

func render(template string) (string, []*Error, error) {
	parsed, err := Parse(template)
	if err != nil {
		return "", nil, err
	}
	return parsed.Render(testData(), testFunctions())
}
