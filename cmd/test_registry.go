package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
	"manifest-tool/internal/probe"
	"manifest-tool/internal/probe/embedded"
	"manifest-tool/internal/reference"
)

type testRegistryOptions struct {
	*session

	only []string
	keep bool
}

func newTestRegistry(s *session) *cobra.Command {
	o := &testRegistryOptions{session: s}
	c := &cobra.Command{
		Use:        "test-registry [HOST/REPOSITORY]",
		SuggestFor: []string{"probe", "conformance"},
		Short:      "Test what a registry supports",
		Long: `Test what a registry supports.

Small images are made and pushed to HOST/REPOSITORY. Each check reports pass, fail
(the registry is wrong), error (the check could not be carried out) or skip (not
supported, which is allowed). What was written is deleted again, if the registry
permits that; the report names what stays.

The exit code is 3 if something fails that a push of a multi-platform image needs,
and 1 if that could not be tested. -o html is a page with every request and response,
-o junit is for CI systems.

Without an argument, a registry in this program is tested, on loopback.`,
		Example: `  manifest-tool test-registry registry.example.com/team/scratch
  manifest-tool test-registry --only indexes,mounts registry.example.com/team/scratch
  manifest-tool test-registry -o json registry.example.com/team/scratch > report.json`,
		Args: maxArgs(1, "a repository"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args) },
	}
	c.Flags().StringArrayVar(&o.only, "only", nil, "comma-separated `list` of sections to test, repeatable")
	c.Flags().BoolVar(&o.keep, "keep", false, "leave what was pushed in the registry")
	addOutputFlag(c, c.Flags(), "junit", "html")
	completeList(c, "only", sectionNames()...)
	return c
}

func sectionNames() []string {
	var names []string
	for _, s := range probe.Sections() {
		names = append(names, string(s))
	}
	return names
}

func (o *testRegistryOptions) run(c *cobra.Command, args []string) error {
	only, err := probe.ParseSections(o.only)
	if err != nil {
		return err
	}
	ref, isEmbedded, err := registryToTest(c.Context(), args)
	if err != nil {
		return err
	}
	s, err := o.openStore([]string{ref.Host()})
	if err != nil {
		return err
	}
	s.Announce(ref, true)
	s.Announce(probe.Sibling(ref), true)
	settings, err := o.absoluteSettings(ref.Host())
	if err != nil {
		return err
	}
	report, err := probe.Run(c.Context(), ref, probe.Options{
		Only: only, Keep: o.keep, Transport: s.Transport(), RequestToken: s.Transport().RequestToken, Redact: s.Redact, Now: o.Now,
		Settings: settings,
	})
	if err != nil {
		return err
	}
	report.Embedded = isEmbedded
	if err := o.printer.PrintRegistryReport(report); err != nil {
		return err
	}
	return registryVerdict(report)
}

// absoluteSettings returns the settings for a registry with absolute paths: those of
// flags are relative to the working directory, and those of a file to the file.
func (o *testRegistryOptions) absoluteSettings(host string) (config.Registry, error) {
	r := o.settings.For(host, true)
	for _, path := range []*string{&r.CAFile, &r.ClientCert, &r.ClientKey} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return r, err
		}
		*path = absolute
	}
	return r, nil
}

// registryToTest returns the repository to test: that of the argument, or one of the
// embedded registry, which ends with ctx.
func registryToTest(ctx context.Context, args []string) (ref reference.Ref, isEmbedded bool, err error) {
	if len(args) > 0 {
		ref, err = parseRegistryRepository(args[0])
		return ref, false, err
	}
	host, err := embedded.Start(ctx)
	if err != nil {
		return ref, true, err
	}
	ref, err = reference.Parse(host + "/test")
	return ref, true, err
}

// parseRegistryRepository parses HOST/REPOSITORY. A tag, a digest or an OCI layout is
// a usage error.
func parseRegistryRepository(name string) (reference.Ref, error) {
	ref, err := reference.Parse(name)
	switch {
	case err != nil:
		return ref, &usageError{err: err}
	case ref.Host() == "" || !ref.IsRepository():
		return ref, usagef("%q is not HOST/REPOSITORY, without a tag or digest", reference.RedactUserinfo(name))
	}
	return ref, nil
}

// registryVerdict turns a report into the error of the run. Sections that --only leaves
// out are not missed.
func registryVerdict(r probe.Report) error {
	name := r.Registry + "/" + r.Repository
	if r.Verdict.Works == probe.WorksNo {
		failed := strings.Join(r.Required(probe.StatusFail), ", ")
		return &verdictError{name + " does not support what a push of a multi-platform image needs: " + failed + " failed"}
	}
	if err := r.Untested(); err != nil {
		return fmt.Errorf("%s could not be tested completely: %w", name, err)
	}
	return nil
}
