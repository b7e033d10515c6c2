package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/spec"
)

func newPushFromSpec(o *pushOptions) *cobra.Command {
	expandEnv, more := false, additionFlags{session: o.session}
	c := &cobra.Command{
		Use:   "from-spec FILE...",
		Short: "Push the indexes that YAML files describe",
		Long: `Push the indexes that YAML files describe; - reads standard input.

Each YAML document describes one index:

  image: registry.example.com/team/app:1.0
  tags: [1, latest]
  annotations:
    org.opencontainers.image.source: https://example.com/team/app
  manifests:
    - image: registry.example.com/team/app:1.0-amd64
    - image: registry.example.com/team/app:1.0-armv7
      platform: {os: linux, architecture: arm, variant: v7}

Fields missing in platform are read from the image's config. Keys that are not
known are ignored with a warning; misspelled ones are errors.`,
		Example: `  manifest-tool push from-spec index.yaml
  manifest-tool push from-spec images/*.yaml
  manifest-tool push --type oci from-spec - < index.yaml`,
		Args: minArgs(1, "a spec file"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			specs, err := o.readSpecs(c.Context(), args, expandEnv)
			if err == nil {
				err = more.addTo(c.Context(), specs)
			}
			if err != nil {
				return err
			}
			return wrapLegacy("failed to push image", o.push(c.Context(), specs))
		},
	}
	c.Flags().BoolVar(&expandEnv, "expand-env", false, "replace ${NAME} and ${NAME:-DEFAULT} in the values of the file by environment variables")
	more.addTargetFlags(c, "further `reference` for the index, in any repository, repeatable; without a tag it gets all tags of the first one")
	return c
}

// readSpecs reads spec files; with expandEnv their values may have variables.
func (o *pushOptions) readSpecs(ctx context.Context, names []string, expandEnv bool) ([]spec.Spec, error) {
	files := spec.Files{Names: names, ReadFile: func(name string) ([]byte, string, error) {
		return o.readInput(ctx, "YAML file", name)
	}}
	if expandEnv {
		files.Getenv = o.Getenv
	}
	return spec.ReadFiles(files)
}
