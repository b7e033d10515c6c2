package cmd

import "golang.org/x/sys/windows"

// enableControlSequences makes a console interpret control sequences, which one of
// Windows does only on request, and reports whether it does.
func enableControlSequences(fd int) bool {
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(fd), &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(windows.Handle(fd), mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
