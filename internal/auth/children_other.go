//go:build !unix

package auth

import "os/exec"

// endWithChildren does nothing here: without process groups, cancelling ends
// the helper itself, and its pipes are closed soon after.
func endWithChildren(*exec.Cmd) {}
