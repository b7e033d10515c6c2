package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/output"
)

type verifyOptions struct {
	*session

	binaries string
	platform nonEmptyString
	deep     bool
	ignore   []string
	severity string
}

func newVerify(s *session) *cobra.Command {
	o := &verifyOptions{session: s, binaries: string(verify.BinariesEntrypoint), severity: string(verify.SeverityWarning)}
	c := &cobra.Command{
		Use:   "verify REF...",
		Short: "Check that images are complete and match their platforms",
		Long: `Check that images are complete and match their platforms.

Three things are checked for every entry of an index, or for a single image:
that the registry has each child, config and layer that the manifests name, with
its digest, size and type; that the platform in the index is that of the image's
config; and that the programs in the layers run on it: those that the image's
Entrypoint and Cmd start, looked up as a container runtime does.

Every difference is a finding with a code. The exit code is 0 without findings
and 3 with findings; it is 1 if a reference could not be read at all.

Layers are unpacked in memory, from the top down, only as far as needed.`,
		Example: `  manifest-tool verify registry.example.com/team/app:1.0
  manifest-tool verify --binaries all --platform linux/arm64 oci-layout://app:1.0
  manifest-tool verify --ignore duplicate-platform -o sarif registry.example.com/team/app:1.0 > findings.sarif`,
		Args: minArgs(1, "a reference"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args) },

		ValidArgsFunction: completeReference(s, 0),
	}
	flags := c.Flags()
	enumFlag(c, &o.binaries, "binaries", "`which` programs to check: entrypoint (those the image starts), all (every program and shared object), or none", "entrypoint", "all", "none")
	flags.Var(&o.platform, "platform", "check only the entry that a node of this `platform` pulls, os/arch[/variant][:os.version]")
	flags.BoolVar(&o.deep, "deep", false, "read every layer completely and compare its digest")
	flags.StringArrayVar(&o.ignore, "ignore", nil, "comma-separated `list` of codes to ignore, repeatable")
	enumFlag(c, &o.severity, "severity", "report only findings of at least this `level`: error, warning or info", "error", "warning", "info")
	addOutputFlag(c, c.Flags(), "sarif", "junit")
	addProgressFlag(c, c.Flags())
	completeList(c, "ignore", verify.Codes()...)
	completePlatform(c, "platform")
	return c
}

func (o *verifyOptions) run(c *cobra.Command, names []string) error {
	choices, err := o.toVerifyOptions()
	if err != nil {
		return err
	}
	o.startProgress()
	s, err := o.openStore(registryHosts(names...))
	if err != nil {
		return err
	}
	found, err := verify.Verify(c.Context(), s, names, choices)
	o.endProgress(err == nil)
	if err != nil {
		return err
	}
	if err := o.printer.PrintVerification(found); err != nil {
		return err
	}
	return findingsVerdict(found)
}

func (o *verifyOptions) toVerifyOptions() (verify.Options, error) {
	out := verify.Options{Deep: o.deep, Jobs: o.settings.Jobs, Strict: o.settings.Strict}
	var err error
	if out.Binaries, err = verify.ParseBinaries(o.binaries); err != nil {
		return out, err
	}
	if out.Severity, err = verify.ParseSeverity(o.severity); err != nil {
		return out, err
	}
	if out.Ignore, err = verify.ParseCodes(o.ignore); err != nil {
		return out, err
	}
	out.Platform, err = o.platform.platform()
	return out, err
}

// findingsVerdict turns findings into a negative answer. A reference that could
// not be read is a failure, which takes precedence.
func findingsVerdict(v verify.Result) error {
	if err := v.Err(); err != nil {
		return err
	}
	n := v.Summary.Sum()
	if n == 0 {
		return nil
	}
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{v.Summary.Errors, "error"}, {v.Summary.Warnings, "warning"}, {v.Summary.Infos, "info"}} {
		if c.n > 0 {
			parts = append(parts, output.Pluralize(c.n, c.noun))
		}
	}
	return &verdictError{"verify found " + strings.Join(parts, ", ")}
}
