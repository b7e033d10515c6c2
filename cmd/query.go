package cmd

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/server/client"
)

type queryOptions struct {
	*session

	has []string

	// single is set if there is one reference: its error is that of the run.
	single bool
}

func newQuery(s *session) *cobra.Command {
	o := &queryOptions{session: s}
	c := &cobra.Command{
		Use:        "query [REF...]",
		SuggestFor: []string{"mquery"},
		Short:      "Show which platforms images have",
		Long: `Show which platforms images have, in the output format of mquery.

A reference without a tag or digest gets the tag latest. Without references, or
with a single -, they are read from standard input, one per line; empty lines
and lines that begin with # are skipped. Requests run in parallel; results are
in the order of the references.

An image that cannot be read is reported on stderr and does not stop the others;
the exit code is then 1. With --has it is 3 if an image lacks a platform.`,
		Example: `  manifest-tool query alpine registry.example.com/team/app:1.0
  manifest-tool query --has linux/amd64,linux/arm64 registry.example.com/team/app
  manifest-tool query --output json - < images.txt`,
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args) },

		ValidArgsFunction: completeReference(s, 0),
	}
	c.Flags().StringArrayVar(&o.has, "has", nil, "comma-separated `list` of platforms that every image must have, repeatable; arm64 means arm64/v8, an os version may be a prefix")
	completeList(c, "has", commonPlatforms()...)
	c.Flags().Var(&settingValue{"", config.Setting{Kind: config.URL}}, "server", "`url` of a query service (manifest-tool serve) to ask instead of registries")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *queryOptions) run(ctx context.Context, args []string) error {
	has, err := spec.ParsePlatforms("--has", o.has)
	if err != nil {
		return err
	}
	names, err := o.names(args)
	if err != nil {
		return err
	}
	query, err := o.source(args, has)
	if err != nil {
		return err
	}
	o.single = len(args) == 1 && args[0] != "-"
	sum, err := inspect.Query(ctx, names, query, o.show)
	if err != nil {
		return err
	}
	return o.verdict(sum)
}

// source returns what answers the questions: the registries, or a query service.
func (o *queryOptions) source(args []string, has []platform.Platform) (func(context.Context, string) inspect.QueryResult, error) {
	if address := o.settings.QueryServer; address != "" {
		service := client.New(address, "manifest-tool/"+o.Version, func(name string, age time.Duration) {
			o.notices.Warn(fmt.Sprintf("%s: its registry does not respond, the answer is from %s ago", name, age))
		})
		o.sanitizer.SetRedact(service.Redact)
		return func(ctx context.Context, name string) inspect.QueryResult { return service.Query(ctx, name, has) }, nil
	}
	s, err := o.openStore(registryHosts(args...))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, name string) inspect.QueryResult { return inspect.QueryOne(ctx, s, name, has) }, nil
}

// names returns the references: those of the command line, all of which must
// be references, or those of standard input.
func (o *queryOptions) names(args []string) (iter.Seq2[string, error], error) {
	switch {
	case len(args) == 0 && o.StdinIsTerminal:
		return nil, usagef("no reference is given, and standard input is a terminal")
	case len(args) > 0 && (len(args) > 1 || args[0] != "-"):
		return inspect.FromSlice(args), inspect.ValidateReferences(args)
	case o.passwordStdin:
		return nil, usagef("--password-stdin and the references cannot both come from standard input")
	case o.isSetByFlag("username"):
		return nil, usagef("--username is for registries named on the command line, not for those from standard input: log in there")
	case o.settings.Insecure:
		o.notices.Warn(o.settings.Origins["insecure"].Location() + ": the certificate is not checked for any registry named on standard input")
	}
	return inspect.ReadReferences(o.In), nil
}

// show writes one result, or its error to stderr.
func (o *queryOptions) show(q inspect.QueryResult) error {
	if q.Err != nil && o.printer.Format.IsForPeople() && !o.single {
		o.notices.Print("ERROR", strings.TrimPrefix(q.Name+": ", ": ")+q.Error)
	}
	return o.printer.PrintQuery(q)
}

// verdict returns the error that decides the exit code.
func (o *queryOptions) verdict(sum inspect.QuerySummary) error {
	switch {
	case sum.Images == 0:
		return usagef("no reference is given, and standard input has none")
	case sum.Failed > 0 && o.single:
		return sum.Err
	case sum.Failed > 0:
		return fmt.Errorf("%d of %d images could not be read", sum.Failed, sum.Images)
	case sum.Incomplete > 0:
		return &verdictError{fmt.Sprintf("%d of %d images lack a platform that was asked for", sum.Incomplete, sum.Images)}
	}
	return nil
}
