// Command manifest-tool assembles, publishes and inspects the indexes
// (manifest lists) of multi-platform container images.
package main

import (
	"io"
	"log" //nolint:depguard // net/http writes to it
	"os"
	"runtime/debug"

	"manifest-tool/cmd"
)

// version, commit and date (that of the commit) are set by the linker; see the
// Makefile.
var (
	version = "dev"
	commit  = "unknown"
	date    = ""
)

// softMemory is how many bytes of memory the program holds before it rather
// collects garbage than takes more: a large index makes a lot of it, and small
// runs never get there. It is no limit: what is needed is taken.
const softMemory = 48 << 20

func main() {
	debug.SetMemoryLimit(softMemory)
	log.SetOutput(io.Discard) // net/http would write there what a registry sent unasked, with secrets
	os.Exit(cmd.Main(os.Args[1:], cmd.SystemDeps(version, commit, date)))
}
