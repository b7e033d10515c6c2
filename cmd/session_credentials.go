package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"manifest-tool/internal/auth"
)

// keychain returns where credentials come from; the password, with the user
// name of the flags, is for hosts alone.
func (f *session) keychain(deps Deps, password string, hosts []string) (*auth.Keychain, error) {
	username := f.settings.Username
	if password == "" && !f.setByFlag("username") {
		// One that is set for every run only completes a password; it must not
		// stand in the way of a login that is stored.
		username = ""
	}
	if username != "" && password == "" && !f.settings.Anonymous {
		return nil, usagef("--username is given without a password: add --password-stdin")
	}
	k, err := auth.New(auth.Options{
		Username: username, PasswordOrigin: f.settings.Origins["username"].Location(), Password: password, Hosts: hosts, Anonymous: f.settings.Anonymous,
		DockerConfig: f.settings.DockerConfig, Getenv: deps.Getenv, Home: deps.Home, RunDir: deps.PodmanRuntimeDir,
		Warn: warnFunc(deps.Err),
	})
	if err != nil {
		return nil, &usageError{err}
	}
	return k, nil
}

// password returns the password the user gave.
func (f *session) password(deps Deps) (string, error) {
	byFlag := f.setByFlag("password")
	if byFlag && f.passwordStdin {
		return "", usagef("--password and --password-stdin are both given")
	}
	if byFlag {
		warnFunc(deps.Err)("--password shows the password to everybody who can list processes; use --password-stdin")
	}
	if !f.passwordStdin {
		return f.settings.Password, nil
	}
	line, err := bufio.NewReader(io.LimitReader(deps.In, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password from standard input: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usagef("--password-stdin is given, but the first line of standard input is empty")
	}
	return line, nil
}

// withStorage adds to a credential where it is to be kept.
func (f *session) withStorage(deps Deps, o auth.Options) auth.Options {
	o.DockerConfig, o.Getenv, o.Home, o.RunDir, o.Warn = f.settings.DockerConfig, deps.Getenv, deps.Home, deps.PodmanRuntimeDir, warnFunc(deps.Err)
	return o
}
