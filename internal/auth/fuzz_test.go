//go:build unix

package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

// FuzzDockerConfig holds that no config file makes the reader panic, that an
// error says where it is broken and nothing of what it holds, and that a
// credential comes from an entry that names its host.
func FuzzDockerConfig(f *testing.F) {
	for _, file := range badConfigs(f) {
		f.Add(file.body)
	}
	f.Add([]byte(`{"auths":{"r.example":{"auth":"` + basic("alice", "rabbit") + `"}}}`))
	f.Add([]byte(`{"auths":{"https://R.example/v2/":{"identitytoken":"t"},"r.example/team":{"registrytoken":"r"}}}`))
	f.Add([]byte(`{"credsStore":"x","credHelpers":{"r.example":"y"},"HttpHeaders":{"a":"b"}}`))
	f.Setenv("PATH", f.TempDir())
	path := filepath.Join(f.TempDir(), configName)
	known := flawOf(path)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := load(dockerFile, path)
		if err != nil {
			if !known.MatchString(err.Error()) {
				t.Fatalf("%q: the error says more than where: %q", data, err)
			}
			return
		}
		_, cred := inFile(s.auths, "r.example")
		for key := range s.auths {
			if strings.Contains(strings.ToLower(key), "r.example") {
				return
			}
		}
		if cred != (authn.AuthConfig{}) {
			t.Fatalf("%q: %+v is from no entry of the host", data, cred)
		}
	})
}

// FuzzPodmanAuthFile holds that a repository is given the credential of an
// entry that stands for its registry or for a folder it lies in, the same one
// every time, and the same as the namespace that Namespace puts it in.
func FuzzPodmanAuthFile(f *testing.F) {
	user := basic("alice", "rabbit")
	for _, keys := range []string{"r.example", "r.example/team", "r.example/team/app/", "r.example//team", "https://r.example/team", "R.example/v2/x", "r.example/", "/team"} {
		f.Add([]byte(`{"auths":{"`+keys+`":{"auth":"`+user+`"},"r.example/other":{"auth":"`+user+`"}}}`), "team/app")
	}
	f.Add([]byte(`{"auths":{"r.example/a":{"identitytoken":"t"},"r.example/a/b":{},"r.example":{"auth":""}},"credHelpers":{"r.example":""}}`), "a/b/c")
	f.Add([]byte(`{"auths":{"r.example/é":{"auth":"`+user+`"}}}`), "é/x")
	f.Setenv("PATH", f.TempDir())
	path := filepath.Join(f.TempDir(), "auth.json")
	f.Fuzz(func(t *testing.T, data []byte, repository string) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var answers []string
		for range 3 {
			k := newKeychain(t, Options{Getenv: values{"REGISTRY_AUTH_FILE": path}.get})
			namespace := k.Namespace("r.example", repository)
			if namespace != "" && repository != namespace && !strings.HasPrefix(repository, namespace+"/") {
				t.Fatalf("%q: %q is not in %q", data, repository, namespace)
			}
			got, err := k.Credential(t.Context(), "r.example", namespace)
			direct, again := k.Credential(t.Context(), "r.example", repository)
			if got != direct || (err == nil) != (again == nil) {
				t.Fatalf("%q: %v for %q, %v for its namespace %q", data, direct, repository, got, namespace)
			}
			shown, _ := k.Explain(t.Context(), "r.example", repository, true)
			if c := shown.Credential; (c != nil) != (got != authn.AuthConfig{}) {
				t.Fatalf("%q: %+v is shown, %v is used", data, c, got)
			} else if c != nil {
				checkKey(t, c.Key, repository)
			}
			answers = append(answers, fmt.Sprint(got, err))
		}
		if answers[0] != answers[1] || answers[1] != answers[2] {
			t.Fatalf("%q: %q", data, answers)
		}
	})
}

// checkKey asserts that an entry of that name may be for a repository of
// r.example.
func checkKey(t *testing.T, key, repository string) {
	t.Helper()
	if strings.Contains(key, "://") {
		return // an address stands for its host, whatever its path
	}
	host, folder, _ := strings.Cut(key, "/")
	folder = strings.Trim(folder, "/")
	own := folder == "" || folder == "v1" || folder == "v2"
	if !strings.EqualFold(host, "r.example") || !own && folder != repository && !strings.HasPrefix(repository, folder+"/") {
		t.Fatalf("the entry %q was used for %q", key, repository)
	}
}

// flawOf matches every error of a broken config file: none of them has room
// for what the file holds.
func flawOf(path string) *regexp.Regexp {
	return regexp.MustCompile(`^reading the docker config "?` + regexp.QuoteMeta(path) + `"?: (line \d+ is not valid JSON` +
		`|line \d+ has a value of the wrong type|the JSON ends too early|(line \d+: )?an auth entry is not the base64 form of user:password)$`)
}

// FuzzHelperAnswer runs a helper that answers with anything: no panic, a
// credential is what the protocol's JSON says, and an error repeats at most one
// quoted line, of an answer that cannot be the protocol's.
func FuzzHelperAnswer(f *testing.F) {
	for _, seed := range []string{
		"", "\n", `{"ServerURL":"r.example","Username":"u","Secret":"rabbit-hole"}`, `{"Username":"<token>","Secret":"rabbit-hole"}`,
		"credentials not found in native keychain\n", "the vault is locked", "password: rabbit-hole", "{", "null", "[]",
		`{"Secret":["rabbit-hole"]}`, "\x1b]0;x\a\r\xc3(\u202e", strings.Repeat("x", 300), `{"Username":"u"}{"Secret":"s"}`,
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	dir := f.TempDir()
	answer, failing := filepath.Join(dir, "answer"), filepath.Join(dir, "failing")
	script := fmt.Sprintf("#!/bin/sh\ncat %s\n[ ! -e %s ]\n", answer, failing)
	if err := os.WriteFile(filepath.Join(dir, helperPrefix+"test"), []byte(script), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Setenv("PATH", dir+":/usr/bin:/bin")
	f.Fuzz(func(t *testing.T, said []byte, fails bool) {
		err := errors.Join(os.WriteFile(answer, said, 0o600), os.RemoveAll(failing))
		if fails {
			err = errors.Join(err, os.WriteFile(failing, nil, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := helper{suffix: "test", limit: helperLimit}.get(t.Context(), "r.example", "r.example")
		if err == nil {
			checkHelperAnswer(t, said, got)
			return
		}
		want := ""
		switch {
		case len(said) > outputLimit:
			want = "more than"
		case !fails:
			want = "its output is not the JSON of the helper protocol"
		case strings.ContainsAny(string(said), "{}"):
			want = "exit status 1 (its output is not shown, it may have a secret)"
		}
		checkHelperError(t, got, err, want)
		if want != "" && !strings.Contains(want, "more") && !strings.HasSuffix(err.Error(), want) {
			t.Fatalf("%q: the error says more than it may: %v", said, err)
		}
	})
}

// checkHelperAnswer reads the answer by itself.
func checkHelperAnswer(t *testing.T, said []byte, got authn.AuthConfig) {
	t.Helper()
	if got == (authn.AuthConfig{}) {
		return // not found, or an answer without a credential
	}
	var want struct{ Username, Secret string }
	if err := json.NewDecoder(strings.NewReader(string(said))).Decode(&want); err != nil {
		t.Fatalf("%q was read as %+v", said, got)
	}
	if want.Secret != got.Password+got.IdentityToken || got.IdentityToken == "" && want.Username != got.Username {
		t.Fatalf("%q was read as %+v", said, got)
	}
}
