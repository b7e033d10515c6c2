package cmd

import (
	"manifest-tool/internal/auth"
)

// keychain returns where credentials come from. The password, with the user name
// from the flags, is sent to hosts alone. Contradictory flags are usage errors.
func (s *session) keychain(password string, hosts []string) (*auth.Keychain, error) {
	username := s.settings.Username
	if password == "" && !s.isSetByFlag("username") {
		// A user name set for every run only completes a password; it must not
		// replace a stored login.
		username = ""
	}
	if username != "" && password == "" && !s.settings.Anonymous {
		return nil, usagef("--username is given without a password: add --password-stdin")
	}
	k, err := auth.New(s.withStorage(auth.Options{
		Username: username, PasswordOrigin: s.settings.Origins["username"].Location(), Password: password, Hosts: hosts, Anonymous: s.settings.Anonymous,
	}))
	if err != nil {
		return nil, &usageError{err: err}
	}
	return k, nil
}

// completeLogin warns of half a login, a user name or a password alone, and
// leaves it out: a registry that requires a login then refuses the request.
func (s *session) completeLogin(password string) (string, error) {
	message := ""
	switch {
	case s.settings.Anonymous:
	case password == "" && s.isSetByFlag("username") && s.settings.Username != "":
		message = "--username has no effect without a password: add --password-stdin"
	case password != "" && s.settings.Username == "":
		message = "a password has no effect without a user name: add --username"
	}
	if message == "" {
		return password, nil
	}
	if s.settings.Strict {
		return "", usagef("%s", message)
	}
	s.notices.Warn(message)
	s.settings.Username = ""
	return "", nil
}

// withStorage adds to a credential where logins are stored.
func (s *session) withStorage(o auth.Options) auth.Options {
	o.DockerConfig, o.Getenv, o.Home, o.RunDir, o.Warn = s.settings.DockerConfig, s.Getenv, s.Home, s.PodmanRuntimeDir, s.notices.Warn
	o.Strict = s.settings.Strict
	return o
}

// password returns the password from --password, --password-stdin or the
// environment; "" if there is none.
func (s *session) password() (string, error) {
	byFlag := s.isSetByFlag("password")
	if byFlag && s.passwordStdin {
		return "", usagef("--password and --password-stdin are both given")
	}
	if byFlag {
		s.notices.Note("warning", "--password shows the password to all who can list processes; use --password-stdin")
	}
	if !s.passwordStdin {
		return s.settings.Password, nil
	}
	password, recoded, err := readPasswordFrom(s.In)
	if recoded {
		s.notices.Warn("the password on standard input is read as UTF-8, without its byte order mark")
	}
	return password, err
}
