package executable

import (
	"bytes"
	"fmt"
)

// Refusal is why Linux does not execute a file by itself: execve fails with
// ENOEXEC, "exec format error".
type Refusal string

// The refusals. Source: Linux, fs/exec.c, fs/binfmt_script.c, fs/binfmt_elf.c.
const (
	RefusalEmpty Refusal = "empty"
	// RefusalText is text without #! at its first byte. C libraries and shells may
	// run such a file with a shell instead (POSIX, execvp).
	RefusalText Refusal = "text"
	// RefusalHandler is a format that a node may have registered a handler for
	// (Linux, admin-guide/binfmt-misc).
	RefusalHandler Refusal = "handler"
	// RefusalInterpreter is a #! line without an interpreter, or one that is
	// longer than Linux reads.
	RefusalInterpreter Refusal = "interpreter"
	// RefusalBroken is a file whose header is cut off or contradicts itself.
	RefusalBroken Refusal = "broken"
	// RefusalUnlinked is an object file or a core dump.
	RefusalUnlinked Refusal = "unlinked"
	// RefusalData is a file of any other content.
	RefusalData Refusal = "data"
)

// FirstBytes precedes the first bytes of a file in its Detail.
const FirstBytes = "; its first bytes are "

// maxShown is how many bytes of an unknown file are shown.
const maxShown = 16

// Object is an object file, of which nothing else is read.
func Object() Executable {
	return Executable{Format: FormatELF, Shared: true, Refusal: RefusalUnlinked, Detail: "an object file, which a linker makes programs of"}
}

// readUnknown describes a file that is not a program of a known format.
func readUnknown(head []byte) Executable {
	e := Executable{Format: FormatUnknown, Detail: describeUnknown(head), Refusal: refusalOf(head)}
	if len(head) > 0 {
		e.Detail += fmt.Sprintf("%s%q", FirstBytes, head[:min(len(head), maxShown)])
	}
	return e
}

// refusalOf says why Linux does not execute a file of unknown format. The formats
// with handlers are those that Debian's packages register.
func refusalOf(head []byte) Refusal {
	if len(head) == 0 {
		return RefusalEmpty
	}
	for _, magic := range []string{"PK\x03\x04", "BC\xc0\xde", "MZ", "\x1bLua"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return RefusalHandler
		}
	}
	if len(head) >= 4 && string(head[2:4]) == "\r\n" && head[1] < ' ' { // Python's byte code
		return RefusalHandler
	}
	if isText(head[:min(len(head), 512)]) {
		return RefusalText
	}
	return RefusalData
}
