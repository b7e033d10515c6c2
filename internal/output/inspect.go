package output

import (
	"fmt"
	"strconv"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// PrintInspection writes an inspection in the printer's format. The text of an index
// with its entries and layers, or of a single image, is that of manifest-tool v2,
// byte for byte; on a terminal it is a table.
func (p Printer) PrintInspection(in inspect.Inspection) error {
	if in.Index == nil && in.Image == nil {
		return fmt.Errorf("printing %q: it is neither an index nor an image", in.Name)
	}
	if p.Format.kind == asJSON && in.Index != nil {
		return p.indexJSON(in.Result())
	}
	if !p.Format.IsText() {
		return p.render(in.Result(), nil)
	}
	return p.render(in, func(t *text) {
		switch {
		case p.Columns > 0:
			newInspectView(p, t).all(in)
		case in.Index != nil:
			t.index(in)
		default:
			t.image(in)
		}
		if p.Columns == 0 {
			t.extraText(in)
		}
	})
}

// indexJSON writes the JSON of an index with less memory than render.
func (p Printer) indexJSON(r inspect.Result) error {
	entries := r.Entries
	r.Entries = []inspect.ResultEntry{}
	data, err := encodeList(r, "entries", len(entries), func(i int) any { return entries[i] })
	if err != nil {
		return err
	}
	return p.write(data)
}

func (t *text) index(in inspect.Inspection) {
	c := t.paint
	t.line("Name:   %s (Type: %s)", c.name(in.Name), c.name(in.Descriptor.MediaType))
	t.line("Digest: %s", c.digest(in.Descriptor.Digest))
	t.line(" * Contains %s:", t.contents(in.Index))
	t.entries("", in.Index)
}

// contents counts the entries of an index. As in manifest-tool v2, every entry that
// is not an attestation counts as an image.
func (t *text) contents(x *manifest.Index) string {
	if kind := blobIndexKind(x); kind != "" {
		return t.paint.count("%d", len(x.Entries)) + " " + plural("blob", len(x.Entries)) + ", it is " + kind
	}
	attestations := 0
	for _, e := range x.Entries {
		if e.IsAttestation() {
			attestations++
		}
	}
	c, images := t.paint, len(x.Entries)-attestations
	return fmt.Sprintf("%s manifest references (%s %s, %s %s)", c.count("%d", len(x.Entries)),
		c.count("%d", images), plural("image", images), c.count("%d", attestations), plural("attestation", attestations))
}

// blobIndexKind names an index that has no manifests, "" for others.
func blobIndexKind(x *manifest.Index) string {
	var all []ocispec.Descriptor
	for _, e := range x.Entries {
		all = append(all, e.Descriptor)
	}
	return manifest.BlobIndexKind(all)
}

// entries numbers the entries of an index; those of a nested one have the
// number of its entry before theirs, as in 2.1.
func (t *text) entries(prefix string, x *manifest.Index) {
	for i, e := range x.Entries {
		if !e.Filtered {
			t.entry(prefix+strconv.Itoa(i+1), e)
		}
	}
}

// plural follows manifest-tool v2: zero is singular.
func plural(noun string, n int) string {
	if n > 1 {
		return noun + "s"
	}
	return noun
}

func (t *text) entry(n string, e manifest.Entry) {
	c, mark := t.paint, ""
	if e.IsAttestation() {
		mark = c.name(" (" + manifest.AnnotationReferenceType + "=" + e.Descriptor.Annotations[manifest.AnnotationReferenceType] + ")")
	}
	t.line("[%s]     Type: %s%s", n, c.name(e.Descriptor.MediaType), mark)
	t.line("[%s]   Digest: %s", n, c.digest(e.Descriptor.Digest))
	t.line("[%s]   Length: %s", n, c.size(e.Descriptor.Size))
	switch {
	case !e.IsImage() && !e.IsIndex() && !e.Missing:
		// manifest-tool v2 prints no empty line here.
		t.line("Unknown media type for further display: %s", Escape(e.Descriptor.MediaType))
		return
	case e.IsAttestation():
		t.line("[%s]       >>> Attestation for digest: %s", n, c.digest(e.AttestedDigest()))
	case e.IsImage():
		t.platform(n, e.Descriptor.Platform)
	}
	if e.Mismatch != "" {
		t.line("[%s] Mismatch: %s", n, c.bad(Escape(e.Mismatch)))
	}
	t.entryBody(n, e)
}

// entryBody writes the content of an entry, or why it was not read.
func (t *text) entryBody(n string, e manifest.Entry) {
	c, label := t.paint, "# Layers"
	if e.IsIndex() {
		label = " Entries"
	}
	switch {
	case e.Missing:
		t.line("[%s] %s: %s", n, label, c.bad("unknown, the manifest is missing"))
	case e.IsUnsupported():
		t.line("[%s] %s: %s", n, label, c.bad("unknown, digests of this kind are not supported"))
	case e.Repeated:
		t.line("[%s] %s: shown above", n, label)
	case e.Index != nil:
		t.line("[%s] %s: %s:", n, label, t.contents(e.Index))
		t.line("")
		t.entries(n+".", e.Index)
		return
	case e.IsAttestation() && e.Manifest != nil:
	case e.IsTooDeep():
		t.line("[%s] %s: %s", n, label, c.bad("unknown, it is nested too deep to be read"))
	case e.Manifest == nil:
		t.line("[%s] %s: %s", n, label, c.bad("unknown, the manifest was not read"))
	default:
		t.layers(n, e.Manifest.Layers)
		t.config(n, e)
	}
	t.line("")
}

func (t *text) platform(n string, p *ocispec.Platform) {
	c := t.paint
	t.line("[%s] Platform:", n)
	if p == nil {
		t.line("[%s]    -      (no platform specified)", n)
		return
	}
	t.line("[%s]    -      OS: %s", n, c.name(p.OS))
	if p.OSVersion != "" {
		t.line("[%s]    - OS Vers: %s", n, c.name(p.OSVersion))
	}
	if len(p.OSFeatures) > 0 {
		t.line("[%s]    - OS Feat: %s", n, c.name(fmt.Sprint(p.OSFeatures)))
	}
	t.line("[%s]    -    Arch: %s", n, c.name(p.Architecture))
	if p.Variant != "" {
		t.line("[%s]    - Variant: %s", n, c.name(p.Variant))
	}
}

func (t *text) layers(n string, layers []ocispec.Descriptor) {
	c := t.paint
	t.line("[%s] # Layers: %s", n, c.count("%d", len(layers)))
	for i, layer := range layers {
		t.line("     layer %s: digest = %s", c.count("%02d", i+1), c.digest(layer.Digest))
		t.line("                 type = %s", c.name(layer.MediaType))
	}
}

// image writes a single image. manifest-tool v2 shows neither its variant and OS
// version nor the types of its layers.
func (t *text) image(in inspect.Inspection) {
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
