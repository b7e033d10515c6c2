package cmd

import (
	"strings"
	"testing"
)

func TestReadPasswordFrom(t *testing.T) {
	t.Parallel()
	key := "{\n  \"type\": \"service_account\"\n}"
	for name, c := range map[string]struct {
		input, want string
		recoded     bool
		fails       string
	}{
		"no line end":         {"secret", "secret", false, ""},
		"LF":                  {"secret\n", "secret", false, ""},
		"CRLF":                {"secret\r\n", "secret", false, ""},
		"one line end only":   {"secret\n\n", "secret\n", false, ""},
		"blanks stay":         {"  secret \n", "  secret ", false, ""},
		"several lines":       {key + "\n", key, false, ""},
		"several lines, CRLF": {"a\r\nb\r\n", "a\r\nb", false, ""},
		"not UTF-8":           {"p\xe4ss\n", "p\xe4ss", false, ""},
		"byte order mark":     {"\ufeffsecret\r\n", "secret", true, ""},
		"UTF-16":              {"\xff\xfes\x00e\x00\r\x00\n\x00", "se", true, ""},
		"nothing":             {"", "", false, "is empty"},
		"a line end":          {"\r\n", "", false, "is empty"},
		"a byte order mark":   {"\ufeff", "", true, "is empty"},
		"longest":             {strings.Repeat("x", maxPassword), strings.Repeat("x", maxPassword), false, ""},
		"too long":            {strings.Repeat("x", maxPassword+1), "", false, "longer than"},
	} {
		got, recoded, err := readPasswordFrom(strings.NewReader(c.input))
		if got != c.want || recoded != c.recoded || (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %.20q %v %v", name, got, recoded, err)
		}
	}
}
