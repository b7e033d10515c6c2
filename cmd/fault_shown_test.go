package cmd

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/opencontainers/go-digest"
)

// serve starts a registry of one handler and returns HOST:PORT.
func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// canary is alice's password in this file.
const canary = "wonder-rabbit-canary"

// runAs runs a command line with alice's password on its standard input.
func runAs(args ...string) outcome {
	var out, errOut bytes.Buffer
	code := Main(append([]string{"--username", "alice", "--password-stdin"}, args...), Deps{
		In: strings.NewReader(canary + "\n"), Out: &out, Err: &errOut,
		Getenv: func(string) string { return "" }, ProgramName: "manifest-tool",
	})
	return outcome{code, out.String(), errOut.String()}
}

// TestFault27AnswerOfNoRegistryHasItsOwnHint is about captive portals, parked
// domains and other web servers, which answer 200 to everything.
func TestFault27AnswerOfNoRegistryHasItsOwnHint(t *testing.T) {
	for name, page := range map[string][2]string{
		"a page":             {"text/html; charset=utf-8", "<!doctype html><title>Log in</title>"},
		"a page in disguise": {"application/vnd.oci.image.index.v1+json", "<html></html>"},
		"another interface":  {"application/json", `{"status":"ok"}`},
		"nothing":            {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			written := 0
			host := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet && r.Method != http.MethodHead {
					written++
				}
				w.Header().Set("Content-Type", page[0])
				fmt.Fprint(w, page[1])
			})
			for _, args := range [][]string{
				{"inspect", host + "/app:1"},
				{"push", "from-args", "--platforms", "linux/amd64", "--template", host + "/app:ARCH", "--target", host + "/app:1"},
			} {
				got := run(t, args...)
				if got.code != exitFailed || got.out != "" || !strings.Contains(got.errOut, "hint: is this host a registry?") {
					t.Errorf("%s: exit code %d, stdout %q, stderr %q", args[0], got.code, got.out, got.errOut)
				}
			}
			if written > 0 {
				t.Errorf("%d requests that write", written)
			}
		})
	}
}

func TestFault38LongErrorPageIsCut(t *testing.T) {
	host := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, strings.Repeat("no. ", 70<<8))
	})
	got := run(t, "inspect", host+"/app:1")
	if got.code != exitFailed || !strings.Contains(got.errOut, "no login was sent") || len(got.errOut) > 8<<10+1024 {
		t.Errorf("exit code %d, %d bytes: %.300s", got.code, len(got.errOut), got.errOut)
	}
}

// hostile drives a terminal, and begins a line of its own.
const hostile = "a\x1b[2J\x1b]0;t\x07\r\nDigest: fake\u009b\u202e\u2066b"

// wantHarmless holds that a text has nothing in it that drives a terminal.
func wantHarmless(t *testing.T, got outcome) {
	t.Helper()
	for _, text := range []string{got.out, got.errOut} {
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%U is printed: %q", r, text)
			}
		}
		if strings.Contains(text, "\nDigest: fake") {
			t.Errorf("a line of somebody else: %q", text)
		}
	}
}

// hostileServer says something hostile in everything: errors in JSON, a page
// under the tag page, an index under the tag all, a Warning in each header.
func hostileServer(t *testing.T) http.HandlerFunc {
	t.Helper()
	said, err := json.Marshal(map[string]any{"errors": []map[string]string{{"code": hostile, "message": hostile}}})
	if err != nil {
		t.Fatal(err)
	}
	index, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "annotations": map[string]string{hostile: hostile},
		"manifests": []map[string]any{{
			"mediaType": hostile, "digest": digest.FromString("x"), "size": 1,
			"platform": map[string]string{"os": hostile, "architecture": hostile},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Warning"] = []string{`299 - "` + strings.NewReplacer("\r", "", "\n", "").Replace(hostile) + `"`}
		switch {
		case strings.HasSuffix(r.URL.Path, "/page"):
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, hostile)
		case strings.HasSuffix(r.URL.Path, "/all"):
			w.Header()["Docker-Content-Digest"] = []string{digest.FromString("other").String()}
			_, _ = w.Write(index)
		default:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write(said)
		}
	}
}

func TestFault40NothingPrintedDrivesATerminal(t *testing.T) {
	host := serve(t, hostileServer(t))
	for _, args := range [][]string{
		{"inspect", host + "/app:json"},
		{"inspect", host + "/app:page"},
		{"--debug", "inspect", host + "/app:all"},
		{"inspect", host + "/app:" + hostile},
		{"inspect", hostile},
		{"query", host + "/app:all"},
		{"query", "--output", "yaml", host + "/app:all", host + "/app:page"},
		{"query", host + "/app:json", host + "/app:page"},
		{"query", "--has", hostile, host + "/app:all"},
		{"resolve", host + "/app:all"},
		{"resolve", "--rule", hostile, host + "/app:all"},
		{"diff", host + "/app:all", host + "/app:all"},
		{"diff", "--output", "json", host + "/app:all", host + "/app:all"},
		{"diff", host + "/app:all", hostile},
		{"inspect", "oci-layout://" + filepath.Join(t.TempDir(), hostile) + ":1"},
		{"push", "from-spec", filepath.Join(t.TempDir(), hostile+".yaml")},
		{"push", "from-args", "--platforms", hostile, "--template", host + "/app:ARCH", "--target", host + "/app:1"},
		{"push", "from-args", "--platforms", "linux/amd64", "--template", host + "/app:ARCH", "--target", host + "/app:1", "--tags", hostile},
		{"inspect", "--docker-cfg", hostile, host + "/app:1"},
		{"inspect", "--color", hostile, host + "/app:1"},
		{hostile},
		{"inspect", "--" + hostile},
	} {
		got := run(t, args...)
		wantHarmless(t, got)
		if got.out+got.errOut == "" {
			t.Errorf("%q: nothing was printed", args)
		}
	}
}

// token is what the token servers of this file hand out.
const token = "token-of-a-canary"

// encoded is alice's credential as it is sent.
func encoded() string { return base64.StdEncoding.EncodeToString([]byte("alice:" + canary)) }

func challenge(w http.ResponseWriter, value string) {
	w.Header().Set("WWW-Authenticate", value)
	w.WriteHeader(http.StatusUnauthorized)
}

// ownRealm asks for a token of the server itself.
func ownRealm(w http.ResponseWriter, r *http.Request) {
	challenge(w, fmt.Sprintf(`Bearer realm="http://%s/token"`, r.Host))
}

// afterBasic asks for the password before it answers.
func afterBasic(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			challenge(w, `Basic realm="r"`)
			return
		}
		answer(w, r)
	}
}

// parrots are servers that put what they were sent, and what they handed out,
// into what they say.
func parrots() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"an error": afterBasic(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"%s %s\u001b[2J %s"}]}`, canary, canary, r.Header.Get("Authorization"))
		}),
		"a token server's error": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/token" {
				ownRealm(w, r)
				return
			}
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"%s %s"}],"details":"%s"}`, canary, encoded(), canary)
		},
		"a token server's answer": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				fmt.Fprintf(w, `{"toke":"%s %s"}`, token, canary)
				return
			}
			ownRealm(w, r)
		},
		"a token": func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/token":
				fmt.Fprintf(w, `{"token":%q}`, token)
			case r.Header.Get("Authorization") == "":
				ownRealm(w, r)
			default:
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, r.Header.Get("Authorization"))
			}
		},
		"a realm": afterBasic(func(w http.ResponseWriter, _ *http.Request) {
			challenge(w, fmt.Sprintf(`Bearer realm="http://127.0.0.1:9/%s/token?x=%s"`, canary, canary))
		}),
		"a realm with a user": func(w http.ResponseWriter, _ *http.Request) {
			challenge(w, fmt.Sprintf(`Bearer realm="http://%s:%s@127.0.0.1:9/token"`, encoded(), canary))
		},
		"a redirect": afterBasic(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:9/"+canary+"/"+encoded()+"?"+canary, http.StatusTemporaryRedirect)
		}),
	}
}

func TestFault41SecretsThatServersRepeatAreNotShown(t *testing.T) {
	for name, answer := range parrots() {
		t.Run(name, func(t *testing.T) {
			app := serve(t, answer) + "/app:1"
			for _, args := range [][]string{
				{"inspect", app}, {"query", app}, {"query", app, app}, {"query", "--output", "json", app, app}, {"resolve", "--platform", "linux/amd64", app}, {"diff", app, app},
			} {
				got := runAs(append([]string{"--debug"}, args...)...)
				wantHarmless(t, got)
				if got.code != exitFailed || got.errOut == "" {
					t.Errorf("%s: exit code %d, stderr %q", args[0], got.code, got.errOut)
				}
				for _, secret := range []string{canary, encoded(), token} {
					if strings.Contains(got.out+got.errOut, secret) {
						t.Errorf("%s: %q is shown:\n%s%s", args[0], secret, got.out, got.errOut)
					}
				}
			}
		})
	}
}
