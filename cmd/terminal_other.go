//go:build !windows

package cmd

// enableControlSequences reports whether a terminal interprets control sequences.
func enableControlSequences(int) bool { return true }
