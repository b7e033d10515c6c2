package buildresult

import (
	"bytes"
	"unicode/utf8"

	"manifest-tool/internal/manifest/spec"
)

// metadataTarget is the bake target of docker/metadata-action, unless its input
// bake-target sets another one.
const metadataTarget = "docker-metadata-action"

// ParseMetadata reads the result of docker/metadata-action: its output json, one of its
// bake files, or full references, one in each line, as in its output tags. origin is
// the file or the variable that has it. Source: Meta.getJSON and generateBakeFile of
// docker/metadata-action v6.
func ParseMetadata(origin string, content []byte) (spec.Metadata, error) {
	at := position{file: origin}
	content = bytes.TrimPrefix(content, []byte(byteOrderMark))
	start := bytes.TrimSpace(content)
	switch {
	case len(start) == 0:
		return spec.Metadata{}, at.errorf("it is empty")
	case start[0] != '{' && !utf8.Valid(content):
		return spec.Metadata{}, at.errorf("it is not text in UTF-8")
	case start[0] == '[' || string(start) == "null": // of an expression without a value
		return spec.Metadata{}, at.errorf("it is not a result of docker/metadata-action: it is %.20s", start)
	case start[0] != '{':
		return spec.Metadata{Origin: origin, Tags: spec.SplitLines([]string{string(content)})}, nil
	}
	o, err := parseObject(position{origin, 1}, content)
	if err != nil {
		return spec.Metadata{}, err
	}
	if o, err = fromBakeFile(o); err != nil {
		return spec.Metadata{}, err
	}
	if !o.has("tags", "annotations", "labels") {
		err := at.errorf("it is not a result of docker/metadata-action: it has no tags")
		if isBuildx(o) {
			err.HintText = "it is the metadata of buildx: push from-digests reads it as an argument"
		}
		return spec.Metadata{}, err
	}
	out := spec.Metadata{Origin: origin}
	if out.Tags, err = o.texts("tags"); err != nil {
		return spec.Metadata{}, err
	}
	out.Annotations, err = o.texts("annotations")
	return out, err
}

// fromBakeFile returns the target of a bake file, or any other object as it is.
func fromBakeFile(o object) (object, error) {
	if !o.has("target") {
		return o, nil
	}
	targets, err := o.object("target")
	if err != nil {
		return o, err
	}
	if targets.has(metadataTarget) {
		return targets.object(metadataTarget)
	}
	if len(targets.members) != 1 {
		return o, targets.at.errorf("it has %d bake targets, and none is called %s", len(targets.members), metadataTarget)
	}
	return targets.object(targets.members[0].name)
}
