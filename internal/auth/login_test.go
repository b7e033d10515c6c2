//go:build unix

package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// proved takes any credential; its value is the identity token.
func proved(token string) CheckFunc {
	return func(context.Context) (string, error) { return token, nil }
}

// accept makes a helper that keeps what it is given in the file NAME.kept and
// answers with it.
func (h helpers) accept(t *testing.T, name string) string {
	t.Helper()
	kept := filepath.Join(h.dir, name+".kept")
	script := fmt.Sprintf(`#!/bin/sh
echo "$1" >>%[1]s
case $1 in
store) cat >%[2]s ;;
erase) rm %[2]s ;;
get) cat >/dev/null; cat %[2]s 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
esac
`, h.log(name), kept)
	if err := os.WriteFile(filepath.Join(h.dir, helperPrefix+name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return kept
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

func TestLogin_File(t *testing.T) {
	noHelpers(t)
	alice := basic("alice", "rabbit")
	const odd = "{ \"z\":\t[1, 2],\n  \"auths\": { \"o.example\": {\"auth\":\"bzpv\"} },\n  \"HttpHeaders\": {\"a\": \"b\"} }\n"
	for _, tt := range []struct{ name, host, before, after, token string }{
		{"no file", "r.example", "", "{\n\t\"auths\": {\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"" + alice + "\"\n\t\t}\n\t}\n}", ""},
		{"beside other keys", "r.example", odd, strings.Replace(odd, `"bzpv"} }`, `"bzpv"}, "r.example": {"auth":"`+alice+`"} }`, 1), ""},
		{"in place of an older one", "r.example", `{"auths":{"r.example":{"auth":"` + basic("old", "x") + `","email":"e"}}}`, `{"auths":{"r.example":{"auth":"` + alice + `","email":"e"}}}`, ""},
		{"in place of a token", "r.example", `{"auths":{"r.example":{"identitytoken":"t","registrytoken":"r"}}}`, `{"auths":{"r.example":{"auth":"` + alice + `"}}}`, ""},
		{"in an empty entry", "r.example", `{"auths":{"r.example":{}}}`, `{"auths":{"r.example":{"auth":"` + alice + `"}}}`, ""},
		{"docker hub", "index.docker.io", `{"a":1}`, `{"a":1,"auths":{"https://index.docker.io/v1/":{"auth":"` + alice + `"}}}`, ""},
		{"an identity token", "r.example", `{"a":1}`, `{"a":1,"auths":{"r.example":{"auth":"` + basic("alice", "") + `","identitytoken":"idt"}}}`, "idt"},
		{"a namespace of it", "r.example", `{"auths":{"r.example/team":{"auth":"dDp0"}}}`, `{"auths":{"r.example/team":{"auth":"dDp0"},"r.example":{"auth":"` + alice + `"}}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, configName)
			if tt.before != "" {
				if err := os.WriteFile(path, []byte(tt.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var warned []string
			o := Options{
				Username: "alice", Password: "rabbit", Getenv: values{"DOCKER_CONFIG": dir}.get,
				Warn: func(message string) { warned = append(warned, message) },
			}
			done, err := Login(t.Context(), o, tt.host, proved(tt.token))
			if err != nil || done.Path != path || done.Helper != "" {
				t.Fatalf("%+v, %v", done, err)
			}
			if diff := cmp.Diff(tt.after, content(t, path)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if len(warned) != 1 || !strings.Contains(warned[0], "unencrypted in "+fmt.Sprintf("%q", path)) {
				t.Errorf("warned %q", warned)
			}
			onlyFiles(t, dir, configName)
			got, err := newKeychain(t, Options{Getenv: o.Getenv}).Credential(t.Context(), tt.host, "")
			if err != nil || got.Username != "alice" || got.IdentityToken != tt.token || tt.token == "" && got.Password != "rabbit" {
				t.Errorf("read back: %+v, %v", got, err)
			}
		})
	}
}

// onlyFiles asserts what is in a folder, so that nothing temporary stays.
func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestLogin_Failed(t *testing.T) {
	noHelpers(t)
	refused := errors.New("refused")
	for _, tt := range []struct {
		name, before string
		prove        CheckFunc
		want         string
	}{
		{"refused, no file", "", func(context.Context) (string, error) { return "", refused }, "refused"},
		{"refused", `{"a":1}`, func(context.Context) (string, error) { return "", refused }, "refused"},
		{"broken file", `{"a":`, proved(""), "ends too early"},
		{"missing helper", `{"credsStore":"absent"}`, proved(""), "docker-credential-absent"},
		{"two values", `{} {}`, proved(""), "more than one JSON value"},
		{"no object", ` [] `, proved(""), "wrong type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, configName)
			var want []string
			if tt.before != "" {
				want = []string{configName}
				if err := os.WriteFile(path, []byte(tt.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			o := Options{Username: "alice", Password: "c4nary", DockerConfig: dir}
			_, err := Login(t.Context(), o, "r.example", tt.prove)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "c4nary") {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if got := content(t, path); got != tt.before {
				t.Errorf("the file is now %q", got)
			}
			onlyFiles(t, dir, want...)
		})
	}
}

// The folder cannot be made: a link that leads nowhere has its place.
func TestLogin_WriteError(t *testing.T) {
	noHelpers(t)
	inTheWay := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(t.TempDir(), "nowhere"), inTheWay); err != nil {
		t.Fatal(err)
	}
	var warned []string
	o := Options{
		Username: "u", Password: "p", DockerConfig: filepath.Join(inTheWay, "config.json"),
		Warn: func(m string) { warned = append(warned, m) },
	}
	_, err := Login(t.Context(), o, "r.example", proved(""))
	if want := "writing the docker config: " + inTheWay + ": file exists"; err == nil || err.Error() != want || len(warned) > 0 {
		t.Errorf("%v, warnings %q", err, warned)
	}
}

func TestLogin_Precedence(t *testing.T) {
	noHelpers(t)
	for value, want := range map[string]int{
		"": 0, `{"auths":{"r.example":{"auth":"` + basic("v", "x") + `"}}}`: 1, `{"auths":{"o.example":{"auth":"` + basic("v", "x") + `"}}}`: 0,
	} {
		warned := 0
		o := Options{
			Username: "u", Password: "p", Home: t.TempDir(), Getenv: values{"DOCKER_AUTH_CONFIG": value}.get,
			Warn: func(m string) { warned += strings.Count(m, "DOCKER_AUTH_CONFIG has another login") },
		}
		if _, err := Login(t.Context(), o, "r.example", proved("")); err != nil || warned != want {
			t.Errorf("%s: warned %d times, want %d, %v", value, warned, want, err)
		}
	}
}

// A broken file is found before the registry is asked: nothing could be kept.
func TestLogin_InvalidFile(t *testing.T) {
	asked := false
	_, err := Login(t.Context(), Options{Username: "u", DockerConfig: writeConfig(t, "{")}, "r.example", func(context.Context) (string, error) {
		asked = true
		return "", nil
	})
	if err == nil || asked {
		t.Errorf("%v, asked %v", err, asked)
	}
}

func TestLogin_Location(t *testing.T) {
	noHelpers(t)
	d := t.TempDir()
	at := func(path string) string { return filepath.Join(d, path) }
	if err := os.Mkdir(at("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		o          Options
		env        values
		host, file string
		key        string
	}{
		{"home", Options{Home: at("home")}, nil, "docker.io", "home/.docker/config.json", "https://index.docker.io/v1/"},
		{"podman's, when it is named", Options{Home: at("home")}, values{"REGISTRY_AUTH_FILE": at("podman.json")}, "docker.io", "podman.json", "docker.io"},
		{"docker's before podman's", Options{}, values{"REGISTRY_AUTH_FILE": at("p2.json"), "DOCKER_CONFIG": at("dc")}, "r.example", "dc/config.json", "r.example"},
		{"podman's own is not written", Options{Home: at("home2")}, values{"XDG_RUNTIME_DIR": at("run"), "XDG_CONFIG_HOME": at("xdg")}, "r.example", "home2/.docker/config.json", "r.example"},
		{"a folder by flag", Options{DockerConfig: at("folder")}, values{"DOCKER_CONFIG": at("no")}, "r.example", "folder/config.json", "r.example"},
		{"a new folder by flag", Options{DockerConfig: at("new")}, nil, "r.example", "new/config.json", "r.example"},
		{"a new file by flag", Options{DockerConfig: at("new2/x.json")}, nil, "r.example", "new2/x.json", "r.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Username, tt.o.Password, tt.o.Getenv = "alice", "rabbit", tt.env.get
			done, err := Login(t.Context(), tt.o, tt.host, proved(""))
			if err != nil || done.Path != at(tt.file) {
				t.Fatalf("%+v, %v; want %s", done, err, tt.file)
			}
			if text := content(t, at(tt.file)); !strings.Contains(text, `"`+tt.key+`"`) {
				t.Errorf("%s, want the key %q", text, tt.key)
			}
		})
	}
	old := writeConfig(t, `{"auths":{"https://index.docker.io/v1/":{"auth":"`+basic("old", "x")+`"}}}`)
	o := Options{Username: "alice", Password: "x", Getenv: values{"REGISTRY_AUTH_FILE": old}.get}
	_, err := Login(t.Context(), o, "docker.io", proved(""))
	if want := `{"auths":{"https://index.docker.io/v1/":{"auth":"` + basic("alice", "x") + `"}}}`; err != nil || content(t, old) != want {
		t.Errorf("%v: %s, want %s", err, content(t, old), want)
	}
	if _, err := Login(t.Context(), Options{Username: "u"}, "r.example", proved("")); err == nil {
		t.Error("a login went nowhere")
	}
}

func TestLogin_Symlink(t *testing.T) {
	noHelpers(t)
	dir := t.TempDir()
	for path, target := range map[string]string{"real": "", "dangling": "../deep/" + filepath.Base(dir)} {
		link := filepath.Join(t.TempDir(), configName)
		if target == "" {
			target = writeConfig(t, `{"a":1}`)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		if _, err := Login(t.Context(), Options{Username: "u", Password: "p", DockerConfig: link}, "r.example", proved("")); err != nil {
			t.Fatal(path, err)
		}
		if got, err := os.Readlink(link); err != nil || got != target {
			t.Errorf("%s: the link is now %q, %v", path, got, err)
		}
		if !strings.Contains(content(t, link), "r.example") {
			t.Errorf("%s: the login is not there", path)
		}
	}
}

func TestLogin_Helper(t *testing.T) {
	old := `"auths":{"r.example":{"auth":"` + basic("old", "x") + `"},"o.example":{}}`
	for _, tt := range []struct{ name, before, after, kept, token string }{
		{"credsStore", `{"credsStore":"test"}`, `{"credsStore":"test"}`, `{"ServerURL":"r.example","Username":"alice","Secret":"rabbit"}`, ""},
		{"credHelpers", `{"credHelpers":{"r.example":"test"}}`, `{"credHelpers":{"r.example":"test"}}`, `{"ServerURL":"r.example","Username":"alice","Secret":"rabbit"}`, ""},
		{"an identity token", `{"credsStore":"test"}`, `{"credsStore":"test"}`, `{"ServerURL":"r.example","Username":"\u003ctoken\u003e","Secret":"idt"}`, "idt"},
		{"the file's older password goes", `{"credsStore":"test",` + old + `}`, `{"credsStore":"test","auths":{"o.example":{}}}`, `{"ServerURL":"r.example","Username":"alice","Secret":"rabbit"}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHelpers(t)
			kept := h.accept(t, "test")
			path := writeConfig(t, tt.before)
			o := Options{Username: "alice", Password: "rabbit", DockerConfig: path, Warn: func(m string) { t.Errorf("warned: %s", m) }}
			done, err := Login(t.Context(), o, "r.example", proved(tt.token))
			if err != nil || done.Helper != "docker-credential-test" {
				t.Fatalf("%+v, %v", done, err)
			}
			if diff := cmp.Diff(tt.after, content(t, path)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.kept, strings.TrimSpace(content(t, kept))); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			out, err := Logout(t.Context(), o, "r.example")
			if err != nil || len(out.Erased) != 1 || out.Erased[0].Helper != "docker-credential-test" || content(t, kept) != "" {
				t.Errorf("logout: %+v, %v", out, err)
			}
			if diff := cmp.Diff("store\nget\nerase\nget\n", content(t, h.log("test"))); diff != "" {
				t.Errorf("helper runs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFault84AHelperThatKeepsNothingIsNamed(t *testing.T) {
	const canary = "hunter2canary"
	h := newHelpers(t)
	if err := os.WriteFile(filepath.Join(h.dir, helperPrefix+"test"), []byte("#!/bin/sh\ncat\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := writeConfig(t, `{"credsStore":"test"}`)
	o := Options{Username: "alice", Password: canary, DockerConfig: path}
	_, err := Login(t.Context(), o, "r.example", proved(""))
	var failed *HelperError
	if !errors.As(err, &failed) || failed.Helper != "docker-credential-test" || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
	if got := content(t, path); got != `{"credsStore":"test"}` {
		t.Errorf("the file is now %s", got)
	}
}

func TestLogout(t *testing.T) {
	noHelpers(t)
	alice := basic("alice", "x")
	for _, tt := range []struct {
		name, before, after string
		env                 values
		erased, remaining   string
	}{
		{"the only login", `{"auths":{"r.example":{"auth":"` + alice + `"}}}`, `{"auths":{}}`, nil, "r.example", ""},
		{"every spelling", `{"auths":{"https://R.example/v2/":{"auth":"` + alice + `"},"r.example":{"identitytoken":"t"},"o":{}}}`, `{"auths":{"o":{}}}`, nil, "r.example https://R.example/v2/", ""},
		{"not a namespace", `{"auths":{"r.example/team":{"auth":"` + alice + `"}}}`, `{"auths":{"r.example/team":{"auth":"` + alice + `"}}}`, nil, "", ""},
		{"an entry without a login", `{"auths":{"r.example":{}}}`, `{"auths":{}}`, nil, "", ""},
		{"nothing", `{ "b":1 }`, `{ "b":1 }`, nil, "", ""},
		{"one remains in podman's file", `{"auths":{"r.example":{"auth":"` + alice + `"}}}`, `{"auths":{}}`, values{"REGISTRY_AUTH_FILE": writeConfig(t, `{"auths":{"r.example":{"auth":"`+alice+`"}}}`)}, "r.example", "podman auth file"},
		{"one remains elsewhere", `{"auths":{"r.example":{"auth":"` + alice + `"}}}`, `{"auths":{}}`, values{"DOCKER_AUTH_CONFIG": `{"auths":{"r.example":{"auth":"` + alice + `"}}}`}, "r.example", "DOCKER_AUTH_CONFIG"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := writeConfig(t, tt.before)
			done, err := Logout(t.Context(), Options{DockerConfig: path, Getenv: tt.env.get}, "r.example")
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, s := range done.Erased {
				keys = append(keys, s.Key)
			}
			if diff := cmp.Diff(tt.erased, strings.Join(keys, " ")); diff != "" {
				t.Errorf("erased (-want +got):\n%s", diff)
			}
			if (done.Remaining == nil) != (tt.remaining == "") || done.Remaining != nil && done.Remaining.Source != tt.remaining {
				t.Errorf("remaining %+v, want %q", done.Remaining, tt.remaining)
			}
			if diff := cmp.Diff(tt.after, content(t, path)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
		})
	}
	gone := filepath.Join(t.TempDir(), "gone", configName)
	if done, err := Logout(t.Context(), Options{DockerConfig: gone}, "r.example"); err != nil || len(done.Erased) != 0 {
		t.Errorf("without a file: %+v, %v", done, err)
	}
	if _, err := os.Stat(filepath.Dir(gone)); err == nil {
		t.Error("logging out made a folder")
	}
}
