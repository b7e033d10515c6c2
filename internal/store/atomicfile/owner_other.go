//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// preserveOwner does nothing: a new file inherits the permissions of its directory.
func preserveOwner(*os.File, fs.FileInfo) {}
