package cmd

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// atTerminal runs a command line of somebody who answers these questions.
func atTerminal(home string, lines, secrets []string, args ...string) outcome {
	var out, errOut bytes.Buffer
	next := func(all *[]string) func(context.Context) (string, error) {
		return func(context.Context) (string, error) {
			if len(*all) == 0 {
				return "", errors.New("nobody answers")
			}
			text := (*all)[0]
			*all = (*all)[1:]
			return text, nil
		}
	}
	code := Main(args, Deps{
		In: strings.NewReader(""), Out: &out, Err: &errOut, Home: home, ProgramName: "manifest-tool",
		Prompter: prompter{line: next(&lines), secret: next(&secrets)},
		Getenv:   func(string) string { return "" },
	})
	return outcome{code, out.String(), errOut.String()}
}

// TestLoginAsksForWhatIsMissing is about somebody at a terminal.
func TestLoginAsksForWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no store of this machine
	host := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "alice" || password != canary {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	for _, c := range []struct {
		name           string
		lines, secrets []string
		args           []string
		code           int
		says           string
	}{
		{"both", []string{"alice"}, []string{canary}, nil, exitOK, "Username at " + host + ": Password: \n"},
		{"the password", nil, []string{canary}, []string{"-u", "alice"}, exitOK, "Password: \n"},
		{"a wrong password", nil, []string{"looking-glass"}, []string{"-u", "alice"}, exitFailed, "hint: check the user name"},
		{"no name", []string{""}, nil, nil, exitUsage, "no username at " + host + " was given"},
		{"no password", nil, []string{""}, []string{"-u", "alice"}, exitUsage, "no password was given"},
		{"nobody", nil, nil, []string{"-u", "alice"}, exitFailed, "reading the password: nobody answers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			got := atTerminal(home, c.lines, c.secrets, append(c.args, "login", host)...)
			if got.code != c.code || !strings.Contains(got.errOut, c.says) {
				t.Errorf("exit code %d, stderr %q; want %d, %q", got.code, got.errOut, c.code, c.says)
			}
			if strings.Contains(got.out+got.errOut, canary) || strings.Contains(got.errOut, "looking-glass") {
				t.Errorf("the password is shown: %s%s", got.out, got.errOut)
			}
			_, err := os.Stat(filepath.Join(home, ".docker", "config.json"))
			if (err == nil) != (c.code == exitOK) {
				t.Errorf("the file: %v", err)
			}
		})
	}
}

// A registry that asks nobody says nothing about a password.
func TestLoginAtAnOpenRegistryWarns(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	host := serve(t, func(http.ResponseWriter, *http.Request) {})
	got := atTerminal(t.TempDir(), nil, []string{canary}, "login", host, "-u", "alice")
	if got.code != exitOK || !strings.Contains(got.errOut, "warning: "+host+" allows anonymous access") {
		t.Errorf("exit code %d, stderr %s", got.code, got.errOut)
	}
}

// TestLoginAsksForTheTokenServerOnce is about a registry whose token server has another
// name, as with a self-hosted GitLab.
func TestLoginAsksForTheTokenServerOnce(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no store of this machine
	const question = "Send it there? (yes or no): "
	for _, c := range []struct {
		name, answer string
		code         int
	}{
		{"yes", "yes", exitOK}, {"y", "Y", exitOK}, {"no", "no", exitFailed}, {"nothing", "", exitFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			passwords := 0
			tokens := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if user, password, _ := r.BasicAuth(); user != "alice" || password != canary {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				passwords++
				_, _ = w.Write([]byte(`{"access_token":"granted","expires_in":"300"}`))
			})
			host := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.Header.Get("Authorization"), "Basic") {
					t.Error("the registry got the password")
				}
				if r.Header.Get("Authorization") != "Bearer granted" {
					w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+tokens+`/jwt/auth",service="container_registry"`)
					w.WriteHeader(http.StatusUnauthorized)
				}
			})
			home := t.TempDir()
			settings := filepath.Join(home, ".config", "manifest-tool", "config.yaml")
			if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
				t.Fatal(err)
			}
			const before = "# mine\njobs: 4 # four\n"
			if err := os.WriteFile(settings, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			got := atTerminal(home, []string{c.answer}, []string{canary}, "login", host, "-u", "alice")
			if got.code != c.code || strings.Count(got.errOut, question) != 1 || !strings.Contains(got.errOut, host+" names "+tokens+" as its token server") {
				t.Errorf("exit code %d, stderr %q", got.code, got.errOut)
			}
			after, err := os.ReadFile(settings)
			want := before
			if c.code == exitOK {
				want += "registries:\n  - name: " + host + "\n    realm-hosts: [" + tokens + "]\n"
			}
			if err != nil || string(after) != want {
				t.Errorf("the settings are %q, %v, want %q", after, err, want)
			}
			if c.code != exitOK {
				if passwords > 0 || !strings.Contains(got.errOut, "hint: the login was not sent, since the token server is another host: if it belongs to the registry, use --realm-host "+tokens) {
					t.Errorf("%d passwords were sent; stderr %q", passwords, got.errOut)
				}
				return
			}
			again := atTerminal(home, nil, []string{canary}, "login", host, "-u", "alice")
			if again.code != exitOK || strings.Contains(again.errOut, question) || passwords != 2 {
				t.Errorf("again: exit code %d, stderr %q, %d passwords", again.code, again.errOut, passwords)
			}
			explained := atTerminal(home, nil, nil, "auth", "explain", host+"/app:1")
			if explained.code != exitOK || !strings.Contains(explained.out, "token server only if it is "+host+" or "+tokens+"; --realm-host HOST") {
				t.Errorf("explain: exit code %d, stdout %q", explained.code, explained.out)
			}
		})
	}
}
