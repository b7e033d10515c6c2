package auth

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The platform's own store on Linux without `pass` is secretservice.
func TestDefaultStoreOfThePlatform(t *testing.T) {
	other := fmt.Sprintf(`{"auths":{"o.example":{"auth":%q}}}`, basic("o", "x"))
	tests := []struct {
		name, config, script, want, warned string
		installed                          bool
	}{
		{"file without logins", `{"psFormat":"x"}`, answerScript, "u-get", "", true},
		{"no file", "", answerScript, "u-get", "", true},
		{"program not there", `{}`, "", "", "", false},
		{"file with a login", other, answerScript, "", "", true},
		{"failing store", `{}`, "echo no session bus; exit 1", "", "no session bus", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("PATH", dir)
			if tt.installed {
				helpers{dir}.add(t, "secretservice", tt.script)
			}
			o := Options{DockerConfig: t.TempDir()}
			if tt.config != "" {
				o.DockerConfig = writeConfig(t, tt.config)
			}
			var warned []string
			o.Warn = func(message string) { warned = append(warned, message) }
			got, err := newKeychain(t, o).Credential(t.Context(), "r.example", "")
			if err != nil || got.Username != tt.want {
				t.Errorf("user %q, %v; want %q", got.Username, err, tt.want)
			}
			if text := strings.Join(warned, "\n"); !strings.Contains(text, tt.warned) || (tt.warned == "" && text != "") {
				t.Errorf("warned %q, want %q", text, tt.warned)
			}
			if entries, err := os.ReadDir(o.DockerConfig); err == nil && len(entries) > 0 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}
