package cmd

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/buildresult"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/store"
)

// digestOptions are the options of push from-digests.
type digestOptions struct {
	additionFlags

	image       nonEmptyString
	bakeTargets nonEmptyList
	// assumed is set if an image is expected in the repository of the target.
	assumed bool
}

func newPushFromDigests(o *pushOptions) *cobra.Command {
	d := &digestOptions{additionFlags: additionFlags{session: o.session}}
	c := &cobra.Command{
		Use:   "from-digests TARGET FROM...",
		Short: "Push an index of the images that builders have just pushed",
		Long: `Push an index of the images that builders have just pushed.

FROM is what a builder leaves: a directory of files named by digests, a file with
a digest or a reference in each line (kaniko, buildah, podman, ko), or the metadata
of buildx, bake or jib. A digest, and - for standard input, are fine as well.
Platforms are read from the images.

An image of which only the digest is known is expected in the repository of
TARGET, unless --image names another one.`,
		Example: `  manifest-tool push from-digests registry.example.com/team/app:1.0 digests/
  manifest-tool push from-digests registry.example.com/team/app digests/ --docker-metadata
  manifest-tool push from-digests registry.example.com/team/app:1.0 amd64.json arm64.json`,
		Args:              minArgs(2, "a target and what builders left: directories, files or digests"),
		ValidArgsFunction: completeTargetThenFiles(o.session),
		RunE: func(c *cobra.Command, args []string) error {
			specs, err := d.specs(c.Context(), args[0], args[1:])
			if err != nil {
				return err
			}
			return d.explain(o.push(c.Context(), specs))
		},
	}
	d.addTagFlags(c)
	c.Flags().Var(&d.image, "image", "`name` of the repository that the images are in, if only their digests are known (default that of TARGET)")
	c.Flags().Var(&d.bakeTargets, "bake-target", "comma-separated `list` of the targets to use of the metadata of bake (default all)")
	return c
}

// specs reads what builders left.
func (d *digestOptions) specs(ctx context.Context, target string, from []string) ([]spec.Spec, error) {
	in, err := spec.FromTarget(target)
	if err != nil {
		return nil, err
	}
	images, err := buildresult.Read(buildresult.Input{
		From: from, BakeTargets: d.bakeTargets,
		ReadFile: func(path string) ([]byte, error) {
			content, _, err := d.readInput(ctx, "file", path)
			return content, err
		},
	})
	if err != nil {
		return nil, err
	}
	d.assumed = d.image == "" && slices.ContainsFunc(images, func(i buildresult.Image) bool { return len(i.Names) == 0 })
	if in.Manifests, err = buildresult.Sources(images, string(d.image), in.Image); err != nil {
		return nil, err
	}
	specs := []spec.Spec{in}
	return specs, d.addTo(ctx, specs)
}

// explain adds to the error of an image that was not found where it was expected, and
// why.
func (d *digestOptions) explain(err error) error {
	if !d.assumed || !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return errtext.WithHint(err, "the digest alone is known, so the image was expected in the repository of TARGET: if it is in another one, name it with --image")
}

// completeTargetThenFiles completes the tag of the first argument, and files after it.
func completeTargetThenFiles(s *session) completionFunc {
	complete := completeReference(s, 1)
	return func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return complete(c, args, word)
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}
