package command

import (
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// TestShell reads the string after -c. The command after "=>" is started, nothing
// if that is empty.
func TestShell(t *testing.T) {
	for _, line := range []string{
		`exec '/app' "-x" => /app -x`,
		`"/app"; true => /app`,
		`A=1 'app' --b="c" => A=1 app --b=c`,
		`app 'a b' => app a b`,
		`app "$A" => app`,
		`'my app' => my app`,
		`"$APP" => `,
		`"" app => `,
		`'A=1' app => `,
		`"a"b" => `,
		`'echo' x => `,
		`"exec" app => app`,
		`app;true => app`,
		`app -x&&true => app -x`,
		`app>/log 2>&1 -x => app -x`,
		`>/log app => app`,
		`app # comment => app`,
		"# comment\napp => app",
		"app -x \\\n -y => app -x -y",
		"app -x\nfi ) => app -x",
		`A=1; app => A=1 app`,
		`A=1 && B=2 app => A=1 B=2 app`,
		`A=1 || app => A=1`,
		`A=1 & app => A=1`,
		`! A=1 && app => A=1`,
		`(A=1); app => A=1`,
		`A=$B app => `,
		`A=$(x) app => `,
		`A+=1 app => `,
		`A='b c' app => A=b c app`,
		`A= app => A= app`,
		`(app -x) | cat => app -x`,
		`{ exec app; } => app`,
		`! app => app`,
		`"a\"b" => `,
		`a\ b => `,
		`$'app' => `,
		`app* => `,
		`~/app => `,
		`app-{a,b} => `,
		`app 'b => `,
		`(app => `,
		`[ -x app ] && app => `,
		`[[ -x app ]] && app => `,
		`if app; then x; fi => `,
		`while app; do x; done => `,
		`app() { x; }; app => `,
		`export A=1; app => `,
		`: && app => `,
		`exec -a x app => `,
		`set -e; exec /app -x => /app -x`,
		`set -eu && app => app`,
		"set -e\nset -o pipefail -x +u\napp => app",
		`set -euo pipefail; { set +x; app; } => app`,
		`cd /srv && /app => /app`,
		`set -e || app => `,
		`set -e | app => `,
		`! set -e; app => `,
		`A=1 set -e; app => A=1`,
		`exec set -e; app => `,
		`set; app => `,
		`set -- x; app => `,
		`set -n; app => `,
		`set -eo noexec; app => `,
		`set -e x; app => `,
		`set -o; app => `,
		`set $A; app => `,
		`cd; app => `,
		`cd $A && /app => `,
		`cd - && /app => `,
	} {
		text, want, _ := strings.Cut(line, "=> ")
		c := firstProgram(text, syntax.LangBash)
		if got := strings.Join(append(c.env, c.argv...), " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestLongShellText reads the lines of a long string that are within the limit.
func TestLongShellText(t *testing.T) {
	for text, want := range map[string]string{
		"app -x\n" + strings.Repeat("y\n", maxShellText): "app -x",
		"app " + strings.Repeat("x", maxShellText):       "",
		strings.Repeat("(", 1<<20):                       "",
		strings.Repeat("(\n", 1<<20):                     "",
	} {
		if got := strings.Join(firstProgram(text, syntax.LangBash).argv, " "); got != want {
			t.Errorf("%.20s: %q, want %q", text, got, want)
		}
	}
}

// FuzzShell parses any string: no panic, and a name if anything is started.
func FuzzShell(f *testing.F) {
	for _, text := range []string{"exec app -x", "A=1 && (app|x)", "a <<E\n$(x)\nE", "\"$(", "case $a in x) ;; esac"} {
		f.Add(text, "sh")
	}
	f.Fuzz(func(t *testing.T, text, shell string) {
		c, _ := shellCall([]string{shell, "-c", text})
		if len(c.argv) > 0 && c.argv[0] == "" {
			t.Errorf("an empty name of %q", text)
		}
	})
}

func TestShellBuiltins(t *testing.T) {
	for _, word := range strings.Fields("mapfile readarray bind caller compgen complete compopt dirs disown enable help history logout suspend " +
		"chdir local let typeset print whence setopt autoload zmodload nameref hist echo test") {
		if c := firstProgram(word+" x", syntax.LangBash); len(c.argv) > 0 {
			t.Errorf("%s is read as a program", word)
		}
	}
}
