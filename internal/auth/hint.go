package auth

import (
	"errors"
	"os/exec"
	"strings"
)

// Hint says what the user can do.
func (e *HelperError) Hint() string {
	if errors.Is(e.Err, exec.ErrNotFound) {
		return "install it, or remove it from the config file, which manifest-tool auth explain " + e.explained() + " names; --anonymous uses no login"
	}
	return "see what " + e.Helper + " prints when it is run by hand, or remove it from the config file, which manifest-tool auth explain " + e.explained() + " names; --anonymous uses no login"
}

// explained is the argument of auth explain for the registry. The key of Docker Hub in
// config files is a URL, not a name.
func (e *HelperError) explained() string {
	if strings.Contains(e.Host, "/") {
		return "REF"
	}
	return e.Host + "/NAME"
}

// Hint says what the user can do.
func (e *FileError) Hint() string {
	return "fix or remove it, or name another with --docker-cfg; --anonymous uses no login"
}
