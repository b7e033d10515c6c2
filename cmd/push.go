package cmd

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/spec"
)

// pushOptions are the options of all push commands.
type pushOptions struct {
	*session

	expect   nonEmptyString
	converge bool
	floating nonEmptyList
	dryRun   bool
	failFast bool
	require  nonEmptyList
	files    pushFileOptions
}

func newPush(s *session) *cobra.Command {
	o := &pushOptions{session: s}
	c := &cobra.Command{
		Use:        "push",
		SuggestFor: []string{"from-spec", "from-args", "from-digests", "from-images", "create", "manifest"},
		Short:      "Assemble an index from images and publish it",
		Long: `Assemble an index from images and publish it, under one tag or several.

The images may be in the target's repository, in another repository of the
same registry (their blobs are mounted), in another registry (they are copied),
or in an OCI layout or an archive. A source that is an index contributes its entries.

Everything of an index is read and checked before anything of it is written.`,
		Args: rejectUnknownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	o.addFlags(c)
	c.AddCommand(newPushFromSpec(o), newPushFromArgs(o), newPushFromDigests(o), newPushFromImages(o))
	for _, sub := range c.Commands() {
		sub.RunE = o.withFiles(sub.RunE)
	}
	return c
}

// push plans and publishes every index, or prints the plans with --dry-run.
func (o *pushOptions) push(ctx context.Context, specs []spec.Spec) error {
	choices, err := o.toPushOptions()
	if err != nil {
		return err
	}
	if err := o.warnIgnored(specs); err != nil {
		return err
	}
	requests, err := push.NewRequests(specs)
	if err != nil {
		return err
	}
	o.startProgress()
	s, err := o.openStore(targetHosts(requests))
	if err != nil {
		return err
	}
	printer := o.printer
	printer.Multiple = len(requests) > 1 || len(requests[0].Targets) > 1
	if o.dryRun {
		err = push.PlanAll(ctx, s, requests, choices, printer.PrintPlan)
		o.endProgress(err == nil)
		return err
	}
	// If no one reads the output any more, the run ends with a list of what is written,
	// not with a signal in the middle of it.
	signal.Ignore(syscall.SIGPIPE)
	o.files.several = len(requests) > 1
	err = push.All(ctx, s, requests, choices, func(results []push.Result) error {
		o.files.pushed = append(o.files.pushed, results)
		for _, p := range results {
			o.noteTarget(p, len(results) > 1)
		}
		return printer.PrintPush(results)
	})
	o.endProgress(err == nil)
	return err
}

// noteTarget says what happened to a target where the output does not: it was left as it
// is, or it is one of several.
func (o *pushOptions) noteTarget(p push.Result, several bool) {
	switch {
	case p.Unchanged:
		o.notices.Note("unchanged", p.Target.ClaimPrefix()+p.Ref+" and its tags have this digest already")
	case several && !p.Failed():
		o.notices.Note("written", p.Ref)
	}
}

// warnIgnored warns of what was ignored in the specs; with --strict the first of
// it is an error.
func (o *pushOptions) warnIgnored(specs []spec.Spec) error {
	for _, s := range specs {
		for _, w := range s.Warnings {
			if o.settings.Strict {
				return spec.StrictError(w)
			}
			message := w.Error()
			if w.HintText != "" && !o.settings.Quiet {
				message += " (" + w.HintText + ")"
			}
			o.notices.WarnAt(errtext.Place(w), message)
		}
	}
	return nil
}

// targetHosts returns the registries that are pushed to.
func targetHosts(requests []push.Request) []string {
	var hosts []string
	for _, r := range requests {
		for _, to := range r.Targets {
			if host := to.Ref.Host(); host != "" {
				hosts = append(hosts, host)
			}
		}
	}
	return hosts
}

// wrapLegacy prefixes an error of a push with the words of v2.
func wrapLegacy(words string, err error) error {
	var usage *usageError
	if err == nil || errors.As(err, &usage) {
		return err
	}
	return fmt.Errorf("%s: %w", words, err)
}
