// Command manifest-tool assembles, publishes and inspects the indexes
// (manifest lists) of multi-platform container images.
package main

import (
	"os"

	"manifest-tool/cmd"
)

// version and commit are set by the linker; see the Makefile.
var (
	version = "dev"
	commit  = "unknown"
)

func main() {
	os.Exit(cmd.Main(os.Args[1:], cmd.System(version, commit)))
}
