package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

type resolveOptions struct {
	*session

	platforms []string
	rule      string
	digest    bool
}

func newResolve(s *session) *cobra.Command {
	o := &resolveOptions{session: s, rule: string(platform.RuleContainerd)}
	c := &cobra.Command{
		Use:        "resolve REF",
		SuggestFor: []string{"digest"},
		Short:      "Show which image of an index a node pulls, and why",
		Long: `Show which image of an index a node of a platform pulls, and why not another.

The default rule is that of containerd: the same platform, else a compatible one
(linux/arm/v7 also runs linux/arm/v6, linux/amd64 also runs linux/386), Windows
by build. Other runtimes have other rules:

  containerd  containerd, Kubernetes with it, nerdctl, Docker, BuildKit
  windows     containerd on a Windows node without a given platform: the newest
              build that the node runs
  podman      Podman, Buildah, Skopeo, CRI-O: exact names, no other
              architecture, os versions are ignored
  exact       the first entry of exactly this platform
  first       the first entry of this os and architecture

REF needs a tag or a digest. The exit code is 3 if nothing fits.`,
		Example: `  manifest-tool resolve registry.example.com/team/app:1.0
  manifest-tool resolve --platform linux/arm/v7,windows/amd64:10.0.20348 registry.example.com/team/app:1.0
  manifest-tool resolve --platform linux/arm64 --digest registry.example.com/team/app:1.0`,
		Args: exactArgs(1, "one reference"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },

		ValidArgsFunction: completeReference(s, 1),
	}
	c.Flags().StringArrayVar(&o.platforms, "platform", nil, "comma-separated `list` of os/arch[/variant][:os.version] to resolve, repeatable (default this machine's)")
	completeList(c, "platform", commonPlatforms()...)
	enumFlag(c, &o.rule, "rule", "`rule` to apply: containerd, windows, podman, exact or first", "containerd", "windows", "podman", "exact", "first")
	c.Flags().BoolVar(&o.digest, "digest", false, "print only the digest, one per line for several platforms")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *resolveOptions) run(ctx context.Context, name string) error {
	wants, err := spec.ParsePlatforms("--platform", o.platforms)
	if err != nil {
		return err
	}
	if len(wants) == 0 {
		wants = []platform.Platform{o.Host()}
	}
	rule, err := platform.ParseRule(o.rule)
	if err != nil {
		return usagef("--rule: %w", err)
	}
	if o.digest && o.isSetByFlag("output") && !o.printer.Format.IsText() {
		return usagef("--digest and --output are both given")
	}
	s, err := o.openStore(registryHosts(name))
	if err != nil {
		return err
	}
	found, err := resolve.Resolve(ctx, s, name, rule, wants)
	if err != nil {
		return err
	}
	verdict := resolveVerdict(found)
	switch {
	case o.digest && verdict != nil:
		return verdict
	case o.digest:
		return o.printer.ResolvedDigests(found)
	}
	if err := o.printer.PrintResolution(found); err != nil {
		return err
	}
	return verdict
}

// resolveVerdict reports the platforms for which nothing fits, and the nearest
// entries.
func resolveVerdict(found resolve.Resolution) error {
	var lines []string
	for _, p := range found.Unresolved() {
		line := "nothing in " + found.Name + " fits " + p.PlatformText + " by the rule " + string(found.Rule)
		if !found.Index {
			line += "; it is a single image, which runtimes pull whatever its platform"
		}
		if len(p.Nearest) > 0 {
			line += "; nearest: " + strings.Join(p.Nearest, ", ")
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	return &verdictError{strings.Join(lines, "; ")}
}
