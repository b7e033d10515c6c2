package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/internal/config"
)

const folder = "../../testdata/config"

// badFile is a file of testdata/config/bad: the line its error names, and
// parts of what it says.
type badFile struct {
	name          string
	line          int
	message, hint string
}

func badFiles() []badFile {
	return []badFile{
		{"binary-tag", 1, "a value with the tag \"!!binary\" cannot be used", ""},
		{"cert-without-key", 1, "client-cert is set without client-key", ""},
		{"color-unknown", 1, "\"color\": unknown value \"pink\": it is auto, always or never", ""},
		{"dotted-key", 1, "unknown key \"registries.a.insecure\"", ""},
		{"empty-path", 1, "\"ca-file\" is empty", ""},
		{"hub-twice", 3, "appears twice, first on line 2", ""},
		{"jobs-empty", 2, "\"jobs\" is empty", ""},
		{"jobs-fraction", 1, "\"jobs\" must be a number", ""},
		{"jobs-huge", 1, "out of range", ""},
		{"jobs-list", 1, "\"jobs\" must be a single value, not a list", ""},
		{"jobs-negative", 1, "\"jobs\": -1 is out of range", ""},
		{"jobs-quoted", 1, "\"jobs\" must be a number", ""},
		{"jobs-text", 1, "\"jobs\" must be a number, not \"many\"", ""},
		{"key-twice", 3, "key \"jobs\" appears twice in the settings, first on line 1", ""},
		{"key-twice-in-registry", 4, "key \"jobs\" appears twice in registries[], first on line 3", ""},
		{"key-without-cert-in-registry", 3, "client-key is set without client-cert", ""},
		{"list", 1, "the settings must be a mapping of keys, not a list", ""},
		{"list-key", 1, "a key in the settings is empty or not a single value", ""},
		{"merge-key", 4, "unknown key \"<<\"", "merge keys are not supported"},
		{"mirror-bare", 3, "is not HOST[:PORT][/PATH]", ""},
		{"mirror-capitals", 3, "is not HOST[:PORT][/PATH]", ""},
		{"mirror-null", 4, "\"mirror[]\" is empty", ""},
		{"mirror-text", 3, "\"mirror\" must be a list, not a single value", ""},
		{"mirror-url", 4, "leave out https://", ""},
		{"name-path", 2, "\"ghcr.io/team\" is not HOST, HOST:PORT or *.DOMAIN", ""},
		{"name-port", 2, "is not HOST", ""},
		{"name-port-high", 2, "is not HOST", ""},
		{"name-star", 2, "is not HOST, HOST:PORT or *.DOMAIN", ""},
		{"name-star-port", 2, "is not HOST, HOST:PORT or *.DOMAIN", ""},
		{"name-url", 2, "leave out https://", ""},
		{"name-user", 2, "a user or a password does not belong", ""},
		{"no-colon", 2, "this is not YAML: could not find expected ':'", ""},
		{"not-utf8", 2, "this is not YAML: invalid", ""},
		{"null-key", 1, "a key in the settings is empty or not a single value", ""},
		{"open-quote", 1, "this is not YAML: found unexpected end of stream", ""},
		{"output-unknown", 1, "it is text, json, yaml, sarif, junit, html or template=TEXT", ""},
		{"own-tag", 1, "a value with the tag \"!mine\" cannot be used", ""},
		{"password", 2, "\"password\" does not belong in a file", "MANIFEST_TOOL_PASSWORD"},
		{"realm-url", 1, "leave out https://", ""},
		{"registries-empty", 1, "\"registries\" must be a list, not nothing", ""},
		{"registries-mapping", 2, "\"registries\" must be a list, not a mapping", ""},
		{"registry-text", 2, "registries[] must be a mapping of keys, not a single value", ""},
		{"registry-twice", 3, "registry \"A.Example.com:5000\" appears twice, first on line 2", ""},
		{"registry-without-name", 2, "key \"name\" is missing in registries[]", ""},
		{"serve-list", 1, "serve must be a mapping of keys, not a list", ""},
		{"serve-unknown", 2, "unknown key \"lisen\" in serve", ""},
		{"serve-listen", 2, "is not HOST:PORT or :PORT", ""},
		{"serve-proxy", 2, "is neither an IP address nor a CIDR block", ""},
		{"server-port", 1, "is not http://HOST[:PORT][/PATH]", ""},
		{"server-scheme", 1, "is not http://HOST[:PORT][/PATH]", ""},
		{"server-user", 1, "a user or a password does not belong", ""},
		{"switch-number", 1, "\"strict\" must be true or false", ""},
		{"switch-quoted", 1, "\"strict\" must be true or false", ""},
		{"switch-text", 1, "\"strict\" must be true or false", ""},
		{"tab", 2, "this is not YAML: a tab, where YAML requires spaces", ""},
		{"text", 1, "the settings must be a mapping of keys, not a single value", ""},
		{"timeout-negative", 1, "\"timeout\": -5s is negative", ""},
		{"timeout-without-unit", 1, "\"timeout\": \"30\" is not a duration, such as 90s", ""},
		{"timeout-words", 1, "\"timeout\": \"5 minutes\" is not a duration", ""},
		{"two-documents", 2, "the settings must be one document", ""},
		{"type-unknown", 3, "\"type\": unknown value \"dokcer\": it is auto, docker or oci", ""},
		{"unknown-anchor", 2, "this is not YAML: unknown anchor 'c' referenced", ""},
		{"unknown-key", 2, "unknown key \"jbos\" in the settings", "did you mean \"jobs\"?"},
		{"unknown-key-capital", 1, "unknown key \"Jobs\" in the settings", "did you mean \"jobs\"?"},
		{"unknown-key-in-registry", 3, "unknown key \"insecur\" in registries[]", "did you mean \"insecure\"?"},
		{"verify-unknown", 1, "\"verify\": unknown value", ""},
	}
}

func TestKeysThatAFileMustNotHaveAreNotOffered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("nonsense: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := (config.Options{}).Check(path)
	var bad *config.Error
	if !errors.As(err, &bad) || !strings.Contains(bad.HintText, "username") || strings.Contains(bad.HintText, "password") {
		t.Errorf("%v, hint %+v", err, bad)
	}
}

func TestABadFileIsNamedWithItsLine(t *testing.T) {
	for _, c := range badFiles() {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(folder, "bad", c.name+".yaml")
			_, err := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": path})
			var bad *config.Error
			if !errors.As(err, &bad) {
				t.Fatalf("error %v", err)
			}
			if want := fmt.Sprintf("%s:%d: ", path, c.line); !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), c.message) {
				t.Errorf("error %q, want %q and in it %q", err, want, c.message)
			}
			if !strings.Contains(bad.HintText, c.hint) {
				t.Errorf("hint %q, want %q in it", bad.HintText, c.hint)
			}
			if strings.Contains(err.Error()+bad.HintText, "rabbit") {
				t.Errorf("a password is shown: %q", err)
			}
			if _, again := (config.Options{}).Check(path); again == nil || again.Error() != err.Error() {
				t.Errorf("--check says %v", again)
			}
		})
	}
	files, err := os.ReadDir(filepath.Join(folder, "bad"))
	if err != nil || len(files) != len(badFiles()) {
		t.Errorf("%d files for %d cases: %v", len(files), len(badFiles()), err)
	}
}
