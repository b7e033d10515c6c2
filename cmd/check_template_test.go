package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestTemplate_CheckedFirst pushes and logs in with a template that cannot be
// executed: nothing may be written.
func TestTemplate_CheckedFirst(t *testing.T) {
	t.Parallel()
	m := &machine{dir: t.TempDir(), names: map[string]string{}, env: map[string]string{}}
	const template = "template={{.Foo}}"
	one := "image: TARGET\nmanifests:\n- image: " + amd64Source + "\n"
	for _, got := range []outcome{
		m.spec(t, one, "-o", template),
		m.main(fromArgs("linux/amd64", strings.Replace(amd64Source, "amd64", "ARCH", 1), "-o", template)...),
		m.main("-u", "a", "login", "-o", template, "registry.example.com"),
	} {
		if got.code != 2 || got.out != "" || !strings.Contains(got.errOut, "--output: line 1 of the template: at <.Foo>: there is no field Foo") {
			t.Errorf("exit code %d: %s%s", got.code, got.out, got.errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(m.dir, "app")); !os.IsNotExist(err) {
		t.Errorf("the layout was written: %v", err)
	}
}

// TestTemplate_EveryResult requires the type of result of every command with --output.
func TestTemplate_EveryResult(t *testing.T) {
	t.Parallel()
	root, _ := build(Deps{})
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for _, child := range c.Commands() {
			visit(child)
		}
		hasOutput := c.Flag("output") != nil && !c.HasSubCommands()
		if (resultOf(c.Name()) != nil) != (hasOutput && c.Name() != "config") {
			t.Errorf("%s: --output is %v, and the result %T", c.CommandPath(), hasOutput, resultOf(c.Name()))
		}
	}
	visit(root)
}
