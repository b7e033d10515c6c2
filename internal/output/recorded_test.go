package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// record is what the predecessor answered, with the registry it answered from.
type record struct {
	Blobs     []struct{ Digest, Content string }
	Manifests []recordedManifest
	Cases     []struct {
		Name   string
		Args   []string
		Exit   int
		Stdout string
	}
}

type recordedManifest struct{ Repository, Reference, MediaType, Content string }

func (m recordedManifest) descriptor() ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: m.MediaType, Digest: digest.FromString(m.Content), Size: int64(len(m.Content))}
}

func TestTextAndRawEqualThePredecessors(t *testing.T) {
	data, err := os.ReadFile("../../testdata/predecessor.json")
	if err != nil {
		t.Fatal(err)
	}
	var r record
	decode(t, data, &r)
	ran := 0
	for _, c := range r.Cases {
		if c.Exit != 0 || !slices.Contains(c.Args, "inspect") {
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) {
			var out bytes.Buffer
			p, in := Printer{Out: &out}, r.inspection(t, c.Args[len(c.Args)-1])
			if slices.Contains(c.Args, "--raw") {
				err = p.Raw(in, slices.Contains(c.Args, "--expand-config"))
			} else {
				err = p.PrintInspection(in)
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.Stdout, withoutAdded(t, c.Args, out.String())); diff != "" {
				t.Errorf("output (-predecessor +ours):\n%s", diff)
			}
		})
	}
	if ran != 10 {
		t.Errorf("%d recorded inspections, want 10", ran)
	}
}

// withoutAdded takes out what --raw adds to the entries of an index (decision
// 16): the predecessor shows the children and loses what the index says of them.
func withoutAdded(t *testing.T, args []string, output string) string {
	t.Helper()
	var index struct {
		Manifests []struct {
			Digest      digest.Digest
			Size        int64
			Platform    *ocispec.Platform
			Annotations map[string]string
		}
	}
	if !slices.Contains(args, "--raw") {
		return output
	}
	decode(t, []byte(output), &index)
	for _, e := range index.Manifests {
		for _, added := range []any{e.Annotations, e.Digest, e.Size, e.Platform} {
			text, err := json.MarshalIndent(added, "            ", "    ")
			if err != nil {
				t.Fatal(err)
			}
			output = strings.Replace(output, fmt.Sprintf(",\n            %q: %s", nameOf(added), text), "", 1)
		}
	}
	return output
}

func nameOf(added any) string {
	switch added.(type) {
	case digest.Digest:
		return "digest"
	case int64:
		return "size"
	case *ocispec.Platform:
		return "platform"
	}
	return "annotations"
}

// inspection builds what inspecting a recorded reference finds.
func (r record) inspection(t *testing.T, name string) inspect.Inspection {
	t.Helper()
	root := r.find(t, strings.TrimPrefix(name, "REGISTRY/"))
	in := inspect.Inspection{Name: name, Descriptor: root.descriptor(), Raw: []byte(root.Content)}
	var index ocispec.Index
	decode(t, in.Raw, &index)
	if index.Manifests == nil {
		in.Image = new(manifest.Image)
		decode(t, in.Raw, &in.Image.Manifest)
		decode(t, []byte(r.blob(t, in.Image.Manifest.Config.Digest)), &in.Image.Config)
		return in
	}
	in.Index = &manifest.Index{SchemaVersion: index.SchemaVersion, MediaType: index.MediaType, Annotations: index.Annotations}
	for _, d := range index.Manifests {
		e := manifest.Entry{Descriptor: d, Manifest: new(ocispec.Manifest)}
		decode(t, []byte(r.find(t, root.Repository+"@"+d.Digest.String()).Content), e.Manifest)
		in.Index.Entries = append(in.Index.Entries, e)
	}
	return in
}

func (r record) find(t *testing.T, ref string) recordedManifest {
	t.Helper()
	for _, m := range r.Manifests {
		if ref == m.Repository+":"+m.Reference || ref == m.Repository+"@"+m.descriptor().Digest.String() {
			return m
		}
	}
	t.Fatalf("no manifest %q in the record", ref)
	return recordedManifest{}
}

func (r record) blob(t *testing.T, d digest.Digest) string {
	t.Helper()
	for _, b := range r.Blobs {
		if b.Digest == d.String() {
			return b.Content
		}
	}
	t.Fatalf("no blob %s in the record", d)
	return ""
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
