package auth

import (
	"errors"
	"os/exec"
)

// Hint says what the user can do.
func (e *HelperError) Hint() string {
	if errors.Is(e.Err, exec.ErrNotFound) {
		return "install it, or remove it from the config file, which manifest-tool auth explain REF names; --anonymous uses no login"
	}
	return "see what " + e.Helper + " prints when it is run by hand, or remove it from the config file, which manifest-tool auth explain REF names; --anonymous uses no login"
}

// Hint says what the user can do.
func (e *FileError) Hint() string {
	return "fix or remove it, or name another with --docker-cfg; --anonymous uses no login"
}
