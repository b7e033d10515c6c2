package output

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/platform"
)

func tagList() inspect.TagList {
	return inspect.TagList{Schema: "tags/v1", Repository: "reg.example/app", Tags: []inspect.Tag{
		{Name: "1.0", Kind: manifest.KindIndex, MediaType: manifest.MediaTypeDockerList, Digest: sha("1"), Size: 700, Platforms: []platform.Platform{
			{OS: "linux", Architecture: "amd64"},
			{OS: "linux", Architecture: "arm", Variant: "v7"},
			{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700", OSFeatures: []string{"win32k"}},
			{OS: "linux", Architecture: "riscv64"},
			{OS: "linux", Architecture: "s390x"},
		}},
		{Name: "gone", Missing: true},
		{Name: "one", Kind: manifest.KindImage, MediaType: manifest.MediaTypeDockerImage, Digest: sha("2"), Size: 300},
		{Name: "locked", Error: hostile, Err: errors.New(hostile)},
		{Name: hostile, Kind: manifest.KindUnknown, MediaType: hostile, Digest: sha("3"), Size: 1},
	}}
}

// pushed is a push of which one tag failed, or none.
func pushed(err error) push.Result {
	p := push.Result{
		Schema: "push/v1", Ref: "reg.example/app:1", Digest: sha("1"), Size: 700, MediaType: manifest.MediaTypeDockerList,
		Tags: []push.TagResult{{Tag: "1", State: push.TagWritten}, {Tag: "latest", State: push.TagUnchanged}},
	}
	if err != nil {
		p.Tags = append(p.Tags, push.TagResult{Tag: "fixed", State: push.TagFailed, Error: err.Error(), Err: err})
	}
	return p
}

// taggedImages is the result of a push that tags the images too.
func taggedImages() push.Result {
	p := pushed(nil)
	p.PlatformTags = []push.PlatformTag{
		{Tag: "1-linux-amd64", Platform: "linux/amd64", Digest: sha("2"), State: push.TagWritten},
		{Tag: "1-linux-arm64", Platform: "linux/arm64", Digest: sha("3"), State: push.TagFailed, Error: "denied"},
	}
	return p
}

func TestTagsText(t *testing.T) {
	for golden, p := range map[string]Printer{"tags.txt": {}, "tags-80.txt": {Columns: 80}, "tags-120.txt": {Columns: 120}} {
		for _, platforms := range []bool{false, true} {
			name := golden
			if platforms {
				name = "platforms-" + golden
			}
			t.Run(name, func(t *testing.T) {
				var out bytes.Buffer
				p.Out = &out
				if err := p.PrintTags(tagList(), platforms); err != nil {
					t.Fatal(err)
				}
				if p.Columns > 0 {
					checkClean(t, out.String())
				}
				checkGolden(t, name, out.Bytes())
			})
		}
	}
}

func TestPushedInEveryFormat(t *testing.T) {
	for format, want := range map[string]string{
		"text": "", // the error of the run lists the tags
		"yaml": "---\nschema: push/v1\nref: reg.example/app:1\ndigest: " + sha("1").String() + "\nsize: 700\nmediaType: " + manifest.MediaTypeDockerList +
			"\ntags:\n  - tag: \"1\"\n    state: written\n  - tag: latest\n    state: unchanged\n  - tag: fixed\n    state: failed\n    error: denied\nunchanged: false\n",
		"template={{.Digest}}{{range .Tags}} {{.Tag}}={{.State}}{{end}}": sha("1").String() + " 1=written latest=unchanged fixed=failed\n",
	} {
		f, err := ParseFormat(format)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := (Printer{Out: &out, Format: f, Multiple: true}).PrintPush([]push.Result{pushed(errors.New("denied"))}); err != nil || out.String() != want {
			t.Errorf("%s: %v (-want +got):\n%s", format, err, cmp.Diff(want, out.String()))
		}
	}
}
