//go:build !unix

package auth

import "os/exec"

// killProcessGroup does nothing: without process groups, cancelling ends the helper
// itself, and its pipes are closed soon after.
func killProcessGroup(*exec.Cmd) {}
