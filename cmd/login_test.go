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
