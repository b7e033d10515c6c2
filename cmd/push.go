package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// pushOptions are the options of both push commands.
type pushOptions struct {
	*session

	expect   nonEmptyString
	dryRun   bool
	failFast bool
	wait     time.Duration
	require  []string
	files    pushFileOptions
}

func newPush(s *session) *cobra.Command {
	o := &pushOptions{session: s}
	c := &cobra.Command{
		Use:        "push",
		SuggestFor: []string{"from-spec", "from-args", "create", "manifest"},
		Short:      "Assemble an index from images and publish it",
		Long: `Assemble an index from images and publish it, under one tag or several.

The images may be in the target's repository, in another repository of the
same registry (their blobs are mounted), in another registry (they are copied),
or in an OCI layout. A source that is an index contributes its entries.

Everything is read and checked before anything is written.`,
		Args: rejectUnknownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	flags := c.PersistentFlags()
	flags.String("type", string(push.TypeAuto), "`type` of the index: auto (Docker list when every image is a Docker image, else OCI index), docker or oci")
	flags.Bool("ignore-missing", false, "skip images that their registry reports as not found, with a warning")
	flags.DurationVar(&o.wait, "wait", 0, "`time` to wait for images that their registry reports as not found, such as 10m")
	flags.StringSliceVar(&o.require, "require", nil, "comma-separated `list` of platforms that the index must have; else nothing is written and the exit code is 3")
	flags.String("verify", string(push.VerifyConfig), "`what` to compare declared platforms with: config, binaries (the programs and all blobs too; a finding stops the push), or none")
	flags.Bool("verify-warn", false, "with --verify binaries or --strict, report findings in the images as warnings and push")
	flags.Bool("allow-duplicates", false, "allow several entries with the same platform")
	flags.Bool("allow-nondistributable", false, "copy non-distributable (foreign) layers, such as those of Windows base images, as well")
	flags.Bool("flatten", false, "replace nested indexes by their entries")
	flags.Bool("allow-unknown-platform", false, "allow an os or architecture that is not known here")
	flags.String("attestations", "keep", "`what` to do with the attestations of index sources: keep or drop")
	flags.Bool("tag-params", false, "set all tags in one request, for a registry that responds with OCI-Tag; others get one request for each tag")
	flags.Var(&o.expect, "expect", "write only if the target's tag has this `digest`, or with absent does not exist; else the exit code is 3")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be written, and write nothing")
	flags.BoolVar(&o.failFast, "fail-fast", false, "with several indexes, write nothing unless all of them can be, and stop at the first that fails")
	flags.Bool("confirm", false, "read every tag back after the push")
	o.addFileFlags(flags)
	addOutputFlag(c, c.PersistentFlags())
	completeEnum(c, "type", "auto", "docker", "oci")
	completeEnum(c, "verify", "config", "binaries", "none")
	completeEnum(c, "attestations", "keep", "drop")
	c.AddCommand(newPushFromSpec(o), newPushFromArgs(o))
	return c
}

// push plans every index, then publishes one after the other. Nothing is
// written unless all of them can be planned.
func (o *pushOptions) push(ctx context.Context, specs []spec.Spec) error {
	choices, err := o.toPushOptions()
	if err != nil {
		return err
	}
	if err := o.warnIgnored(specs); err != nil {
		return err
	}
	files, err := o.openFiles()
	if err != nil {
		return err
	}
	requests, err := push.NewRequests(specs)
	if err != nil {
		return err
	}
	s, err := o.openStore(targetHosts(requests))
	if err != nil {
		return err
	}
	printer := o.printer
	printer.Multiple = len(requests) > 1 || len(requests[0].Targets) > 1
	if o.dryRun {
		return push.PlanAll(ctx, s, requests, choices, printer.PrintPlan)
	}
	var pushed [][]push.Result
	err = push.All(ctx, s, requests, choices, func(results []push.Result) error {
		pushed = append(pushed, results)
		for _, p := range results {
			if p.Unchanged {
				o.notices.Note("unchanged", p.Target.ClaimPrefix()+p.Ref+" and its tags have this digest already")
			}
		}
		return printer.PrintPush(results)
	})
	return o.writeFiles(files, pushed, len(requests) > 1, err)
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
			o.notices.Warn(message)
		}
	}
	return nil
}

func (o *pushOptions) toPushOptions() (push.Options, error) {
	set := o.settings
	kind, err := push.ParseIndexType(set.Type)
	if err != nil {
		return push.Options{}, err
	}
	expect, err := push.ParseExpect(string(o.expect))
	if err != nil {
		return push.Options{}, err
	}
	verify, err := push.ParseVerifyMode(set.Verify)
	if err != nil {
		return push.Options{}, err
	}
	require, err := platform.ParseList(o.require)
	if err != nil {
		return push.Options{}, usagef("reading --require: %w", err)
	}
	return push.Options{
		Wait: o.wait, Require: require, Note: func(message string) { o.notices.Note("waiting", message) },
		Type: kind, Verify: verify, VerifyWarn: set.VerifyWarn, IgnoreMissing: set.IgnoreMissing, Strict: set.Strict,
		AllowDuplicates: set.AllowDuplicates, NonDistributable: set.NonDistributable, AllowUnknownPlatform: set.AllowUnknown, Flatten: set.Flatten,
		DropAttestations: set.Attestations == "drop", Jobs: set.Jobs,
		Expect: expect, FailFast: o.failFast, Confirm: set.Confirm, Sleep: o.Timing.OrDefault().Wait, Warn: o.warnOnce,
	}, nil
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
