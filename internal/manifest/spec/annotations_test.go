package spec

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

func TestAnnotationsFromArgs(t *testing.T) {
	tests := []struct {
		name  string
		lists []string
		pairs []string
		want  map[string]string
	}{
		{"none", nil, nil, nil},
		{"one", []string{"a=b"}, nil, map[string]string{"a": "b"}},
		{"a list", []string{"a=b,c=d", "e=f"}, nil, map[string]string{"a": "b", "c": "d", "e": "f"}},
		{"spaces around pieces", []string{" a=b , c=d "}, nil, map[string]string{"a": "b", "c": "d"}},
		{"spaces around =", []string{"a = b, c = d"}, nil, map[string]string{"a": "b", "c": "d"}},
		{"an empty value", []string{"a=,b="}, nil, map[string]string{"a": "", "b": ""}},
		{"a second =", []string{"a=b=c,d==e"}, nil, map[string]string{"a": "b=c", "d": "=e"}},
		{"prose", []string{"a=Hello,  world , and all,b=c"}, nil, map[string]string{"a": "Hello,  world , and all", "b": "c"}},
		{"a comma at the end", []string{"a=b,"}, nil, map[string]string{"a": "b,"}},
		{"commas in a row", []string{"a=b,,c"}, nil, map[string]string{"a": "b,,c"}},
		{
			"addresses",
			[]string{"source=https://x.example/a?b=c&d=e,http://y.example/?z=1,title=App"},
			nil,
			map[string]string{"source": "https://x.example/a?b=c&d=e,http://y.example/?z=1", "title": "App"},
		},
		{"text with = in it", []string{"a=b,see x y=z"}, nil, map[string]string{"a": "b,see x y=z"}},
		{"usual keys", []string{"org.opencontainers.image.title=x,a/b-c_d.e=y"}, nil, map[string]string{"org.opencontainers.image.title": "x", "a/b-c_d.e": "y"}},
		{"an unusual first key", []string{"a:b c=d"}, nil, map[string]string{"a:b c": "d"}},
		{"an escaped comma", []string{`a=b\,c=d,e=f\,`}, nil, map[string]string{"a": "b,c=d", "e": "f,"}},
		{"other backslashes", []string{`a=b\c\\,d\`}, nil, map[string]string{"a": `b\c\,d\`}},
		{"equal repeats", []string{"a=b,a=b", "a=b"}, []string{"a=b"}, map[string]string{"a": "b"}},
		{"pairs are taken whole", nil, []string{"a= b,c=d ", `e=\,`}, map[string]string{"a": " b,c=d ", "e": `\,`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := annotationsFromArgs(tt.lists, tt.pairs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.index); diff != "" || got.entries != nil {
				t.Errorf("annotations (-want +got):\n%s%v", diff, got.entries)
			}
		})
	}
}

func TestAnnotationsFromArgs_Invalid(t *testing.T) {
	tests := []struct{ name, list, pair string }{
		{name: "nothing", list: " "},
		{name: "no =", list: "abc"},
		{name: "no = in the first piece", list: "abc,d=e"},
		{name: "an empty first piece", list: ",a=b"},
		{name: "no key", list: "=b"},
		{name: "no key but a space", list: "  =b"},
		{name: "no key later", list: "a=b,=c"},
		{name: "two values", list: "a=b,a=c"},
		{name: "two values by two flags", list: "a=b", pair: "a=b "},
		{name: "pair without =", list: "a=b", pair: "c"},
		{name: "pair without key", list: "a=b", pair: "=c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var pairs []string
			if tt.pair != "" {
				pairs = []string{tt.pair}
			}
			got, err := annotationsFromArgs([]string{tt.list}, pairs)
			var input *manifest.InputError
			if !errors.As(err, &input) || got.index != nil || got.entries != nil {
				t.Errorf("got %v and error %v, want nothing and an InputError", got, err)
			}
		})
	}
}

func TestAnnotationsFromArgs_Levels(t *testing.T) {
	for _, tt := range []struct {
		lists, pairs []string
		want         string
	}{
		{[]string{"index:a=b,index:c=d, e=f"}, nil, "map[a:b c:d e:f]"},
		{nil, []string{"index:org.opencontainers.image.source=https://example.com/a,b"}, "map[org.opencontainers.image.source:https://example.com/a,b]"},
		{[]string{"index:a=b"}, []string{"a=b"}, "map[a:b]"},
		{[]string{"a=b,x:c,d"}, []string{"urn:a=b"}, "map[a:b,x:c,d urn:a:b]"},
		{nil, []string{"manifest:a=b"}, `"manifest:a" is for an object that a push does not write: its level is "manifest"`},
		{[]string{"a=b,manifest:c=d"}, nil, `its level is "manifest"`},
		{nil, []string{"manifest[linux/amd64]:a=b"}, `its level is "manifest"`},
		{nil, []string{"index-descriptor:a=b"}, `its level is "index-descriptor"`},
		{nil, []string{"manifest-descriptor:a=b"}, "map[] a=b"},
		{[]string{"manifest-descriptor[linux/arm64]:a=b,c=d"}, nil, "map[c:d] linux/arm64 a=b"},
		{nil, []string{"index,manifest-descriptor[linux/arm64/v8],manifest-descriptor:a=b,c"}, "map[a:b,c] linux/arm64/v8 a=b,c, a=b,c"},
		{nil, []string{"manifest-descriptor[arm64]:a=b", "manifest-descriptor[linux/arm64/v8]:a=b"}, "map[] linux/arm64 a=b"},
		{nil, []string{"manifest-descriptor[arm64]:a=b", "manifest-descriptor[linux/arm64/v8]:a=c"}, `"a" is given twice, as "b" and as "c"`},
		{nil, []string{"manifest-descriptor:a=b", "manifest-descriptor:a=c"}, `"a" is given twice`},
		{nil, []string{"manifest-descriptor[x/y/z/w]:a=b"}, `annotation "manifest-descriptor[x/y/z/w]:a": parsing platform`},
		{nil, []string{"index[linux/amd64]:a=b"}, `annotation "index[linux/amd64]:a": an index has no platform`},
		{nil, []string{"index,manifest:a=b"}, `its level is "manifest"`},
		{nil, []string{"index,image:a=b"}, `annotation "index,image:a": "image" is not a level`},
		{nil, []string{"INDEX:a=b"}, `begins with "INDEX", which is nearly a level`},
		{[]string{"a=b,indx:c=d"}, nil, `begins with "indx", which is nearly a level`},
		{[]string{"a=b, INDEX:c=d"}, nil, `begins with "INDEX", which is nearly a level`},
		{nil, []string{"Manifest:a=b"}, `begins with "Manifest", which is nearly a level`},
		{nil, []string{"manifests:a=b"}, `begins with "manifests", which is nearly a level`},
		{nil, []string{"Manifest[linux/amd64]:a=b"}, `begins with "Manifest", which is nearly a level`},
		{nil, []string{"manifest_descriptor:a=b"}, `begins with "manifest_descriptor", which is nearly a level`},
		{nil, []string{"inbox:a=b", "maintainer:c=d"}, "map[inbox:a:b maintainer:c:d]"},
		{nil, []string{"index:=b"}, "must be of the form key=value"},
	} {
		got, err := annotationsFromArgs(tt.lists, tt.pairs)
		if err == nil && got.String() != tt.want || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q %q: %v, %v; want %s", tt.lists, tt.pairs, got, err, tt.want)
		}
	}
}

// String is map[KEY:VALUE ...] of the index, and PLATFORM KEY=VALUE of the entries.
func (s annotationSet) String() string {
	var entries []string
	for _, e := range s.entries {
		text := e.Key + "=" + e.Value
		if e.Platform != nil {
			text = platform.Format(*e.Platform) + " " + text
		}
		entries = append(entries, text)
	}
	return strings.TrimSpace(fmt.Sprint(s.index) + " " + strings.Join(entries, ", "))
}

func TestParse_AnnotationLevels(t *testing.T) {
	const start, end = "image: a/b:1\nannotations:\n  %s: x\n", "manifests:\n- image: a/b:2\n  annotations:\n    %s: y\n"
	for _, tt := range []struct{ index, entry, want string }{
		{"a", "a", "map[a:x] map[a:y] []"},
		{"urn:a", "urn:b", "map[urn:a:x] map[urn:b:y] []"},
		{"'index:a'", "a", `map[a:x] map[a:y] [f:3: the level of annotation "index:a" is left out: it is written as "a"]`},
		{"a", "'manifest-descriptor:c'", `map[a:x] map[c:y] [f:7: the level of annotation "manifest-descriptor:c" is left out: it is written as "c"]`},
		{"'manifest-descriptor:c'", "a", `f:3: annotation "manifest-descriptor:c" is for another object than the index`},
		{"a", "'index:c'", `f:7: annotation "index:c" is for another object than an entry`},
		{"'Index:a'", "a", `f:3: annotation "Index:a" begins with "Index", which is nearly a level`},
		{"a", "'manifests:a'", `f:7: annotation "manifests:a" begins with "manifests", which is nearly a level`},
		{"a: z\n  'index:a'", "a", `f:4: keys "a" and "index:a" in annotations are two spellings of one`},
	} {
		specs, err := Parse("f", fmt.Appendf(nil, start+end, tt.index, tt.entry))
		if err != nil {
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s, %s: %v", tt.index, tt.entry, err)
			}
			continue
		}
		if got := fmt.Sprint(specs[0].Annotations, specs[0].Manifests[0].Annotations, specs[0].Warnings); got != tt.want {
			t.Errorf("%s, %s: %s", tt.index, tt.entry, got)
		}
	}
}
