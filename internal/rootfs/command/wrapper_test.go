package command

import (
	"strings"
	"testing"
)

// TestWrapper reads the arguments of wrappers. The command after "=>" is started,
// nothing if that is empty. An underscore is a blank in an argument.
func TestWrapper(t *testing.T) {
	for _, line := range []string{
		"tini -- app -x => app -x",
		"/sbin/tini -g -e 143 -p SIGTERM -- app => app",
		"/tini -gvvs -e143 app -- -g => app -- -g",
		"tini-static app => app",
		"tini --version => ",
		"tini -e => ",
		"tini -x app => ",
		"tini => ",
		"tini -- => ",
		"dumb-init -c --rewrite 15:3 app => app",
		"dumb-init --rewrite=15:3 -- app => app",
		"dumb-init --single-child=yes app => ",
		"dumb-init -V app => ",
		"catatonit -g -- app => app",
		"catatonit -P => ",
		"su-exec app:app app => app",
		"su-exec app => ",
		"gosu 1000 app -x => app -x",
		"gosu --version => ",
		"setpriv --reuid=app --regid app --init-groups --no-new-privs -- app => app",
		"setpriv --nnp --groups 1,2 app => app",
		"setpriv --dump app => ",
		"setpriv --reuid => ",
		"setpriv --reset-env /app => moved /app",
		"nice -n 5 app => app",
		"nice -n5 app => app",
		"nice --adjustment=5 app => app",
		"nice -5 app => app",
		"nice --5 -+10 -- app -1 => app -1",
		"nice -5x app => ",
		"nice -5 => ",
		"tini -5 app => ",
		"env A=1 B= app C=2 => A=1 B= app C=2",
		"env -u A app => moved app",
		"env -C/srv -- A=1 app => moved A=1 app",
		"env - app => ",
		"env --ignore-signal app => ",
		"env => ",
		"env A=1 => A=1",
		"env -S python3_-u run => python3 -u run",
		"env -vSpython3_-u run => python3 -u run",
		"env --split-string=-i_A=1_app run => moved A=1 app run",
		"env -S app_'a run => app",
		"env -S 'app' run => ",
		"env -S ${APP} run => ",
		"s6-overlay app => ",
		"app app => ",
	} {
		command, want, _ := strings.Cut(line, "=> ")
		argv := strings.Fields(command)
		for i := range argv {
			argv[i] = strings.ReplaceAll(argv[i], "_", " ")
		}
		var c invocation
		if w, known := wrapperOf(argv[0]); known {
			c = w.parse(argv[1:])
		}
		got := strings.Join(append(c.env, c.argv...), " ")
		if c.pathChanged {
			got = "moved " + got
		}
		if got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}
