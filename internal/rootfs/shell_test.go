package rootfs

import (
	"strings"
	"testing"
)

// TestAShellIsToldWhatToStart reads the text behind -c: what is started is
// everything behind "=>", and nothing where that is empty.
func TestAShellIsToldWhatToStart(t *testing.T) {
	for _, line := range []string{
		`exec '/app' "-x" => /app -x`,
		`"/app"; true => /app`,
		`A=1 'app' --b="c" => A=1 app`,
		`app 'a b' => app`,
		`app "$A" => app`,
		`'my app' => `,
		`"$APP" => `,
		`"" app => `,
		`'A=1' app => `,
		`"a"b" => `,
		`'echo' x => `,
		`"exec" app => app`,
	} {
		text, want, _ := strings.Cut(line, "=> ")
		c := firstProgram(text)
		if got := strings.Join(append(c.env, c.argv...), " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestAShellsOwnWordsAreNoPrograms(t *testing.T) {
	for _, word := range strings.Fields("mapfile readarray bind caller compgen complete compopt dirs disown enable help history logout suspend " +
		"chdir local let typeset print whence setopt autoload zmodload nameref hist echo test") {
		if c := firstProgram(word + " x"); len(c.argv) > 0 {
			t.Errorf("%s is taken for a program", word)
		}
	}
}
