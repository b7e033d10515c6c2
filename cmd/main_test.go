package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/platform"
)

type outcome struct {
	code        int
	out, errOut string
}

// run runs a command line with nothing of this machine in reach.
func run(t *testing.T, args ...string) outcome {
	t.Helper()
	return runWith(t, nil, args...)
}

// runWith is run with an environment.
func runWith(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Main(args, Deps{
		In: strings.NewReader(""), Out: &out, Err: &errOut,
		Getenv:      func(name string) string { return env[name] },
		Host:        func() platform.Platform { return platform.Platform{OS: "linux", Architecture: "riscv64"} },
		ProgramName: "manifest-tool", Version: "1.2.3", Commit: "abc", Date: "2026-11-30T12:00:00Z",
	})
	return outcome{code, out.String(), errOut.String()}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		code    int
		out     string // is in stdout; "" means stdout stays empty
		message string // is in stderr
	}{
		{"no arguments", nil, 0, "Usage: manifest-tool COMMAND [flags]", ""},
		{"version", []string{"version"}, 0, "manifest-tool version 1.2.3 (commit: abc)\n", ""},
		{"version as JSON", []string{"version", "-o", "json"}, 0, "\n    \"commit\": \"abc\",\n    \"date\": \"2026-11-30T12:00:00Z\",\n    \"go\": \"go1.", ""},
		{"version by a template", []string{"version", "-o", "template={{.Platform}}"}, 0, "/", ""},
		{"version by a template with an unknown field", []string{"version", "-o", "template={{.Built}}"}, 2, "", "Built"},
		{"version with invalid settings", []string{"version", "--config", "no/such.yaml"}, 0, "1.2.3", ""},
		{"version flag", []string{"--version"}, 0, "manifest-tool version 1.2.3 (commit: abc)\n", ""},
		{"version flag, short", []string{"-v"}, 0, "manifest-tool version 1.2.3 (commit: abc)\n", ""},
		{"help of a subcommand", []string{"push", "from-args", "--help"}, 0, "--template", ""},
		{"push alone", []string{"push"}, 0, "from-spec", ""},
		{"completion", []string{"completion", "bash"}, 0, "__start_manifest-tool", ""},
		{"unknown command", []string{"insepct", "x:y"}, 2, "", `unknown command "insepct" for "manifest-tool", did you mean "inspect"?`},
		{"help for an unknown command", []string{"help", "nonsense"}, 2, "", `unknown command "nonsense" for "manifest-tool"`},
		{"help for an unknown way of pushing", []string{"help", "push", "nonsense"}, 2, "", `unknown command "nonsense" for "manifest-tool push"`},
		{"help for a command that takes words", []string{"help", "inspect", "x:y"}, 2, "", `unknown command "x:y" for "manifest-tool inspect"` + "\n"},
		{"help", []string{"help", "push", "from-spec"}, 0, "Usage:", ""},
		{"help for the global flags", []string{"help", "flags"}, 0, "--realm-host", ""},
		{"help for the exit codes", []string{"help", "exit-codes"}, 0, "  4    partly done\n", ""},
		{"global flags as a command", []string{"flags"}, 0, "--realm-host", ""},
		{"topics are completed", []string{"__complete", "help", "fl"}, 0, "flags\tFlags of every command\n", ""},
		{"unknown way of pushing", []string{"push", "from-spac"}, 2, "", `unknown command "from-spac"`},
		{"unknown flag", []string{"inspect", "x:y", "--rwa"}, 2, "", `unknown flag --rwa for "manifest-tool inspect", did you mean "--raw"?`},
		{"unknown flag, near none", []string{"inspect", "x:y", "--nonsense"}, 2, "", `unknown flag --nonsense for "manifest-tool inspect"` + "\n"},
		{"unknown letter", []string{"inspect", "x:y", "-z"}, 2, "", `unknown flag -z for "manifest-tool inspect"`},
		{"flag without a value", []string{"inspect", "x:y", "-u"}, 2, "", "--username needs a value"},
		{"no number", []string{"inspect", "x:y", "--jobs", "many"}, 2, "", `--jobs: "many" is not a number`},
		{"a large number", []string{"inspect", "x:y", "--jobs", "99999999999999999999"}, 2, "", "--jobs: 99999999999999999999 is out of range: it must be from 0 to 10000"},
		{"no duration", []string{"inspect", "x:y", "--timeout", "5"}, 2, "", `--timeout: "5" is not a duration, such as 90s, 10m or 1h30m`},
		{"no switch", []string{"inspect", "x:y", "--raw=maybe"}, 2, "", `--raw: "maybe" is neither true nor false`},
		{"an empty value", []string{"inspect", "x:y", "--platform="}, 2, "", "--platform: its value is empty"},
		{"completion for an unknown shell", []string{"completion", "tcsh"}, 2, "", `unknown command "tcsh" for "manifest-tool completion", it has bash, fish, powershell, zsh`},
		{"completion for a misspelt shell", []string{"completion", "bsh"}, 2, "", `unknown command "bsh" for "manifest-tool completion", did you mean "bash"?`},
		{"completion for two shells", []string{"completion", "bash", "zsh"}, 2, "", `manifest-tool completion bash takes no arguments, got "zsh"`},
		{"completion alone", []string{"completion"}, 0, "Commands:", ""},
		{"unknown question about logins", []string{"auth", "explian"}, 2, "", `unknown command "explian" for "manifest-tool auth", did you mean "explain"?`},
		{"another question about logins", []string{"auth", "nonsense"}, 2, "", `unknown command "nonsense" for "manifest-tool auth", it has explain`},
		{"unknown way of pushing, near none", []string{"push", "nonsense"}, 2, "", `unknown command "nonsense" for "manifest-tool push", it has from-args, from-digests, from-images, from-spec`},
		{"no settings file", []string{"inspect", "x:y", "--config="}, 2, "", "--config: its value is empty"},
		{"no file to check", []string{"config", "--check="}, 2, "", "--check: its value is empty"},
		{"a way of pushing without push", []string{"from-spec", "x"}, 2, "", `did you mean "push from-spec"?`},
		{"a flag of another tool", []string{"inspect", "x:y", "--format", "{{.Digest}}"}, 2, "", `unknown flag --format for "manifest-tool inspect", did you mean "--output template=TEXT"?`},
		{"a letter of another tool", []string{"login", "r.example", "-u", "ci", "-p", "x"}, 2, "", "pass the password with --password-stdin"},
		{"where the help is", []string{"push", "from-spec"}, 2, "", "hint: manifest-tool push from-spec --help describes its arguments and flags"},
		{"where the help is, of a mistake found later", []string{"push", "from-args"}, 2, "", "hint: manifest-tool push from-args --help describes its arguments and flags"},
		{"where the help is, of two flags", []string{"inspect", "--raw", "--raw-bytes", "a:1"}, 2, "", "hint: manifest-tool inspect --help describes its arguments and flags"},
		{"a flag without its last letter", []string{"push", "from-images", "--tag", "x"}, 2, "", `unknown flag --tag for "manifest-tool push from-images", did you mean "--tags"?`},
		{"tags of a spec", []string{"push", "from-spec", "--tag", "x", "f"}, 2, "", `tags of the index are in the spec, below its key "tags"; --target adds references`},
		{"a flag of another push", []string{"push", "from-images", "--platforms", "x"}, 2, "", `, it belongs to "manifest-tool push from-args"`},
		{"a flag before the kind of push", []string{"push", "--annotation=x"}, 2, "", `, it belongs to "manifest-tool push from-args", "manifest-tool push from-digests", "manifest-tool push from-images"`},
		{"a platform of query", []string{"query", "--platform", "linux/arm64", "a.example/b"}, 2, "", `did you mean "--has"?`},
		{"where the commands are", []string{"nonsense"}, 2, "", "hint: manifest-tool --help lists its commands"},
		{"another tool's command", []string{"ls", "x"}, 2, "", `did you mean "tags"?`},
		{"a registry that is none", []string{"login", "a b"}, 2, "", `"a b" is not a registry: it is HOST or HOST:PORT`},
		{"an empty reference", []string{"inspect", ""}, 2, "", "invalid reference format: it is empty"},
		{"a reference with a blank", []string{"inspect", "x:y "}, 2, "", `invalid reference format: it contains " ", which is not allowed in a name`},
		{"a reference in curly quotes", []string{"inspect", "“x:y”"}, 2, "", `invalid reference format: it contains "“", which is not allowed in a name`},
		{"a reference that is no text", []string{"inspect", "\xff:1"}, 2, "", `it contains "\xff", which is not allowed in a name`},
		{"a command behind two dashes", []string{"--", "inspect"}, 2, "", "the command inspect belongs before --"},
		{"version of what", []string{"version", "x"}, 2, "", `manifest-tool version takes no arguments, got "x"`},
		{"a finding's report for an image", []string{"inspect", "x:y", "-o", "sarif"}, 2, "", `--output: unknown value "sarif": it is text, json, yaml or template=TEXT`},
		{"no reference", []string{"inspect"}, 2, "", "needs one reference"},
		{"two references", []string{"inspect", "a:1", "b:1"}, 2, "", "takes only one reference"},
		{"no tag", []string{"inspect", "a.example/b"}, 2, "", "must include a tag or a digest"},
		{"bad reference", []string{"inspect", "A.example/B:1"}, 2, "", "error parsing image reference"},
		{"expand-config alone", []string{"inspect", "-expand-config", "a:1"}, 2, "", "only valid when used with --raw"},
		{"bad color", []string{"inspect", "a:1", "--color", "pink"}, 2, "", `"pink"`},
		{"bad type", []string{"push", "--type", "dokcer", "from-args", "--platforms=linux/amd64", "--template=a:ARCH", "--target=a:1"}, 2, "", `--type: unknown value "dokcer"`},
		{"bad attestations", []string{"push", "from-args", "--attestations=no", "--platforms=linux/amd64", "--template=a:ARCH", "--target=a:1"}, 2, "", "keep or drop"},
		{"required flag", []string{"push", "from-args", "--template=a:ARCH", "--target=a:1"}, 2, "", "required flag --platforms is not given"},
		{"two passwords", []string{"inspect", "a:1", "--username=u", "--password=p", "--password-stdin"}, 2, "", "both given"},
		{"no such spec", []string{"push", "from-spec", "no/such.yaml"}, 2, "", "can't read YAML file"},
		{"query of nothing", []string{"query"}, 2, "", "no reference is given"},
		{"query of a bad reference", []string{"query", "a.example/b", "B"}, 2, "", "error parsing image reference"},
		{"query with a bad platform", []string{"query", "--has", "linux", "a.example/b"}, 2, "", `reading --has: parsing platform "linux"`},
		{"query with two parts of three", []string{"query", "--has", "arm64/v8", "a.example/b"}, 2, "", "did you mean linux/arm64/v8?"},
		{"query with two uses of standard input", []string{"query", "-", "--username=u", "--password-stdin"}, 2, "", "cannot both come from standard input"},
		{"query as a user of whomever", []string{"query", "--username=u"}, 2, "", "not for those from standard input"},
		{"resolve without a tag", []string{"resolve", "a.example/b"}, 2, "", "must include a tag or a digest"},
		{"resolve by no rule", []string{"resolve", "--rule", "docker", "a.example/b:1"}, 2, "", `--rule: unknown value "docker": it is containerd, windows, podman, exact or first`},
		{"resolve for no Windows", []string{"resolve", "--platform", "windows/amd64:ltsc2023", "a.example/b:1"}, 2, "", `"ltsc2023" is not a version of Windows`},
		{"resolve in two ways", []string{"resolve", "--digest", "-o", "json", "a.example/b:1"}, 2, "", "--digest and --output are both given"},
		{"diff of one", []string{"diff", "a.example/b:1"}, 2, "", "needs two references"},
		{"diff without a tag", []string{"diff", "a.example/b:1", "a.example/b"}, 2, "", "must include a tag or a digest"},
		{"diff in no format", []string{"diff", "a.example/b:1", "a.example/b:2", "-o", "toml"}, 2, "", `--output: unknown value "toml"`},
		{"diff in a broken template", []string{"diff", "a.example/b:1", "a.example/b:2", "-o", "template={{.Old"}, 2, "", "--output: line 1 of the template: unclosed action"},
		{"no such docker config", []string{"inspect", "a:1", "--docker-cfg", "no/such"}, 2, "", "failed to check state of docker-cfg value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, c.args...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d; stderr: %s", got.code, c.code, got.errOut)
			}
			if !strings.Contains(got.out, c.out) || c.out == "" && got.out != "" {
				t.Errorf("stdout is %q, want %q in it", got.out, c.out)
			}
			if !strings.Contains(got.errOut, c.message) {
				t.Errorf("stderr is %q, want %q in it", got.errOut, c.message)
			}
		})
	}
}

func TestArrangeLetsFlagsStandAnywhere(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"inspect a:1 -raw", "inspect a:1 --raw"},
		{"-plain-http inspect --raw a:1", "inspect a:1 --plain-http --raw"},
		{"--type oci push from-spec f", "push from-spec f --type=oci"},
		{"push -type=oci from-spec -ignore-missing f", "push from-spec f --type=oci --ignore-missing"},
		{"--username -u inspect a:1", "inspect a:1 --username=-u"},
		{"-u alice inspect a:1", "inspect a:1 --username=alice"},
		{"inspect -u alice a:1", "inspect a:1 --username=alice"},
		{"inspect -ualice a:1", "inspect a:1 -ualice"},
		{"push from-spec -", "push from-spec -"},
		{"inspect -h", "inspect -h"},
		{"inspect -o json a:1", "inspect a:1 --output=json"},
		{"-o json inspect a:1", "inspect a:1 --output=json"},
		{"inspect -o=json a:1", "inspect a:1 --output=json"},
		{"inspect a:1 -ojson", "inspect a:1 -ojson"},
		{"inspect --raw=false a:1", "inspect a:1 --raw=false"},
		{"inspect --nonsense a:1", "inspect a:1 --nonsense"},
		{"inspect -- --raw", "inspect -- --raw"},
		{"config -o json", "config --output=json"},
		{"inspect a:1 --username", "inspect a:1 --username"},
		{"__complete inspect --r", "__complete inspect --r"},
		{"-o json query a b", "query a b --output=json"},
		{"query -o=yaml a", "query a --output=yaml"},
		{"query --o json a", "query json a --o"},
	} {
		root, _ := build(Deps{})
		got := normalizeArgs(root, strings.Fields(c.in))
		if diff := cmp.Diff(strings.Fields(c.want), got); diff != "" {
			t.Errorf("arrange(%s) (-want +got):\n%s", c.in, diff)
		}
	}
}

// Whether a flag has a value is up to its command, wherever the flag stands.
func TestOneNameMayBeTwoFlags(t *testing.T) {
	const listed = "push from-args --platforms=linux/amd64 --target=tags"
	for _, c := range []struct{ in, want string }{
		{"tags --platforms a", "tags a --platforms"},
		{"--platforms tags a", "tags a --platforms"},
		{"push from-args --platforms linux/amd64 --target tags", listed},
		{"push --platforms linux/amd64 from-args --target tags", listed},
		{"--platforms linux/amd64 push from-args --target tags", listed},
		{"--username tags inspect a:1", "inspect a:1 --username=tags"},
	} {
		root, _ := build(Deps{})
		got := normalizeArgs(root, strings.Fields(c.in))
		if diff := cmp.Diff(strings.Fields(c.want), got); diff != "" {
			t.Errorf("arrange(%s) (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestExitCodes(t *testing.T) {
	stopped, stop := context.WithCancel(context.Background())
	stop()
	plain := errors.New("broken")
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"none", t.Context(), nil, 0},
		{"any error", t.Context(), plain, 1},
		{"usage", t.Context(), usagef("no"), 2},
		{"bad input", t.Context(), fmt.Errorf("failed: %w", &manifest.InputError{Err: plain}), 2},
		{"verdict", t.Context(), &verdictError{"no"}, 3},
		{"partial", t.Context(), fmt.Errorf("failed: %w", &push.PartialError{Err: plain}), 4},
		{"interrupted", stopped, plain, 130},
		{"done in spite of a late signal", stopped, nil, 0},
	} {
		if got := exitCode(c.ctx, c.err); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}
