package platform

import "github.com/containerd/platforms"

// Host returns the platform that containers of this machine have, variant and
// Windows build included. On macOS they run in a Linux machine of the same
// architecture, so that is what it returns.
func Host() Platform {
	p := platforms.DefaultSpec()
	if p.OS == "darwin" {
		p.OS = "linux"
	}
	return p
}
