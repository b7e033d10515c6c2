package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/internal/errtext"
)

func TestAddRealmHost(t *testing.T) {
	const added = "  - name: reg.example:5050\n    realm-hosts: [gitlab.example]\n"
	for name, tt := range map[string]struct{ before, after string }{
		"no file":                      {"", "registries:\n" + added},
		"comments":                     {"# mine\n", "# mine\nregistries:\n" + added},
		"no line end":                  {"jobs: 4", "jobs: 4\nregistries:\n" + added},
		"no registries":                {"jobs: 4 # four\n\n# end\n", "jobs: 4 # four\n\n# end\nregistries:\n" + added},
		"Windows line ends":            {"jobs: 4\r\n", "jobs: 4\r\nregistries:\r\n" + strings.ReplaceAll(added, "\n", "\r\n")},
		"another registry":             {"registries:\n  - name: a.example # a\n    jobs: 2\n# end\ncolor: never\n", "registries:\n  - name: a.example # a\n    jobs: 2\n" + added + "# end\ncolor: never\n"},
		"not indented":                 {"registries:\n- name: a.example\n", "registries:\n- name: a.example\n- name: reg.example:5050\n  realm-hosts: [gitlab.example]\n"},
		"the registry":                 {"registries:\n  - name: reg.example:5050\n    jobs: 2 # two\n", "registries:\n  - name: reg.example:5050\n    realm-hosts: [gitlab.example]\n    jobs: 2 # two\n"},
		"the name last":                {"registries:\n  - jobs: 2\n    name: Reg.Example:5050\n", "registries:\n  - jobs: 2\n    name: Reg.Example:5050\n    realm-hosts: [gitlab.example]\n"},
		"host and port":                {"registries:\n  - name: reg.example\n  - name: reg.example:5050\n", "registries:\n  - name: reg.example\n  - name: reg.example:5050\n    realm-hosts: [gitlab.example]\n"},
		"a list of lines":              {"registries:\n  - name: reg.example:5050\n    realm-hosts:\n      - a.example # a\n    jobs: 2\n", "registries:\n  - name: reg.example:5050\n    realm-hosts:\n      - a.example # a\n      - gitlab.example\n    jobs: 2\n"},
		"a list in brackets":           {"registries:\n  - name: reg.example:5050\n    realm-hosts: [ \"a.example\", b.example ] # ü\n", "registries:\n  - name: reg.example:5050\n    realm-hosts: [ gitlab.example, \"a.example\", b.example ] # ü\n"},
		"a list of brackets and lines": {"registries:\n  - name: reg.example:5050\n    realm-hosts: [\n      a.example,\n    ]\n", "registries:\n  - name: reg.example:5050\n    realm-hosts: [\n      gitlab.example, a.example,\n    ]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new", "config.yaml")
			if tt.before != "" {
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(tt.before), 0o640); err != nil {
					t.Fatal(err)
				}
			}
			if err := AddRealmHost(t.Context(), path, "reg.example:5050", "gitlab.example"); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != tt.after {
				t.Errorf("got %q, %v, want %q", got, err, tt.after)
			}
			info, err := os.Stat(path)
			if want := os.FileMode(0o640); err != nil || tt.before != "" && info.Mode().Perm() != want {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
		})
	}
}

// TestAddRealmHostOfOnePort has an entry for all ports of a host, whose logins must not
// get the token server of one of them.
func TestAddRealmHostOfOnePort(t *testing.T) {
	const before = "registries:\n  - name: Reg.Example\n    jobs: 2\n"
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	err := AddRealmHost(t.Context(), path, "reg.example:5050", "gitlab.example")
	const hint = "add an entry with name: reg.example:5050 and realm-hosts: [gitlab.example] to registries"
	if !errors.Is(err, errOtherPorts) || !strings.HasPrefix(errtext.Hint(err), hint) {
		t.Errorf("got %v, hint %q", err, errtext.Hint(err))
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != before {
		t.Errorf("the file is %q, %v", got, err)
	}
	if err := AddRealmHost(t.Context(), path, "reg.example", "gitlab.example"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != strings.Replace(before, "Example\n", "Example\n    realm-hosts: [gitlab.example]\n", 1) {
		t.Errorf("the file is %q, %v", got, err)
	}
}

// TestAddRealmHostLeavesTheFile has forms that are not edited, and entries whose change
// would change more than the one registry has.
func TestAddRealmHostLeavesTheFile(t *testing.T) {
	for name, before := range map[string]string{
		"braces":             "{jobs: 4}\n",
		"an entry in braces": "registries:\n  - {name: reg.example:5050}\n",
		"an empty list":      "registries: []\n",
		"a domain":           "registries:\n  - name: \"*.example\"\n    jobs: 2\n",
		"invalid":            "jobs: many\n",
		"two documents":      "jobs: 4\n---\njobs: 5\n",
		"an end mark":        "jobs: 4\n...\n",
		"a shared list":      "registries:\n  - name: reg.example:5050\n    realm-hosts: &a [a.example]\n  - name: other.example\n    realm-hosts: *a\n",
		"a lone CR":          "# a\rjobs: 4\rregistries:\r  - name: reg.example:5050\r",
		"a CR in a comment":  "jobs: 4 # a\r# b\nregistries:\n  - name: reg.example:5050\n    realm-hosts: [a.example]\n",
		"NEL":                "registries: # a\u0085  - name: reg.example:5050\n",
		"LS":                 "# a\u2028# b\u2028registries:\u2028  - name: reg.example:5050\u2028    realm-hosts: [a.example]\n",
		"PS":                 "# a\u2029# b\u2029registries:\u2029  - name: reg.example:5050\n",
		"UTF-16":             "\xff\xfej\x00o\x00b\x00s\x00:\x00 \x004\x00\n\x00",
		"there already":      "registries:\n  - name: reg.example:5050\n    realm-hosts: &a [gitlab.example, *a]\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			err := AddRealmHost(t.Context(), path, "reg.example:5050", "gitlab.example")
			if err == nil || !strings.Contains(errtext.Hint(err), "add realm-hosts: [gitlab.example]") {
				t.Errorf("error %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != before {
				t.Errorf("the file is %q, %v", got, err)
			}
		})
	}
}
