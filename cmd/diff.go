package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/diff"
	"manifest-tool/internal/manifest/spec"
)

type diffOptions struct {
	*session

	platforms []string
	shallow   bool
}

func newDiff(s *session) *cobra.Command {
	o := &diffOptions{session: s}
	c := &cobra.Command{
		Use:        "diff OLD NEW",
		SuggestFor: []string{"compare"},
		Short:      "Compare two indexes or images, entry by entry",
		Long: `Compare two indexes or images, entry by entry, matched by platform.

OLD and NEW may be in different registries, OCI layouts or archives; both need a tag
or a digest. A single image is compared as an index with this image only. For
images that changed, manifests and configs are read and compared too: layers
added and removed, bytes that both share, entrypoint, environment, labels and
all other fields of the config.

The exit code is 0 if both are equal and 3 if they differ.`,
		Example: `  manifest-tool diff registry.example.com/team/app:1.0 registry.example.com/team/app:1.1
  manifest-tool diff --platform linux/arm64 --output json oci-layout://app:1.0 registry.example.com/team/app:1.0`,
		Args: exactArgs(2, "two references"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0], args[1]) },

		ValidArgsFunction: completeReference(s, 2),
	}
	c.Flags().StringArrayVar(&o.platforms, "platform", nil, "compare only these platforms, a comma-separated `list` of os/arch[/variant][:os.version], repeatable")
	completeList(c, "platform", commonPlatforms()...)
	c.Flags().BoolVar(&o.shallow, "shallow", false, "compare only the indexes, without reading the images that changed")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *diffOptions) run(ctx context.Context, oldName, newName string) error {
	only, err := spec.ParsePlatforms("--platform", o.platforms)
	if err != nil {
		return err
	}
	s, err := o.openStore(registryHosts(oldName, newName))
	if err != nil {
		return err
	}
	found, err := diff.Diff(ctx, s, oldName, newName, diff.Options{Only: only, Shallow: o.shallow})
	if err != nil {
		return err
	}
	if err := o.printer.PrintDiff(found); err != nil || found.Equal {
		return err
	}
	return &verdictError{found.Old.Name + " and " + found.New.Name + " differ"}
}
