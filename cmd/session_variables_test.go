package cmd

import (
	"bytes"
	"strings"
	"testing"
)

func TestMisspelledVariables(t *testing.T) {
	for _, tt := range []struct {
		name, variable, want string
		strict               bool
		code                 int
	}{
		{"a letter is missing", "MANIFEST_TOOL_VERFY=binaries", "warning: the variable MANIFEST_TOOL_VERFY is not a setting, and is ignored (did you mean MANIFEST_TOOL_VERIFY?)\n", false, 0},
		{"strict", "MANIFEST_TOOL_VERFY=binaries", "the variable MANIFEST_TOOL_VERFY is not a setting, did you mean MANIFEST_TOOL_VERIFY?", true, 2},
		{"another word", "MANIFEST_TOOL_DIRECTORY=/opt", "", true, 0},
		{"an empty value", "MANIFEST_TOOL_VERFY=", "", true, 0},
		{"a setting", "MANIFEST_TOOL_VERIFY=binaries", "", true, 0},
		{"another program's", "MANIFEST_TOOLS_VERIFY=binaries", "", true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"config", "--color=never"}
			if tt.strict {
				args = append(args, "--strict")
			}
			var out, errOut bytes.Buffer
			code := Main(args, Deps{
				In: strings.NewReader(""), Out: &out, Err: &errOut,
				Getenv: func(string) string { return "" }, Environ: func() []string { return []string{tt.variable} },
			})
			if got := errOut.String(); code != tt.code || !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("exit code %d, %q; want %d, %q", code, got, tt.code, tt.want)
			}
		})
	}
}
