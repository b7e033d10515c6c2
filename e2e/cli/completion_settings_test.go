//go:build e2e

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestCompletionSettings completes tags of a registry that needs a certificate and a
// login, from the settings of the user, of a variable or of the line that is typed.
func TestCompletionSettings(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	g.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	app := g.Host + "/app"
	found := []string{app + ":amd64", app + ":arm64", app + ":armv7"}
	settings := "registries:\n  - name: " + g.Host + "\n    ca-file: " + g.CAFile + "\n"
	file := filepath.Join(t.TempDir(), "settings.yaml")
	clitest.Must(t, os.WriteFile(file, []byte(settings), 0o600))
	for _, test := range []struct {
		name     string
		settings string
		env      []string
		words    []string
		want     []string
	}{
		{"no settings", "", nil, []string{"inspect", app + ":"}, nil},
		{"the user's", settings, nil, []string{"inspect", app + ":"}, found},
		{"a variable", "", []string{"MANIFEST_TOOL_CONFIG=" + file}, []string{"inspect", app + ":"}, found},
		{"a flag", "", nil, []string{"--config", file, "inspect", app + ":"}, found},
		{"a flag after the command", "", nil, []string{"inspect", "--config", file, app + ":arm"}, found[1:]},
		{"a flag with a missing file", settings, nil, []string{"--config", "no-such-file", "inspect", app + ":"}, nil},
		{"anonymous", settings, nil, []string{"--anonymous", "inspect", app + ":"}, nil},
		{"invalid ones", settings + "jobs: many\n", nil, []string{"inspect", app + ":"}, nil},
		{"a query service, which has no lists of tags", settings, nil, []string{"query", "--server", "http://127.0.0.1:1", app + ":"}, found},
		{"a query service in the settings", settings + "query-server: http://127.0.0.1:1\n", nil, []string{"query", app + ":am"}, found[:1]},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := clitest.WithSettings(t, test.settings)
			registrytest.WriteLogin(t, filepath.Join(s.Home, ".docker"), g.Host)
			s.Env = test.env
			wantCompleted(t, s, test.want, test.words...)
		})
	}
}
