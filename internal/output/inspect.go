package output

import (
	"bytes"
	"fmt"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

// Inspection writes the text of `inspect`: an index with its entries and
// their layers, or a single image.
func (p Printer) Inspection(in manifest.Inspection) error {
	t := text{paint: paint{on: p.Color}}
	switch {
	case in.Index != nil:
		t.index(in)
	case in.Image != nil:
		t.image(in)
	default:
		return fmt.Errorf("printing %q: it is neither an index nor an image", in.Name)
	}
	return p.write(t.b.Bytes())
}

// text collects the lines of one result.
type text struct {
	paint paint
	// columns is the width of the terminal that shows it; 0 when none does.
	columns int
	b       bytes.Buffer
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(&t.b, format+"\n", args...) }

func (t *text) index(in manifest.Inspection) {
	images, attestations := 0, 0
	for _, e := range in.Index.Entries {
		if e.IsAttestation() {
			attestations++
		} else {
			images++
		}
	}
	c := t.paint
	t.line("Name:   %s (Type: %s)", c.name(in.Name), c.name(in.Descriptor.MediaType))
	t.line("Digest: %s", c.digest(in.Descriptor.Digest))
	t.line(" * Contains %s manifest references (%s %s, %s %s):", c.count("%d", len(in.Index.Entries)),
		c.count("%d", images), plural("image", images), c.count("%d", attestations), plural("attestation", attestations))
	for i, e := range in.Index.Entries {
		t.entry(i+1, e)
	}
}

// plural follows the predecessor: nought is singular.
func plural(noun string, n int) string {
	if n > 1 {
		return noun + "s"
	}
	return noun
}

func (t *text) entry(n int, e manifest.Entry) {
	c, mark := t.paint, ""
	if e.IsAttestation() {
		mark = c.name(" (" + manifest.AnnotationReferenceType + "=" + e.Descriptor.Annotations[manifest.AnnotationReferenceType] + ")")
	}
	t.line("[%d]     Type: %s%s", n, c.name(e.Descriptor.MediaType), mark)
	t.line("[%d]   Digest: %s", n, c.digest(e.Descriptor.Digest))
	t.line("[%d]   Length: %s", n, c.size(e.Descriptor.Size))
	switch {
	case !e.IsImage() && !e.Missing:
		// The predecessor puts no empty line here.
		t.line("Unknown media type for further display: %s", Escape(e.Descriptor.MediaType))
		return
	case e.IsAttestation():
		subject := digest.Digest(e.Descriptor.Annotations[manifest.AnnotationReferenceDigest])
		t.line("[%d]       >>> Attestation for digest: %s", n, c.digest(subject))
	case e.IsImage():
		t.platform(n, e.Descriptor.Platform)
	}
	switch {
	case e.Missing:
		t.line("[%d] # Layers: %s", n, c.alert("unknown, the manifest is missing from the registry"))
	case e.IsUnsupported():
		t.line("[%d] # Layers: %s", n, c.alert("unknown, digests of this kind are not supported"))
	case e.IsAttestation():
	case e.Manifest == nil:
		t.line("[%d] # Layers: %s", n, c.alert("unknown, the manifest was not read"))
	default:
		t.layers(n, e.Manifest.Layers)
	}
	t.line("")
}

func (t *text) platform(n int, p *ocispec.Platform) {
	c := t.paint
	t.line("[%d] Platform:", n)
	if p == nil {
		t.line("[%d]    -      (no platform specified)", n)
		return
	}
	t.line("[%d]    -      OS: %s", n, c.name(p.OS))
	if p.OSVersion != "" {
		t.line("[%d]    - OS Vers: %s", n, c.name(p.OSVersion))
	}
	if len(p.OSFeatures) > 0 {
		t.line("[%d]    - OS Feat: %s", n, c.name(fmt.Sprint(p.OSFeatures)))
	}
	t.line("[%d]    -    Arch: %s", n, c.name(p.Architecture))
	if p.Variant != "" {
		t.line("[%d]    - Variant: %s", n, c.name(p.Variant))
	}
}

func (t *text) layers(n int, layers []ocispec.Descriptor) {
	c := t.paint
	t.line("[%d] # Layers: %s", n, c.count("%d", len(layers)))
	for i, layer := range layers {
		t.line("     layer %s: digest = %s", c.count("%02d", i+1), c.digest(layer.Digest))
		t.line("                 type = %s", c.name(layer.MediaType))
	}
}

// image prints a single image; the predecessor shows neither its variant and
// OS version nor the types of its layers.
func (t *text) image(in manifest.Inspection) {
	c, layers := t.paint, in.Image.Manifest.Layers
	t.line("Name: %s (Type: %s)", c.name(in.Name), c.name(in.Descriptor.MediaType))
	t.line("      Digest: %s", c.digest(in.Descriptor.Digest))
	t.line("        Size: %s", c.size(in.Descriptor.Size))
	t.line("          OS: %s", c.name(in.Image.Config.OS))
	t.line("        Arch: %s", c.name(in.Image.Config.Architecture))
	t.line("    # Layers: %s", c.count("%d", len(layers)))
	for i, layer := range layers {
		t.line("      layer %s: digest = %s", c.count("%02d", i+1), c.digest(layer.Digest))
	}
}
