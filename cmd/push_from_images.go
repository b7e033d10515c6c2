package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/spec"
)

func newPushFromImages(o *pushOptions) *cobra.Command {
	more := &additionFlags{session: o.session}
	c := &cobra.Command{
		Use:   "from-images TARGET REF[=PLATFORM]...",
		Short: "Push an index of images",
		Long: `Push an index of images, in the order of the arguments.

Platforms are read from the images. REF=PLATFORM declares one, as in
registry.example.com/team/app:1.0-armv7=linux/arm/v7.`,
		Example: `  manifest-tool push from-images registry.example.com/team/app:1.0 \
    registry.example.com/team/app:1.0-amd64 \
    registry.example.com/team/app:1.0-arm64`,
		Args:              minArgs(2, "a target and images"),
		ValidArgsFunction: completeReference(o.session, 0),
		RunE: func(c *cobra.Command, args []string) error {
			specs, err := specsFromImages(c.Context(), more, args)
			if err != nil {
				return err
			}
			return o.push(c.Context(), specs)
		},
	}
	more.addTagFlags(c)
	return c
}

// specsFromImages makes the spec of a target and its images.
func specsFromImages(ctx context.Context, more *additionFlags, args []string) ([]spec.Spec, error) {
	in, err := spec.FromImages(args[0], args[1:])
	if err != nil {
		return nil, err
	}
	specs := []spec.Spec{in}
	return specs, more.addTo(ctx, specs)
}
