package page

import (
	"net/http"
	"strings"
)

// hints are the request headers that Guess reads, for Vary. Browsers send the
// Sec-CH- ones only if they are requested with Accept-CH.
const hints = "User-Agent, " + clientHints

// clientHints are those that must be requested.
const clientHints = "Sec-CH-UA-Arch, Sec-CH-UA-Bitness"

// Guess returns the platform of the containers on the machine of a browser. Its os is
// always linux: on macOS and Windows containers run in a virtual machine.
func Guess(h http.Header) string {
	wide := strings.Trim(h.Get("Sec-CH-UA-Bitness"), `"`) != "32"
	switch arch := strings.Trim(h.Get("Sec-CH-UA-Arch"), `"`); {
	case arch == "arm" && wide:
		return "linux/arm64"
	case arch == "arm":
		return "linux/arm/v7"
	case arch == "x86" && wide:
		return "linux/amd64"
	case arch == "x86":
		return "linux/386"
	}
	agent := strings.ToLower(h.Get("User-Agent"))
	for _, known := range agentArchitectures() {
		if strings.Contains(agent, known.text) {
			return "linux/" + known.arch
		}
	}
	return "linux/amd64"
}

type agentArchitecture struct{ text, arch string }

// agentArchitectures are parts of User-Agent, with the architecture that they show.
// Browsers on a Mac say Intel on every Mac; those sold since 2020 are ARM.
func agentArchitectures() []agentArchitecture {
	return []agentArchitecture{
		{"aarch64", "arm64"},
		{"arm64", "arm64"},
		{"macintosh", "arm64"},
		{"armv7", "arm/v7"},
		{"armv6", "arm/v6"},
		{"ppc64le", "ppc64le"},
		{"s390x", "s390x"},
		{"riscv64", "riscv64"},
		{"loongarch64", "loong64"},
		{"i686", "386"},
	}
}
