package buildresult

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// The keys of buildx. Source: docs/reference/buildx_build.md of docker/buildx v0.36,
// exptypes of moby/buildkit.
const (
	keyDigest     = "containerimage.digest"
	keyDescriptor = "containerimage.descriptor"
	keyImageName  = "image.name"
	keyBuild      = "buildx.build.ref"
	bakePrefix    = "buildx." // of what is not a target in the file of bake
)

// pushHint says how a build has a digest.
const pushHint = "buildx pushes the image with the output type=image,push=true"

// parseJSON reads the file of a builder. targets are the bake targets to read: all if
// there are none.
func parseJSON(file string, content []byte, targets []string) ([]Image, error) {
	o, err := parseObject(position{file, 1}, content)
	if err != nil {
		return nil, err
	}
	o.at.line = 0
	switch {
	case isBuildx(o):
		image, err := parseBuildx(o)
		return []Image{image}, err
	case o.has("imageDigest") && o.has("image"):
		image, err := parseJib(o)
		return []Image{image}, err
	case slices.ContainsFunc(o.members, isBakeTarget):
		return parseBake(o, targets)
	case o.has("tag-names", "labels", "annotations") && o.has("tags"):
		err := o.at.errorf("it is the result of docker/metadata-action, which names no digest")
		err.HintText = "read it with --docker-metadata=FILE"
		return nil, err
	}
	return nil, unknownError(o)
}

// unknownError reports JSON of another program.
func unknownError(o object) error {
	if len(o.members) == 0 {
		err := o.at.errorf("it is an empty object: the build exported no image")
		err.HintText = pushHint
		return err
	}
	var names []string
	for _, m := range o.members[:min(3, len(o.members))] {
		names = append(names, m.name)
	}
	err := o.at.errorf("it is not the metadata of buildx, bake or jib: its keys are %.120q", strings.Join(names, ", "))
	err.HintText = "of another builder, write the digest or the reference into a file, one in each line"
	return err
}

func isBuildx(o object) bool { return o.has(keyDigest, keyDescriptor, keyBuild) }

// isBakeTarget reports whether a member is the result of a bake target.
func isBakeTarget(m member) bool {
	if strings.HasPrefix(m.name, bakePrefix) || !m.isObject() {
		return false
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(m.value, &keys) != nil {
		return false
	}
	for _, name := range []string{keyDigest, keyDescriptor, keyBuild} {
		if _, ok := keys[name]; ok {
			return true
		}
	}
	return false
}

// parseBuildx reads the file of buildx build --metadata-file, or one target of bake.
// That of imagetools create has the descriptor alone.
func parseBuildx(o object) (Image, error) {
	text, at, err := o.text(keyDigest)
	if err != nil {
		return Image{}, err
	}
	if text == "" {
		descriptor, err := o.object(keyDescriptor)
		if err != nil {
			return Image{}, err
		}
		if text, at, err = descriptor.text("digest"); err != nil {
			return Image{}, err
		}
	}
	if text == "" {
		err := o.at.errorf("it has no %s: the build exported no image", keyDigest)
		err.HintText = pushHint
		return Image{}, err
	}
	image, err := newImage(at, text)
	if err != nil {
		return Image{}, err
	}
	names, at, err := o.text(keyImageName)
	if err != nil {
		return Image{}, err
	}
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if err := image.addName(at, keyImageName, name); err != nil {
			return Image{}, err
		}
	}
	return image, nil
}

// newImage returns an image with a digest that is written at a position.
func newImage(at position, text string) (Image, error) {
	d, err := digest.Parse(text)
	if d, ok := wrongCase(text); ok {
		return Image{}, at.caseError(text, d)
	}
	if err != nil {
		return Image{}, at.errorf("%.80q is not a digest, such as sha256: with 64 hex digits: %w", text, err)
	}
	return Image{Digest: d, Origin: at.String()}, nil
}

// addName adds a name that the image has, without its tag.
func (i *Image) addName(at position, key, name string) error {
	ref, err := reference.Parse(name)
	if err != nil {
		return at.errorf("%s: %q is not a reference: %w", key, reference.RedactUserinfo(name), err)
	}
	i.Names = append(i.Names, ref.WithDigest(i.Digest))
	return nil
}

// parseBake reads the file of buildx bake --metadata-file: the results of targets by
// name.
func parseBake(o object, targets []string) ([]Image, error) {
	var all []Image
	byDigest := map[digest.Digest]Image{}
	for _, m := range o.members {
		if strings.HasPrefix(m.name, bakePrefix) || len(targets) > 0 && !slices.Contains(targets, m.name) {
			continue
		}
		if !m.isObject() {
			return nil, m.at.errorf("%q must be an object: the result of a target", m.name)
		}
		target, err := parseObject(m.start, m.value)
		if err != nil {
			return nil, err
		}
		image, err := parseBuildx(target)
		if err != nil {
			return nil, targetError(m.name, err)
		}
		image.Target = m.name
		if first, again := byDigest[image.Digest]; again {
			err := m.at.errorf("targets %q and %q have one digest, %s", first.Target, m.name, image.Digest)
			err.HintText = "choose the targets of the index with --bake-target"
			return nil, err
		}
		byDigest[image.Digest] = image
		all = append(all, image)
	}
	return all, nil
}

// targetError adds the way to leave a target out.
func targetError(name string, err error) error {
	return &manifest.InputError{Err: err, HintText: "if target " + name + " is not for this index, choose the others with --bake-target"}
}

// parseJib reads jib-image.json. Source: ImageMetadataOutput of
// GoogleContainerTools/jib v3.5; older versions have no imagePushed.
func parseJib(o object) (Image, error) {
	text, at, err := o.text("imageDigest")
	if err != nil {
		return Image{}, err
	}
	image, err := newImage(at, text)
	if err != nil {
		return Image{}, err
	}
	if m, ok := o.member("imagePushed"); ok && string(m.value) == "false" {
		err := m.at.errorf("jib did not push the image")
		err.HintText = "build it with jib:build (Maven) or jib (Gradle), which push it, not into a tar file or the local Docker"
		return Image{}, err
	}
	name, at, err := o.text("image")
	if err != nil {
		return Image{}, err
	}
	return image, image.addName(at, "image", name)
}
