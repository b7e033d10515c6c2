package output

import (
	"strings"
	"testing"
)

// hostileMessage is a message of a registry with commands for CI services.
const hostileMessage = "denied 100%\n::set-output name=digest::evil\r##[set-output name=digest]evil ###[stop-commands]x ##vso[task.x]y ##teamcity[z]"

// TestFault40MessagesAreNotCommands holds that a message is no command, where one can begin
// anywhere in a line, and that with GitHub it is the text of one annotation.
func TestFault40MessagesAreNotCommands(t *testing.T) {
	const text = `denied 100%\x0a::set-output name=digest::evil\x0d## [set-output name=digest]evil ### [stop-commands]x ## vso[task.x]y ## teamcity[z]`
	for _, c := range []struct {
		github              bool
		warn, note, failure string
	}{
		{false, "warning: " + text, "unchanged: " + text, "failed\nhint: 50% more"},
		{
			true, "::warning title=manifest-tool::" + strings.ReplaceAll(text, "%", "%25"), "unchanged: " + text,
			"::error title=manifest-tool::failed%0Ahint: 50%25 more",
		},
	} {
		var out strings.Builder
		n := Notices{Out: &out, GitHub: c.github, Sanitizer: &Sanitizer{}}
		n.Warn(hostileMessage)
		n.Note("unchanged", hostileMessage)
		n.Fail([]string{"failed", "hint: 50% more"}, "")
		if want := c.warn + "\n" + c.note + "\n" + c.failure + "\n"; out.String() != want {
			t.Errorf("github %v:\n%s\nwant\n%s", c.github, out.String(), want)
		}
	}
}

func TestAnnotationsOfPlaces(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]string{
		"/a/b.yaml:12":       ",file=/a/b.yaml,line=12",
		"/a, b:c%/d.yaml:1":  ",file=/a%2C b%3Ac%25/d.yaml,line=1",
		"standard input:3":   "",
		"/digests/app":       "",
		"/a/b.yaml:12:error": "",
		":5":                 "",
		"":                   "",
	} {
		var out strings.Builder
		Notices{Out: &out, GitHub: true, Sanitizer: &Sanitizer{}}.Fail([]string{"x"}, place)
		if want = "::error title=manifest-tool" + want + "::x\n"; out.String() != want {
			t.Errorf("%q: %q, want %q", place, out.String(), want)
		}
	}
}
