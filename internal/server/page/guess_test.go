package page_test

import (
	"net/http"
	"testing"

	"manifest-tool/internal/server/page"
)

func TestGuess(t *testing.T) {
	const frozen = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
	for _, tt := range []struct{ agent, arch, bitness, want string }{
		{"", "", "", "linux/amd64"},
		{"curl/8.5.0", "", "", "linux/amd64"},
		{frozen, "", "", "linux/amd64"},
		{frozen, `"arm"`, `"64"`, "linux/arm64"}, // Chrome says x86_64 on every Linux
		{frozen, `"arm"`, `"32"`, "linux/arm/v7"},
		{frozen, `"x86"`, `"64"`, "linux/amd64"},
		{frozen, `"x86"`, `"32"`, "linux/386"},
		{frozen, `""`, `""`, "linux/amd64"}, // a phone
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "", "", "linux/amd64"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "", "", "linux/arm64"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36", `"x86"`, `"64"`, "linux/amd64"},
		{"Mozilla/5.0 (X11; Linux aarch64; rv:140.0) Gecko/20100101 Firefox/140.0", "", "", "linux/arm64"},
		{"Mozilla/5.0 (X11; Linux armv7l; rv:140.0) Gecko/20100101 Firefox/140.0", "", "", "linux/arm/v7"},
		{"Mozilla/5.0 (X11; Linux ppc64le; rv:140.0) Gecko/20100101 Firefox/140.0", "", "", "linux/ppc64le"},
		{"Mozilla/5.0 (X11; Linux i686; rv:140.0) Gecko/20100101 Firefox/140.0", "", "", "linux/386"},
	} {
		h := http.Header{"User-Agent": {tt.agent}, "Sec-Ch-Ua-Arch": {tt.arch}, "Sec-Ch-Ua-Bitness": {tt.bitness}}
		if got := page.Guess(h); got != tt.want {
			t.Errorf("%s %s %q: %s, want %s", tt.arch, tt.bitness, tt.agent, got, tt.want)
		}
	}
}
