package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

// badConfig is a line of testdata/bad/auth.txt.
type badConfig struct {
	class, name string
	body        []byte
}

func badConfigs(tb testing.TB) (all []badConfig) {
	tb.Helper()
	folder := filepath.Join("..", "..", "testdata", "bad")
	raw, err := os.ReadFile(filepath.Join(folder, "auth.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		class, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		body, err := os.ReadFile(filepath.Join(folder, "auth", name))
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, badConfig{class, name, body})
	}
	return all
}

// TestBadConfigFiles reads each stored file for a host.
// All that is secret in them is called rabbit-hole, plain or in base64.
func TestBadConfigFiles(t *testing.T) {
	noHelpers(t)
	says := map[string]string{
		"syntax": "is not valid JSON", "short": "ends too early", "type": "of the wrong type", "auth": "base64", "helper": `"r.example"`,
	}
	for _, file := range badConfigs(t) {
		t.Run(file.name, func(t *testing.T) {
			path := writeConfig(t, string(file.body))
			got, err := newKeychain(t, Options{DockerConfig: path}).Credential(t.Context(), "r.example", "")
			if got != (authn.AuthConfig{}) {
				t.Errorf("it gave %+v", got)
			}
			if file.class == "none" {
				if err != nil {
					t.Errorf("%v, want no login and no error", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), says[file.class]) {
				t.Fatalf("%v, want it to say %q", err, says[file.class])
			}
			if file.class != "helper" && !strings.Contains(err.Error(), path) {
				t.Errorf("%v does not name the file", err)
			}
			for _, secret := range []string{"rabbit", basic("alice", "rabbit-hole")[:8], "cmFiYml0"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%v repeats the file", err)
				}
			}
		})
	}
}
