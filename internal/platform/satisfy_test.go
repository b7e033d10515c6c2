package platform

import (
	"strings"
	"testing"
)

func TestSatisfies(t *testing.T) {
	for _, c := range []struct {
		has, want string
		ok        bool
	}{
		{"linux/arm64/v8", "linux/arm64", true},
		{"linux/aarch64", "linux/arm64/v8", true},
		{"linux/arm", "linux/arm/v7", true},
		{"linux/amd64", "linux/amd64/v1", true},
		{"linux/arm/v6", "linux/arm/v7", false},
		{"linux/386", "linux/amd64", false},
		{"windows/amd64:10.0.17763.1", "windows/amd64", true},
		{"windows/amd64:10.0.17763.1", "windows/amd64:10.0.17763", true},
		{"windows/amd64:10.0.17763.1", "windows/amd64:10.0.1776", false},
		{"windows/amd64", "windows/amd64:10.0.17763", false},
		{"linux(+gpu)/amd64", "linux/amd64", true},
		{"linux/amd64", "linux(+gpu)/amd64", false},
		{"unknown/unknown", "linux/amd64", false},
	} {
		if got := Satisfies(nodeOf(t, c.has), nodeOf(t, c.want)); got != c.ok {
			t.Errorf("%s for %s: %v", c.has, c.want, got)
		}
	}
}

// An absent os is not that of the machine the tool runs on.
func TestSatisfies_NoOS(t *testing.T) {
	if Satisfies(Platform{Architecture: "amd64"}, nodeOf(t, "linux/amd64")) {
		t.Error("an entry without an os satisfies linux/amd64")
	}
}

func TestParseList(t *testing.T) {
	list, err := ParseList([]string{"linux/amd64, linux/arm/v7", "linux/amd64", "windows/amd64:10.0.17763"})
	if err != nil || len(list) != 3 || Format(list[1]) != "linux/arm/v7" {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := ParseList([]string{"linux/arm64,linux/aarch64,arm64", "linux/arm64"}); err != nil || len(list) != 3 {
		t.Errorf("spellings: %v, %v", list, err)
	}
	for bad, says := range map[string]string{
		"linux": "os/arch", "linux/amd64,": "os/arch", "z80": "os/arch", "windows/amd64:ltsc2023": "ltsc2023", "a/b/c/d": "os/arch", "": "os/arch", "linux/arm64/\x1b": "not allowed",
	} {
		if _, err := ParseList([]string{bad}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q in it", bad, err, says)
		}
	}
}

func TestHost(t *testing.T) {
	if _, err := Validate(Host(), false); err != nil || Host().OS == "darwin" {
		t.Errorf("%v: %v", Host(), err)
	}
}
