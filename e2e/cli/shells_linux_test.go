//go:build e2e

package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/e2e/internal/terminal"
)

// A shell is one that completes the line that is typed. Its completion script is
// installed as the help of completion describes it.
type shell struct {
	name string
	args []string
	// script is the path of the completion script, in the home directory.
	script string
	// rc is the path of the file that the shell reads at its start, with its content.
	rc, setup string
}

// bashCompletion is loaded by the shells of users, in Debian and elsewhere.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

func shells() []shell {
	return []shell{
		{
			name: "bash", args: []string{"-i"},
			script: ".local/share/bash-completion/completions/manifest-tool",
			rc:     ".bashrc", setup: "PS1='$ '; . " + bashCompletion + "; bind 'set bell-style none'\n",
		},
		{
			name: "zsh", args: []string{"-i"},
			script: ".zsh/_manifest-tool",
			rc:     ".zshrc", setup: "PS1='$ '; fpath=(~/.zsh $fpath); autoload -Uz compinit; compinit -u; bindkey -e; unsetopt beep zle_bracketed_paste\n",
		},
		{
			name: "fish", args: []string{"-i"},
			script: ".config/fish/completions/manifest-tool.fish",
			rc:     ".config/fish/config.fish", setup: "function fish_prompt; echo '$ '; end; set -g fish_greeting; set -g fish_autosuggestion_enabled 0\n",
		},
	}
}

// start starts the shell in a terminal, with manifest-tool in its PATH.
func (s shell) start(t *testing.T, dir string) *terminal.Terminal {
	t.Helper()
	path := clitest.FindTool(t, s.name)
	if _, err := os.Stat(bashCompletion); s.name == "bash" && err != nil {
		clitest.FindTool(t, "bash-completion") // skips the test if it cannot be installed
	}
	home, bin := t.TempDir(), t.TempDir()
	clitest.Must(t, os.Symlink(clitest.Binary(), filepath.Join(bin, "manifest-tool")))
	write := func(name, content string) {
		t.Helper()
		file := filepath.Join(home, name)
		clitest.Must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		clitest.Must(t, os.WriteFile(file, []byte(content), 0o600))
	}
	write(s.script, clitest.Run(t, "completion", s.name).Stdout)
	write(s.rc, s.setup)
	session := clitest.Session{Home: home, Dir: dir, Env: []string{"TERM=xterm", "PATH=" + bin + ":" + os.Getenv("PATH")}}
	started := terminal.Start(t, session, path, s.args...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the terminal has:\n%s", started.Text())
		}
	})
	started.Type(t, "echo started\n")
	clitest.WaitFor(t, s.name+" started", func() bool { return regexp.MustCompile(`(?m)^started$`).MatchString(started.Text()) })
	return started
}

// complete types a line and Tab, and returns the line that the shell made of it: it is
// put after echo, and run.
func complete(t *testing.T, in *terminal.Terminal, line string) string {
	t.Helper()
	result := regexp.MustCompile(`(?m)^COMPLETED (.*)$`)
	before := len(result.FindAllString(in.Text(), -1))
	in.Type(t, line+"\t\x01echo COMPLETED \n") // Ctrl-A: to the begin of the line
	var all [][]string
	clitest.WaitFor(t, "the shell ran "+line, func() bool {
		all = result.FindAllStringSubmatch(in.Text(), -1)
		return len(all) > before
	})
	return strings.TrimSpace(all[before][1])
}

// TestCompletionInShells types lines with Tab into real shells.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.PutImages(t, "team/app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	dir := t.TempDir()
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "index.yaml"), nil, 0o600))
	app := g.Host + "/team/app"
	for _, s := range shells() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			in := s.start(t, dir)
			for _, c := range []struct{ typed, want string }{
				{"ins", "inspect"},
				{"push from-s", "push from-spec"},
				{"inspect --plat", "inspect --platform"},
				{"push from-spec ind", "push from-spec index.yaml"},
				{"resolve --rule pod", "resolve --rule podman"},
				{"inspect --platform win", "inspect --platform windows/a"},
				{"verify --platform linux/s", "verify --platform linux/s390x"},
				{"query --has linux/amd64,linux/ri", "query --has linux/amd64,linux/riscv64"},
				{"query --has=linux/amd64,linux/ri", "query --has=linux/amd64,linux/riscv64"},
				{"inspect " + app + ":am", "inspect " + app + ":amd64"},
				{"inspect " + app + ":ar", "inspect " + app + ":arm"},
				{"query --server http://127.0.0.1:1 " + app + ":am", "query --server http://127.0.0.1:1 " + app + ":amd64"},
				{"inspect 127.0.0.1:1/app:", "inspect 127.0.0.1:1/app:"}, // an error, which is not shown
			} {
				got := complete(t, in, "manifest-tool "+c.typed)
				for begin := time.Now(); got != "manifest-tool "+c.want && time.Since(begin) < clitest.WaitLimit; {
					got = complete(t, in, "manifest-tool "+c.typed) // a busy machine may need more than two seconds for the tags
				}
				clitest.WantText(t, c.typed, "manifest-tool "+c.want, got)
			}
			if strings.Contains(in.Text(), "refused") || strings.Contains(in.Text(), "manifest-tool:") {
				t.Error("an error is shown")
			}
			wantListed(t, in, "manifest-tool inspect "+app+":a", `amd64\s+.*arm64\s+.*armv7`)
		})
	}
}

// wantListed types a line that has several completions, and then Tab until they are
// listed.
func wantListed(t *testing.T, in *terminal.Terminal, line, want string) {
	t.Helper()
	listed := regexp.MustCompile(want)
	in.Type(t, line)
	clitest.WaitFor(t, "the completions are listed", func() bool {
		in.Type(t, "\t")
		time.Sleep(300 * time.Millisecond)
		return listed.MatchString(in.Text())
	})
}
