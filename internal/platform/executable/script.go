package executable

import (
	"bytes"
	"strings"
)

// scriptHead is how much of a script Linux looks at: BINPRM_BUF_SIZE, 256 since
// Linux 5.1. Older ones look at 128 bytes.
const scriptHead = 256

// readScript reads a #! line as Linux does (fs/binfmt_script.c): blanks around
// the path are skipped, the rest of the line is one argument, a zero byte ends
// the path, and a carriage return is part of the word it is in. A path that
// may be cut off at the end of the part that Linux reads is ignored.
func readScript(head []byte) Executable {
	e := Executable{Format: FormatScript}
	line, complete := scriptLine(head)
	path, argument := line, ""
	if end := strings.IndexAny(line, " \t\x00"); end >= 0 {
		path = line[:end]
		complete = true
		if line[end] != 0 {
			argument, _, _ = strings.Cut(strings.TrimLeft(line[end:], " \t"), "\x00")
		}
	}
	switch {
	case path == "":
		e.Refusal = RefusalInterpreter
		e.Detail = "a #! line that names no interpreter"
	case !complete:
		e.Refusal = RefusalInterpreter
		e.Detail = "a #! line that is longer than Linux reads"
	default:
		e.Interpreter, e.Argument = path, argument
		e.Detail = "a script for " + path
		if strings.HasSuffix(line, "\r") {
			e.Detail += " (its line ends with a carriage return, which Linux takes as part of the name)"
		}
	}
	return e
}

// scriptLine returns the text after #! without surrounding blanks, and whether
// the line is complete.
func scriptLine(head []byte) (line string, complete bool) {
	seen := head[2:min(len(head), scriptHead)]
	before, _, complete := bytes.Cut(seen, []byte("\n"))
	if !complete {
		complete = len(head) < scriptHead // a file that ends here
		before = seen[:min(len(seen), scriptHead-3)]
	}
	return strings.Trim(string(before), " \t"), complete
}
