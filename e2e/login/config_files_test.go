//go:build e2e

package login

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

func authEntry(host, user, password string) string {
	return fmt.Sprintf(`{%q:{"auth":%q}}`, host, base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// TestConfigFilesOfOtherPrograms reads a login from files as PowerShell and Kubernetes
// write them.
func TestConfigFilesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasic(t)
	g.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	entry := authEntry(g.Host, registrytest.UserName, registrytest.UserPassword)
	config := `{"auths":` + entry + "}\r\n"
	wide := binary.LittleEndian.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(config)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	for name, file := range map[string]struct{ name, content string }{
		"byte order mark":    {"config.json", "\ufeff" + config},
		"UTF-16":             {"config.json", string(wide)},
		".dockerconfigjson":  {".dockerconfigjson", config},
		".dockercfg":         {".dockercfg", entry},
		"old format, by key": {"config.json", entry},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			clitest.Must(t, os.WriteFile(filepath.Join(dir, file.name), []byte(file.content), 0o600))
			clitest.Session{Env: []string{"DOCKER_CONFIG=" + dir}}.Run(t, "inspect", g.Host+"/app:amd64").WantCode(t, 0)
			clitest.Run(t, "--docker-cfg", dir, "inspect", g.Host+"/app:amd64").WantCode(t, 0)
			clitest.Run(t, "--docker-cfg", filepath.Join(dir, file.name), "inspect", g.Host+"/app:amd64").WantCode(t, 0)
			shown := clitest.Run(t, "--docker-cfg", dir, "auth", "explain", g.Host+"/app")
			shown.WantCode(t, 0)
			if !strings.Contains(shown.Stdout, filepath.Join(dir, file.name)) {
				t.Errorf("it does not name the file:\n%s", shown.Stdout)
			}
			registrytest.WantNoSecret(t, shown, registrytest.UserPassword)
		})
	}
}

// TestFileOfAnotherUser has a config file that only its owner can read, which takes
// another user to show.
func TestFileOfAnotherUser(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	config := filepath.Join(home, ".docker", "config.json")
	clitest.Must(t, os.MkdirAll(config, 0o700)) // a directory cannot be read by root either
	g := registrytest.StartOpen(t)
	g.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	s := clitest.Session{Home: home}
	done := s.Run(t, "inspect", g.Host+"/app:amd64")
	done.WantCode(t, 0)
	done.WantStderr(t, "warning: ", config)
	s.Run(t, "auth", "explain", g.Host+"/app").WantCode(t, 3)
	s.Run(t, "--strict", "inspect", g.Host+"/app:amd64").WantCode(t, 1)
	for _, named := range []clitest.Session{
		{Env: []string{"REGISTRY_AUTH_FILE=" + config}}, {Env: []string{"DOCKER_CONFIG=" + filepath.Dir(config)}},
	} {
		done := named.Run(t, "inspect", g.Host+"/app:amd64")
		done.WantCode(t, 1)
		done.WantStderr(t, config)
	}
}

// TestPasswordOnStandardInput logs in with passwords as files and shells hand them
// over.
func TestPasswordOnStandardInput(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasic(t)
	for name, input := range map[string]string{
		"no line end": registrytest.UserPassword, "LF": registrytest.UserPassword + "\n", "CRLF": registrytest.UserPassword + "\r\n",
		"byte order mark": "\ufeff" + registrytest.UserPassword + "\r\n",
	} {
		s := clitest.Session{Home: t.TempDir(), Stdin: input}
		done := s.Run(t, "login", "-u", registrytest.UserName, "--password-stdin", g.Host)
		if done.Code != 0 {
			t.Errorf("%s: exit code %d\n%s", name, done.Code, done.Stderr)
		}
	}
	done := clitest.Session{Stdin: registrytest.UserPassword + "\n\n"}.Run(t, "login", "-u", registrytest.UserName, "--password-stdin", g.Host)
	done.WantCode(t, 1)
}

// TestPasswordOfSeveralLines logs in as a service account of Google does, and uses
// what was stored.
func TestPasswordOfSeveralLines(t *testing.T) {
	t.Parallel()
	key := "{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN\\n\"\n}"
	server := registrytest.NewTokenServer(t)
	server.Users = map[string]string{"_json_key": key, "root": "x"}
	g, _ := server.Start(t, nil)
	s := clitest.Session{Home: t.TempDir(), Stdin: key + "\n"}
	s.Run(t, "login", "-u", "_json_key", "--password-stdin", g.Host).WantCode(t, 0)
	g.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	s.Run(t, "inspect", g.Host+"/app:amd64").WantCode(t, 0)
	clitest.Session{Home: t.TempDir(), Stdin: key + "\n"}.Run(t, "-u", "_json_key", "--password-stdin", "inspect", g.Host+"/app:amd64").WantCode(t, 0)
}
