package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/store"
)

type inspectOptions struct {
	Deps
	registry *registryFlags

	raw          bool
	expandConfig bool
}

func newInspect(deps Deps, reg *registryFlags) *cobra.Command {
	o := &inspectOptions{Deps: deps, registry: reg}
	c := &cobra.Command{
		Use:   "inspect REF",
		Short: "Show what a reference names: an index and its images, or one image",
		Long: `Show what a reference names: an index with its entries, their platforms and
layers, or a single image.

REF is an image in a registry, NAME:TAG or NAME@DIGEST, or one in an OCI
layout, oci-layout://DIR:TAG. A tag or a digest must be given.

An entry whose manifest the registry no longer has is shown as missing; the
exit code is 3 then.`,
		Example: `  manifest-tool inspect registry.example.com/team/app:1.0
  manifest-tool inspect --raw oci-layout://app:1.0`,
		Args: exactly(1, "one reference"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args[0]) },
	}
	c.Flags().BoolVar(&o.raw, "raw", false, "print JSON")
	c.Flags().BoolVar(&o.expandConfig, "expand-config", false, "with --raw, put the config of a single image in place of its descriptor")
	return c
}

func (o *inspectOptions) run(c *cobra.Command, name string) error {
	if o.expandConfig && !o.raw {
		return usagef("the --expand-config flag is only valid when used with --raw")
	}
	printer, err := o.registry.printer(o.Deps)
	if err != nil {
		return err
	}
	s, err := o.registry.store(o.Deps, store.Options{}, hostsOf(name))
	if err != nil {
		return err
	}
	found, err := manifest.Inspect(c.Context(), s, name)
	if err != nil {
		return err
	}
	if o.raw {
		err = printer.Raw(found, o.expandConfig)
	} else {
		err = printer.Inspection(found)
	}
	if err != nil {
		return err
	}
	return missingVerdict(found)
}

// missingVerdict makes missing entries the answer "no".
func missingVerdict(found manifest.Inspection) error {
	n := found.MissingCount()
	if n == 0 {
		return nil
	}
	return &verdictError{fmt.Sprintf("%d of %d entries of %s are missing from the registry", n, len(found.Index.Entries), found.Name)}
}

// hostsOf returns the registries of references; what is no reference has none.
func hostsOf(names ...string) []string {
	var hosts []string
	for _, n := range names {
		if ref, err := store.Parse(n); err == nil && ref.Host() != "" {
			hosts = append(hosts, ref.Host())
		}
	}
	return hosts
}
