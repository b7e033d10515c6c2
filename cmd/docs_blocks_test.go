package cmd

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"mvdan.cc/sh/v3/syntax"

	"manifest-tool/internal/manifest/spec"
)

// docBlock is a block of code in a page.
type docBlock struct {
	page     string
	line     int
	language string // empty if the page does not say it, or the block is indented
	text     string
}

// unchecked are the blocks that show commands or files of other programs only, so
// that neither this test nor e2e/docs has anything to run: their page, text by which
// each is found, and the reason.
var unchecked = []struct{ page, text, reason string }{
	{"CONTRIBUTING.md", "go test -tags e2e", "runs the tests themselves"},
	{"docs/howto/wrong-image.md", "uname -m", "is run on a node of a cluster"},
	{"docs/install.md", "install.sh | sh", "fetches a release; make release-test runs the script"},
	{"docs/install.md", "tar -xz", "fetches a release; make release-test looks into the archives"},
	{"docs/install.md", "cosign verify-blob", "needs a release that was signed"},
	{"docs/releasing.md", "git tag", "publishes; make release-test makes the same files"},
	{"docs/releasing.md", "goreleaser release", "needs a tag that was released; make release-test compares two builds"},
	{"docs/serve.md", "systemctl enable", "installs a system service; e2e/deploy runs its command line"},
	{"docs/serve.md", "docker build", "needs a container engine; e2e/deploy checks the files"},
}

// TestBlocksOfDocumentationAreChecked requires a check for each block of each page, by
// its language: console is run by e2e/docs, of shell scripts and pipelines the command
// lines of this program must be valid, and of YAML and JSON the content.
func TestBlocksOfDocumentationAreChecked(t *testing.T) {
	used := make([]bool, len(unchecked))
	for _, b := range blocksOfDocumentation(t) {
		checked := false
		switch b.language {
		case "console":
			checked = true
			b.checkCommands(t, promptLines(b.text))
		case "sh", "bash", "shell":
			checked = b.checkCommands(t, b.text) > 0
		case "yaml", "yml":
			checked = b.isOfCI() || b.checkYAML(t)
		case "json":
			if checked = json.Valid([]byte(b.text)); !checked {
				t.Errorf("%s:%d: the JSON is not valid", b.page, b.line)
			}
		case "handlebars":
			checked = true
			b.checkTemplate(t)
		case "groovy":
			checked = b.checkGroovy(t) > 0
		case "text", "dockerfile", "toml", "mermaid", "powershell", "diff", "http", "html", "markdown":
			checked = true // output and files of others, but for lines of this program
			b.checkLines(t)
		default:
			t.Errorf("%s:%d: a block without a known language, %q: use console for commands that run, "+
				"sh for those that cannot, text for output", b.page, b.line, b.language)
			continue
		}
		n := slices.IndexFunc(unchecked, func(u struct{ page, text, reason string }) bool {
			return u.page == b.page && strings.Contains(b.text, u.text)
		})
		switch {
		case n >= 0:
			used[n] = true
		case !checked:
			t.Errorf("%s:%d: no test runs or checks this block", b.page, b.line)
		}
	}
	for i, u := range unchecked {
		if !used[i] {
			t.Errorf("%s has no block with %q any more", u.page, u.text)
		}
	}
}

// isOfCI reports whether e2e/ci checks the files of a page.
func (b docBlock) isOfCI() bool { return strings.HasPrefix(b.page, "docs/ci/") }

// checkYAML checks a spec, a settings file, or the command lines in another file, and
// reports whether it is one of these.
func (b docBlock) checkYAML(t *testing.T) bool {
	t.Helper()
	var document map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(b.text), &document); err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
		return true
	}
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { _, ok := document[key]; return ok })
	}
	switch {
	case has("manifests"):
		specs, err := spec.Parse(b.page, []byte(b.text))
		if err != nil || len(specs[0].Warnings) > 0 {
			t.Errorf("%s:%d: not a good spec: %v %v", b.page, b.line, err, specs)
		}
		return true
	case has("registries", "serve", "arch-names") && !has("services"):
		file := filepath.Join(t.TempDir(), "settings.yaml")
		if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		done := run(t, "config", "--check", file)
		if done.code != 0 && !strings.Contains(done.errOut, "no such file") { // of a certificate
			t.Errorf("%s:%d: not a settings file: %s", b.page, b.line, done.errOut)
		}
		return true
	}
	return b.checkStep(t) || b.checkLines(t) > 0
}

// promptLines returns the commands of a console block.
func promptLines(text string) string {
	var commands string
	var open bool
	for _, line := range strings.Split(text, "\n") {
		command, begins := strings.CutPrefix(line, "$ ")
		if open {
			command = strings.TrimPrefix(line, "> ")
		}
		if begins || open {
			commands += command + "\n"
			_, err := syntax.NewParser().Parse(strings.NewReader(commands), "")
			open = strings.HasSuffix(command, `\`) || err != nil
		}
	}
	return commands
}

// blocksOfDocumentation returns the blocks of all pages that people write.
func blocksOfDocumentation(t *testing.T) []docBlock {
	t.Helper()
	var blocks []docBlock
	for _, page := range writtenPages(t) {
		raw, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, readBlocks(page, string(raw))...)
	}
	if len(blocks) < 20 {
		t.Fatalf("found %d blocks", len(blocks))
	}
	return blocks
}

// writtenPages returns the paths of all pages that people write.
func writtenPages(t *testing.T) []string {
	t.Helper()
	root := os.DirFS("..")
	pages, err := fs.Glob(root, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(root, "docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path == "docs/commands" {
			return fs.SkipDir
		}
		if err == nil && filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// readBlocks returns the blocks of a page: fenced ones, also in a list, and those that
// are indented by four spaces after an empty line, outside a list.
func readBlocks(page, text string) []docBlock {
	var blocks []docBlock
	var fenced, inList bool
	previous := ""
	for number, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		last := len(blocks) - 1
		switch {
		case !fenced && strings.HasPrefix(trimmed, "```"):
			language, _, _ := strings.Cut(strings.TrimPrefix(trimmed, "```"), " ")
			blocks, fenced = append(blocks, docBlock{page, number + 1, language, ""}), true
		case fenced && trimmed == "```":
			fenced = false
		case fenced:
			blocks[last].text += line + "\n"
		case strings.HasPrefix(line, "    ") && previous == "" && !inList:
			blocks = append(blocks, docBlock{page, number + 1, "", line})
		case trimmed != "" && !strings.HasPrefix(line, " "):
			inList = strings.HasPrefix(line, "- ") || line[0] >= '0' && line[0] <= '9' && strings.Contains(line, ". ")
		}
		previous = trimmed
	}
	return blocks
}
