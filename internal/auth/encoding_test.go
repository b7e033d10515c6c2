//go:build unix

package auth

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-containerregistry/pkg/authn"
)

func utf16Text(s string, order binary.AppendByteOrder, mark bool) string {
	var out []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, unit := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestConfigFilesAsPowerShellWritesThem(t *testing.T) {
	noHelpers(t)
	config := "{\r\n  \"auths\": {\"r.example\": {\"auth\": \"" + basic("zoë", "pässword😀") + "\"}}\r\n}\r\n"
	for name, content := range map[string]string{
		"UTF-8":                         config,
		"UTF-8 with a byte order mark":  "\ufeff" + config,
		"UTF-16, little endian":         utf16Text(config, binary.LittleEndian, true),
		"UTF-16, big endian":            utf16Text(config, binary.BigEndian, true),
		"UTF-16LE without a byte order": utf16Text(config, binary.LittleEndian, false),
		"UTF-16BE without a byte order": utf16Text(config, binary.BigEndian, false),
	} {
		t.Run(name, func(t *testing.T) {
			path := writeConfig(t, content)
			var warnings []string
			o := Options{DockerConfig: path, Warn: func(m string) { warnings = append(warnings, m) }}
			got, err := newKeychain(t, o).Credential(t.Context(), "r.example", "")
			if err != nil || got.Username != "zoë" || got.Password != "pässword😀" || len(warnings) > 0 {
				t.Fatalf("%+v %v %v", got, err, warnings)
			}
			o.Username, o.Password = "new", "secret"
			if _, err := Login(t.Context(), o, "other.example", proved("")); err != nil {
				t.Fatal(err)
			}
			after := readFile(t, path)
			want := strings.Replace(config, `"}}`, `"},"other.example":{"auth":"`+basic("new", "secret")+`"}}`, 1)
			if strings.ReplaceAll(after, " ", "") != strings.ReplaceAll(want, " ", "") {
				t.Errorf("after a login: %q, want %q", after, want)
			}
			if said := strings.Contains(strings.Join(warnings, "\n"), "is now UTF-8"); said != (content != config) {
				t.Errorf("warnings %q", warnings)
			}
		})
	}
	for _, content := range []string{"\xff\xfe{", "\xff\xfe{\x00}", "\xef\xbb\xbf", "\xff\xfe", "\x00{", "{\x00"} {
		_, _ = newKeychain(t, Options{DockerConfig: writeConfig(t, content)}).Credential(t.Context(), "r.example", "")
	}
}

func TestMountedKubernetesSecrets(t *testing.T) {
	noHelpers(t)
	login := func(user string) string { return `{"r.example":{"auth":"` + basic(user, "p") + `"}}` }
	for name, c := range map[string]struct {
		files map[string]string
		user  string
		fails string
	}{
		".dockerconfigjson":                {map[string]string{secretName: `{"auths":` + login("new") + `}`}, "new", ""},
		".dockercfg":                       {map[string]string{oldName: login("old")}, "old", ""},
		".dockercfg with auths":            {map[string]string{oldName: `{"auths":` + login("odd") + `}`}, "odd", ""},
		"user and password":                {map[string]string{oldName: `{"https://r.example/v1/":{"username":"plain","password":"p","email":"e"}}`}, "plain", ""},
		"config.json in the old format":    {map[string]string{configName: login("old")}, "old", ""},
		"config.json comes first":          {map[string]string{configName: `{}`, secretName: `{"auths":` + login("new") + `}`}, "", ""},
		".dockerconfigjson before the old": {map[string]string{oldName: login("old"), secretName: `{"auths":` + login("new") + `}`}, "new", ""},
		"no login in it":                   {map[string]string{oldName: `{"r.example":{"auth":"bm8tY29sb24="}}`}, "", ""},
		"broken":                           {map[string]string{oldName: "{\n\"r.example\": {"}, "", "ends too early"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, o := range []Options{{DockerConfig: dir}, {Getenv: func(name string) string { return map[string]string{"DOCKER_CONFIG": dir}[name] }}} {
				got, err := newKeychain(t, o).Credential(t.Context(), "r.example", "")
				if got.Username != c.user || (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%+v %v", got, err)
				}
			}
		})
	}
}

func TestALoginIsNotWrittenInTheOldFormat(t *testing.T) {
	noHelpers(t)
	dir := t.TempDir()
	path := filepath.Join(dir, oldName)
	content := `{"r.example":{"auth":"` + basic("old", "p") + `"}}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{DockerConfig: dir, Username: "u", Password: "p"}
	asked := false
	_, loginErr := Login(t.Context(), o, "o.example", func(context.Context) (string, error) { asked = true; return "", nil })
	_, logoutErr := Logout(t.Context(), o, "r.example")
	for _, err := range []error{loginErr, logoutErr} {
		var broken *FileError
		if !errors.As(err, &broken) || broken.Path != path || !strings.Contains(err.Error(), "which is not written") {
			t.Errorf("error %v", err)
		}
	}
	if asked || readFile(t, path) != content {
		t.Error("the registry was asked, or the file changed")
	}
}

func TestADefaultFileThatCannotBeRead(t *testing.T) {
	noHelpers(t)
	home := t.TempDir()
	config := filepath.Join(home, ".docker", configName)
	if err := os.MkdirAll(config, 0o700); err != nil { // as docker run -v makes it
		t.Fatal(err)
	}
	var warnings []string
	o := Options{Home: home, Warn: func(m string) { warnings = append(warnings, m) }}
	k := newKeychain(t, o)
	for range 2 {
		if got, err := k.Credential(t.Context(), "r.example", ""); err != nil || got != (authn.AuthConfig{}) {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], config) {
		t.Errorf("warnings %q", warnings)
	}
	named := map[string]Options{
		"strict": {Home: home, Strict: true}, "flag": {DockerConfig: config + "/none.json"},
		"variable": {Getenv: func(name string) string { return map[string]string{"REGISTRY_AUTH_FILE": config}[name] }},
	}
	for name, o := range named {
		k, err := New(o)
		if err == nil {
			_, err = k.Credential(t.Context(), "r.example", "")
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Login(t.Context(), Options{Home: home, Username: "u", Password: "p"}, "r.example", proved("")); err == nil {
		t.Error("a login is stored nowhere, and nothing says so")
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}
