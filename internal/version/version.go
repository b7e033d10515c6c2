// Package version describes the build of the program.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Result is what the program was built from, and for what.
type Result struct {
	Schema string `json:"schema"` // version/v1
	// Version is the version without v, or dev.
	Version string `json:"version"`
	// Commit is the commit, or unknown.
	Commit string `json:"commit"`
	// Date is that of the commit, in the format of RFC 3339; "" if it is unknown.
	Date string `json:"date,omitempty"`
	// Go is the version of Go, such as go1.26.0.
	Go string `json:"go"`
	// Platform is os/arch[/variant]; only arm has a variant.
	Platform string `json:"platform"`
}

// New returns the description of the running program. version, commit and date are
// those that the linker has set.
func New(version, commit, date string) Result {
	return Result{
		Schema: "version/v1", Version: version, Commit: commit, Date: date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH + variant(),
	}
}

// variant returns /v5, /v6 or /v7 for a 32-bit ARM program: Go's GOARM, which may
// have the kind of floating point after a comma.
func variant() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range build.Settings {
		if s.Key == "GOARM" {
			number, _, _ := strings.Cut(s.Value, ",")
			return "/v" + number
		}
	}
	return ""
}
