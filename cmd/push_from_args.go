package cmd

import (
	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/spec"
)

func newPushFromArgs(o *pushOptions) *cobra.Command {
	var a spec.Args
	more := additionFlags{session: o.session}
	c := &cobra.Command{
		Use:   "from-args --platforms LIST --template NAME --target NAME",
		Short: "Push one index whose image names follow a pattern",
		Long: `Push one index whose image names follow a pattern.

In the template, OS, ARCH and VARIANT are replaced by the parts of each platform,
alone or next to each other, as in app-OS-ARCH or app:ARCHVARIANT, but not within
a longer upper-case word. --arch-name changes what is written for ARCH.

Without a tag in --target, the index gets those of --tags.`,
		Example: `  manifest-tool push from-args \
    --platforms linux/amd64,linux/arm/v7 \
    --template registry.example.com/team/app:1.0-OS-ARCHVARIANT \
    --tags 1,latest \
    --target registry.example.com/team/app:1.0`,
		Args: exactArgs(0, "flags"),
		RunE: func(c *cobra.Command, _ []string) error {
			a.ArchNames = o.settings.ArchNames
			if names := spec.SplitLines(more.Targets); len(names) > 0 {
				a.Target, more.Targets = names[0], names[1:]
			}
			in, err := specFromFlags(a)
			specs := []spec.Spec{in}
			if err == nil {
				err = more.addTo(c.Context(), specs)
			}
			if err != nil {
				return err
			}
			return wrapLegacy("pushing image failed", o.push(c.Context(), specs))
		},
	}
	flags := c.Flags()
	flags.StringArrayVar(&a.Platforms, "platforms", nil, "comma-separated `list` of os/arch[/variant][:os.version], repeatable (required)")
	flags.StringVar(&a.Template, "template", "", "`name` of the images, with OS, ARCH and VARIANT in it (required)")
	flags.StringSlice("arch-name", nil, "comma-separated `list` of ARCH[/VARIANT]=NAME, repeatable: the template writes NAME for ARCH, such as amd64=x86_64,arm/v7=armhf")
	more.addTargetFlags(c, "`name` and tag of the index (required); repeatable for further references in any repository")
	flags.StringArrayVar(&a.Tags, "tags", nil, "comma-separated `list` of more tags for the index, repeatable")
	addAnnotationFlags(flags, &a.Annotations, &a.Annotation)
	completeList(c, "platforms", commonPlatforms()...)
	_ = c.RegisterFlagCompletionFunc("template", completeReference(o.session, 0))
	return c
}

func specFromFlags(a spec.Args) (spec.Spec, error) {
	switch {
	case len(a.Platforms) == 0:
		return spec.Spec{}, usagef("required flag --platforms is not given")
	case a.Template == "":
		return spec.Spec{}, usagef("required flag --template is not given")
	case a.Target == "":
		return spec.Spec{}, usagef("required flag --target is not given")
	}
	return spec.FromArgs(a)
}
