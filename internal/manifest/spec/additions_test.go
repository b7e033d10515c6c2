package spec

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/platform"
)

// TestSpec_Add adds what flags and docker/metadata-action say to a spec of docker.io/team/app.
func TestSpec_Add(t *testing.T) {
	metadata := func(tags, annotations string) []Metadata {
		return []Metadata{{Origin: "f", Tags: strings.Fields(tags), Annotations: strings.Fields(annotations)}}
	}
	for _, tt := range []struct {
		name, image string
		add         Additions
		want        string
	}{
		{"nothing", "team/app:1", Additions{}, "[] [] map[] "},
		{"tags and targets", "team/app:1", Additions{Tags: []string{"2, 3", "2"}, Targets: []string{"a/b", "\n c/d:1 \n\ne/f\n"}}, "[2 3] [a/b c/d:1 e/f] map[] "},
		{"annotations", "team/app:1", Additions{Annotations: []string{"a=b,manifest-descriptor:c=d"}, Annotation: []string{"index:e=f"}}, "[] [] map[a:b e:f] c=d"},

		{"tags of the target's repository", "team/app", Additions{Metadata: metadata("team/app:1.4 docker.io/team/app:latest", "")}, "[1.4 latest] [] map[] "},
		{"tags of several repositories", "docker.io/team/app:x", Additions{Metadata: metadata("team/app:1 ghcr.io/team/app:1 ghcr.io/team/app:2", "")}, "[1] [ghcr.io/team/app:1 ghcr.io/team/app:2] map[] "},
		{"tags alone", "team/app", Additions{Metadata: metadata("1.4 latest", "")}, "[1.4 latest] [] map[] "},
		{"a repository gets all tags", "team/app", Additions{Metadata: metadata("team/app:1 ghcr.io/team/app", "")}, "[1] [ghcr.io/team/app] map[] "},
		{"levels", "team/app:1", Additions{Metadata: metadata("", "index:a=b=c index,manifest:d=e manifest-descriptor[linux/arm64]:f=g manifest:a=b")}, "[] [] map[a:b=c d:e] linux/arm64 f=g"},
		{"the default level", "team/app:1", Additions{Metadata: metadata("", "manifest:a=b manifest:c=d index-descriptor:e=f g=h")}, "[] [] map[]  warning: f: annotations of manifests are left out, since a push does not change images: a and 3 more"},
		{"one of the default level", "team/app:1", Additions{Metadata: metadata("", "manifest:a=b")}, "[] [] map[]  warning: f: annotations of manifests are left out, since a push does not change images: a"},

		{"no tag for the target", "team/app", Additions{Metadata: metadata("ghcr.io/team/app:1", "")}, "error: f has no tag for docker.io/team/app, the target"},
		{"no tag at all", "team/app", Additions{Metadata: metadata("", "")}, "error: f has no tag for docker.io/team/app, the target"},
		{"a tag that is none", "team/app", Additions{Metadata: metadata("1+2", "")}, `error: f: "1+2" is not a tag`},
		{"a reference that is none", "team/app", Additions{Metadata: metadata("Team/App:1", "")}, `error: f: tag "Team/App:1": `},
		{"an annotation that is none", "team/app:1", Additions{Metadata: metadata("", "index:a")}, `error: f: annotation "index:a" is not of the form key=value`},
		{"a level that is none", "team/app:1", Additions{Metadata: metadata("", "Index:a=b")}, `error: f: annotation "Index:a" begins with "Index", which is nearly a level`},
		{"two values", "team/app:1", Additions{Annotation: []string{"a=b"}, Metadata: metadata("", "index:a=c")}, `error: f: annotation "a" is given twice`},
		{"a tag of --tags that is none", "team/app:1", Additions{Tags: []string{"-"}}, `error: reading --tags: "-" is not a tag`},
		{"an annotation of another level", "team/app:1", Additions{Annotation: []string{"manifest:a=b"}}, `error: annotation "manifest:a" is for an object that a push does not write`},
	} {
		s := Spec{Image: tt.image}
		err := s.Add(tt.add)
		got := fmt.Sprint(s.Tags, s.Targets, " ", annotationSet{index: s.Annotations, entries: s.EntryAnnotations})
		if len(s.EntryAnnotations) == 0 {
			got += " "
		}
		for _, w := range s.Warnings {
			got += " warning: " + w.Error()
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if err == nil && got != tt.want || err != nil && (!strings.HasPrefix(got, tt.want) || errtext.ExitCode(err) != 2) {
			t.Errorf("%s: %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestSpec_Add_Conflict(t *testing.T) {
	s := Spec{Image: "a/b:1", Annotations: map[string]string{"a": "b"}}
	if err := s.Add(Additions{Annotation: []string{"a=c"}}); err == nil || !strings.Contains(err.Error(), `"a" is given twice, as "b" and as "c"`) {
		t.Error(err)
	}
}

func TestFromImages(t *testing.T) {
	for _, tt := range []struct{ target, images, want string }{
		{"a/b:1", "a/b:1-amd64 a/b@sha256:0", "a/b:1 [] a/b:1-amd64 / a/b@sha256:0 /"},
		{"a/b:1\n\nc/d\ne/f:2", "a/b:2", "a/b:1 [c/d e/f:2] a/b:2 /"},
		{"a/b:1", "a/b:2=linux/arm/v7 a/b:3=windows/amd64:10.0.1 a/b:4=aarch64", "a/b:1 [] a/b:2 linux/arm/v7 a/b:3 windows/amd64:10.0.1 a/b:4 linux/arm64"},
		{"a/b:1", "oci-layout://x=y/z:1 oci-layout://x=y:1=linux/arm64 oci-layout://x=linux/arm64", "a/b:1 [] oci-layout://x=y/z:1 / oci-layout://x=y:1 linux/arm64 oci-layout://x linux/arm64"},
		{"a/b:1", "a/b:2=linux/arm/v7/x", `error: image a/b:2: parsing platform "linux/arm/v7/x"`},
		{"a/b:1", "a/b:2=", `error: image a/b:2: parsing platform ""`},
		{" ", "a/b:2", "error: the target is empty"},
	} {
		s, err := FromImages(tt.target, strings.Fields(tt.images))
		got := fmt.Sprint(s.Image, " ", s.Targets)
		for _, m := range s.Manifests {
			name := "/"
			if m.Platform.OS != "" {
				name = platform.Format(m.Platform)
			}
			if m.Platform.OSVersion != "" {
				name = m.Platform.OS + "/" + m.Platform.Architecture + ":" + m.Platform.OSVersion
			}
			got += " " + m.Image + " " + name
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if err == nil && got != tt.want || err != nil && !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q: %s; want %s", tt.target, got, tt.want)
		}
	}
}
