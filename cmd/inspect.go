package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/output"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

type inspectOptions struct {
	*session

	raw          bool
	rawBytes     bool
	expandConfig bool
	platform     nonEmptyString
	referrers    bool
}

func newInspect(s *session) *cobra.Command {
	o := &inspectOptions{session: s}
	c := &cobra.Command{
		Use:   "inspect REF",
		Short: "Show an index with its images, or a single image",
		Long: `Show an index with its entries, their platforms and layers, or a single image.

REF is an image in a registry, NAME:TAG or NAME@DIGEST, or in an OCI layout or an
archive, oci-layout://DIR:TAG, oci-archive://FILE:TAG or docker-archive://FILE:TAG. It
needs a tag or a digest.

An entry whose manifest is no longer in the registry is shown as missing. The
exit code is 3 then, for an entry with a wrong size or media type, and also if
there is no entry for --platform.`,
		Example: `  manifest-tool inspect registry.example.com/team/app:1.0
  manifest-tool inspect --platform linux/arm64 -o json registry.example.com/team/app:1.0
  manifest-tool inspect -o 'template={{range .Entries}}{{platform .Platform}} {{.Digest}}{{"\n"}}{{end}}' registry.example.com/team/app:1.0
  manifest-tool inspect --raw oci-layout://app:1.0`,
		Args:              exactArgs(1, "one reference"),
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c, args[0]) },
		ValidArgsFunction: completeReference(s, 1),
	}
	flags := c.Flags()
	flags.BoolVar(&o.raw, "raw", false, "print JSON in the format of manifest-tool v2; --output json is the newer format")
	flags.BoolVar(&o.rawBytes, "raw-bytes", false, "print the exact bytes of the index or manifest, or with --platform those of the entry")
	flags.BoolVar(&o.expandConfig, "expand-config", false, "with --raw or --output, include the configs of images: that of a single image replaces its descriptor")
	flags.Var(&o.platform, "platform", "show only the entry that a node of this `platform` pulls, os/arch[/variant][:os.version]")
	completePlatform(c, "platform")
	flags.BoolVar(&o.referrers, "referrers", false, "list the signatures, attestations and SBOMs of the digest")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *inspectOptions) run(c *cobra.Command, name string) error {
	if err := o.check(c.Flags().Changed("output")); err != nil {
		return err
	}
	want, err := o.platform.platform()
	if err != nil {
		return err
	}
	s, err := o.openStore(registryHosts(name))
	if err != nil {
		return err
	}
	if o.rawBytes {
		return noMatchVerdict(printBytes(c.Context(), s, o.printer, name, want))
	}
	found, err := inspect.Inspect(c.Context(), s, name, inspect.Options{
		Platform: want, Configs: o.expandConfig, Referrers: o.referrers,
	})
	if err != nil {
		return noMatchVerdict(err)
	}
	if err := o.show(found); err != nil {
		return err
	}
	return damageVerdict(found)
}

func (o *inspectOptions) show(found inspect.Inspection) error {
	if o.raw {
		return o.printer.Raw(found, o.expandConfig)
	}
	return o.printer.PrintInspection(found)
}

// check rejects flags that contradict each other.
func (o *inspectOptions) check(formatted bool) error {
	switch {
	case o.raw && o.rawBytes:
		return usagef("--raw and --raw-bytes are both given")
	case o.raw && formatted:
		return usagef("--raw is a format of its own: leave out --output, or use --output json")
	case o.raw && o.referrers:
		return usagef("--raw cannot show referrers: use --output json")
	case o.rawBytes && (formatted || o.expandConfig || o.referrers):
		return usagef("--raw-bytes prints one document as it is: leave out --output, --expand-config and --referrers")
	case o.expandConfig && !o.raw && !formatted:
		return &manifest.InputError{
			Err:      fmt.Errorf("the --expand-config flag is only valid when used with --raw"),
			HintText: "add --raw, or an --output that is not text",
		}
	}
	return nil
}

func printBytes(ctx context.Context, s *store.Store, p output.Printer, name string, want *platform.Platform) error {
	o, err := inspect.Fetch(ctx, s, name, want)
	if err != nil {
		return err
	}
	return p.Bytes(o.Raw)
}

// noMatchVerdict turns a platform without an entry, or whose manifest is missing
// or mismatching, into a negative answer.
func noMatchVerdict(err error) error {
	var (
		nothing  *inspect.NoMatchError
		unusable *inspect.UnusableManifestError
	)
	if errors.As(err, &nothing) || errors.As(err, &unusable) {
		return &verdictError{err.Error()}
	}
	return err
}

// damageVerdict turns missing and mismatching entries into a negative answer.
func damageVerdict(found inspect.Inspection) error {
	var parts []string
	if n := found.MissingCount(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d entries of %s are missing", n, found.Count(), found.Name))
	}
	if n := found.MismatchCount(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d entries of %s differ from their manifest in size or media type", n, found.Count(), found.Name))
	}
	if len(parts) == 0 {
		return nil
	}
	return &verdictError{strings.Join(parts, "; ")}
}

// registryHosts returns the registries of references. A name that is not a
// reference has none; it is rejected where it is read.
func registryHosts(names ...string) []string {
	var hosts []string
	for _, n := range names {
		if ref, err := reference.Parse(n); err == nil && ref.Host() != "" {
			hosts = append(hosts, ref.Host())
		}
	}
	return hosts
}
