//go:build e2e

package login

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// strange is a name with a password that no URL could have as it is.
func strange() string {
	return "someone:c@t/\" " + registrytest.Secret("typed") + "@registry.test/app:1"
}

// typedInto are the names that people put their password into.
func typedInto() []string {
	const host = "registry.test"
	login := "someone:" + registrytest.Secret("typed") + "@"
	return []string{
		login + host + "/app:1", login + host, login + host + "/app", login + "localhost:5000/app:1",
		"https://" + login + host + "/app:1", "http://" + login + host, "docker://" + login + host + "/app:1",
		"https://" + registrytest.Secret("typed") + "@" + host + "/app:1",
		"//" + login + host + "/app:1", "docker:////" + login + host + "/app:1", "docker://https://" + login + host + "/app:1",
		"oci-layout:////" + login + host + "/app:1", "oci-layout://" + login + host + "/app:1",
		registrytest.Secret("typed") + "@127.0.0.1:6801/app:1",
		strange(),
	}
}

// typedNames are command lines that take a name, NAME; SPEC, REGISTRY and MIRROR are
// files that do. Each must end with exit code 2.
func typedNames() []string {
	return []string{
		"inspect NAME", "inspect --raw NAME", "query NAME", "query app:1 NAME", "resolve NAME", "diff app:1 NAME", "tags NAME", "verify NAME",
		"verify -o json NAME", "auth explain NAME", "login NAME", "logout NAME", "config NAME", "help NAME", "version NAME", "completion NAME", "NAME",
		"push NAME", "push from-spec SPEC", "inspect app:1 NAME", "inspect --realm-host NAME app:1",
		"config --check REGISTRY", "config --check MIRROR",
		"push from-args --platforms linux/amd64 --template NAME --target registry.test/app:1",
		"push from-args --platforms linux/amd64 --template registry.test/app:ARCH --target NAME",
	}
}

// typedElsewhere are command lines and files with a place for something else.
func typedElsewhere() []string {
	return []string{
		"push from-spec NAME", "push --debug from-spec TAGS",
		"push from-args --platforms NAME --template registry.test/app:ARCH --target registry.test/app:1",
		"push from-args --platforms linux/amd64 --template registry.test/app:ARCH --target registry.test/app:1 --tags NAME",
		"push from-args --platforms linux/amd64 --template registry.test/app:ARCH --target registry.test/app:1 --tags PARTED",
		"push --expect NAME from-spec SPEC", "push --type NAME from-spec SPEC",
		"inspect --platform NAME app:1", "inspect -o NAME app:1", "inspect --color NAME app:1", "inspect --jobs NAME app:1",
		"inspect --config NAME app:1", "inspect --docker-cfg NAME app:1", "resolve --rule NAME app:1",
		"verify --binaries NAME app:1", "verify --ignore NAME app:1", "query --has NAME app:1", "inspect --NAME app:1",
		"config --check NAME", "config --check KEY", "config --check VALUE",
	}
}

// TestNoTypedPasswordInOutput runs every command with a password in a place
// where none belongs.
func TestNoTypedPasswordInOutput(t *testing.T) {
	t.Parallel()
	for _, name := range typedInto() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{
				"SPEC":     "image: registry.test/app:1\nmanifests:\n  - image: %s\n",
				"TAGS":     "image: registry.test/app:1\ntags: [%s]\nmanifests:\n  - image: registry.test/app:2\n",
				"REGISTRY": "registries:\n  - name: %s\n",
				"MIRROR":   "registries:\n  - name: registry.test\n    mirror: [%s]\n",
				"KEY":      "%s: 1\n",
				"VALUE":    "color: %s\n",
			} {
				clitest.Must(t, os.WriteFile(filepath.Join(dir, file), fmt.Appendf(nil, text, "'"+name+"'"), 0o600))
			}
			runs := typedNames()
			if name != strange() {
				runs = append(runs, typedElsewhere()...)
			}
			for _, run := range runs {
				args := strings.Fields(run)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "NAME", name)
					args[i] = strings.ReplaceAll(args[i], "PARTED", strings.ReplaceAll(name, "@", " @"))
				}
				done := clitest.Session{Dir: dir}.Run(t, args...)
				done.WantCode(t, 2)
				wantNoCanary(t, run, done)
			}
		})
	}
}

// TestNoPasswordOfOtherInputsInOutput is about lists on standard input,
// variables and the proxy, whose password belongs there.
func TestNoPasswordOfOtherInputsInOutput(t *testing.T) {
	t.Parallel()
	for _, name := range typedInto() {
		for _, format := range []string{"text", "json", "yaml", "template={{.Name}} {{.Error}}"} {
			done := clitest.Session{Stdin: name + "\n"}.Run(t, "query", "-o", format)
			done.WantCode(t, 1)
			wantNoCanary(t, "query of a list as "+format, done)
		}
		done := clitest.Session{Env: []string{"MANIFEST_TOOL_REALM_HOSTS=" + name}}.Run(t, "inspect", "registry.test/app:1")
		done.WantCode(t, 2)
		wantNoCanary(t, "a variable", done)
		for _, format := range []string{"text", "json"} {
			shown := clitest.Session{Env: []string{"MANIFEST_TOOL_CA_FILE=" + name}}.Run(t, "config", "-o", format)
			shown.WantCode(t, 0)
			wantNoCanary(t, "the settings as "+format, shown)
		}
		for _, args := range []string{"inspect registry.test/app:1 --debug", "query -o json --debug registry.test/app:1"} {
			proxy := []string{"HTTPS_PROXY=" + strings.TrimSuffix(name, "/app:1"), "https_proxy=" + name}
			done := clitest.Session{Env: proxy}.Run(t, strings.Fields(args)...)
			done.WantCode(t, 1)
			wantNoCanary(t, "the proxy", done)
		}
	}
}

// TestInvalidProxy has a port that is none behind the password: Go goes to
// another host, or without a proxy, and says nothing.
func TestInvalidProxy(t *testing.T) {
	t.Parallel()
	s := clitest.Session{Env: []string{"HTTPS_PROXY=http://someone:" + registrytest.Secret("typed") + "@proxy.test:31x8"}}
	done := s.Run(t, "inspect", "registry.test/app:1")
	done.WantCode(t, 1)
	done.WantStderr(t, "hint: the proxy that HTTPS_PROXY or HTTP_PROXY names cannot be reached")
	done.WantStderr(t, "warning: HTTPS_PROXY is not the address of a proxy, such as http://HOST:PORT: requests go to a wrong one, or to none\n")
	wantNoCanary(t, "a proxy that is none", done)
	local := s.Run(t, "inspect", "oci-layout://none:1")
	local.WantCode(t, 1)
	if strings.Contains(local.Stderr, "PROXY") {
		t.Errorf("a proxy is spoken of where none is needed: %s", local.Stderr)
	}
}

// TestHintForTypedPassword holds the message and the hint.
func TestHintForTypedPassword(t *testing.T) {
	t.Parallel()
	done := clitest.Run(t, "inspect", "someone:"+registrytest.Secret("typed")+"@registry.test/app:1")
	done.WantCode(t, 2)
	for _, want := range []string{`"someone:***@registry.test/app:1"`, "hint: ", "manifest-tool login", "--password-stdin"} {
		if !strings.Contains(done.Stderr, want) {
			t.Errorf("standard error lacks %q: %s", want, done.Stderr)
		}
	}
}

func wantNoCanary(t *testing.T, run string, r clitest.Result) {
	t.Helper()
	if text := r.Stdout + r.Stderr; strings.Contains(text, "c4nary") {
		t.Errorf("%s shows the password: %s", run, text)
	}
}
