//go:build e2e

// Package terminal runs programs in a terminal, as a user does. It needs Linux.
package terminal
