package config_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"manifest-tool/internal/config"
)

// TestTheTablesOfTheDocumentationAreFresh holds docs/config.md to the lists of
// settings. What it prints is to be put there.
func TestTheTablesOfTheDocumentationAreFresh(t *testing.T) {
	raw, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{"settings": settingsTable(), "registries": registriesTable()} {
		if !strings.Contains(string(raw), "\n\n"+table+"\n") {
			t.Errorf("docs/config.md does not have the present table of %s:\n\n%s", name, table)
		}
	}
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("| key | flag | variable | values | default | what it does |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, s := range config.Settings() {
		key := "`" + s.Key + "`"
		if s.Kind == config.Secret {
			key = ""
		}
		fmt.Fprintf(&b, "| %s | `--%s` | `%s` | %s | %s | %s |\n", key, s.Flag, s.Variable(), values(s), defaultOf(s), s.Help)
	}
	return b.String()
}

func registriesTable() string {
	var b strings.Builder
	b.WriteString("| key | values | what it does |\n| --- | --- | --- |\n")
	for _, s := range config.RegistrySettings() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Key, values(s), s.Help)
	}
	return b.String()
}

func values(s config.Setting) string {
	switch s.Kind {
	case config.KindEnum, config.Format:
		return "`" + strings.Join(s.Choices, "`, `") + "`"
	case config.KindBool:
		return "`true`, `false`"
	case config.KindInt:
		return fmt.Sprintf("0 to %d", config.MaxNumber)
	case config.Path:
		return "a path"
	case config.Hosts, config.Mirrors, config.Names, config.Namespaces, config.Networks:
		return "a list"
	}
	if s.Kind == config.Address {
		return "an address"
	}
	return "a " + strings.NewReplacer("secret", "string", "url", "URL").Replace(string(s.Kind))
}

func defaultOf(s config.Setting) string {
	switch v := s.Default.(type) {
	case []string:
		return ""
	case string:
		if v == "" {
			return ""
		}
	}
	return fmt.Sprintf("`%v`", s.Default)
}
