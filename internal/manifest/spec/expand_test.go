package spec_test

import (
	"strings"
	"testing"

	"manifest-tool/internal/manifest/spec"
)

func TestParseExpanded(t *testing.T) {
	env := map[string]string{"V": "1.10", "EVIL": "x\nmanifests: []", "LIST": "[a, b]"}
	for _, c := range []struct{ in, want, wrong string }{
		{"a:${V}", "a:1.10", ""},
		{"a:${V:-2}", "a:1.10", ""},
		{"a:${NONE:-2}", "a:2", ""},
		{"a:${NONE:-}x", "a:x", ""},
		{"a:$${V}", "a:${V}", ""},
		{"a:$V", "a:$V", ""},
		{"a:$$${V}", "a:$1.10", ""},
		{"a:$$$${V}", "a:$${V}", ""},
		{"a:$$V-$$", "a:$V-$", ""},
		{"a:$", "a:$", ""},
		{"a:${NONE:-$$}", "a:$", ""},
		{"${EVIL}", env["EVIL"], ""},
		{"${LIST}", env["LIST"], ""},
		{"a:${NONE}", "", "spec.yaml:2: the variable NONE is not set or empty"},
		{"a:${1}", "", `spec.yaml:2: "${1}" is not a variable`},
		{"a:${NONE:-${V}}", "", "spec.yaml:2: the default of ${NONE:-DEFAULT} is text, and cannot hold another variable"},
		{"a:${V", "", `spec.yaml:2: "${V" is not a variable`},
	} {
		data := "# ${NONE} in a comment is left alone\nimage: " + c.in + "\nmanifests: [{image: 'b:1', annotations: {'${V}': '${V}'}}]\n"
		specs, err := spec.ParseExpanded("spec.yaml", []byte(data), func(name string) string { return env[name] })
		switch {
		case c.wrong != "":
			if err == nil || !strings.HasPrefix(err.Error(), c.wrong) {
				t.Errorf("%s: error %v, want %s", c.in, err, c.wrong)
			}
		case err != nil:
			t.Errorf("%s: %v", c.in, err)
		case specs[0].Image != c.want || specs[0].Manifests[0].Annotations["${V}"] != "1.10":
			t.Errorf("%s: got %q, %v", c.in, specs[0].Image, specs[0].Manifests[0].Annotations)
		}
	}
	specs, err := spec.Parse("spec.yaml", []byte("image: a:${V}\nmanifests: [{image: b:1}]\n"))
	if err != nil || specs[0].Image != "a:${V}" {
		t.Errorf("without expansion: %v, %v", specs, err)
	}
}
