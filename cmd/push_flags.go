package cmd

import (
	"cmp"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/push"
)

// addFlags adds the flags of all push commands.
func (o *pushOptions) addFlags(c *cobra.Command) {
	flags := c.PersistentFlags()
	flags.String("type", string(push.TypeAuto), "`type` of the index: auto (Docker list when every image is a Docker image, else OCI index), docker or oci")
	flags.Bool("ignore-missing", false, "skip images that are not found, with a warning")
	flags.Duration("wait", 0, "`time` to wait for images that are not found, such as 10m")
	flags.Var(&o.require, "require", "comma-separated `list` of platforms that the index must have; else nothing is written and the exit code is 3")
	flags.String("verify", string(push.VerifyConfig), "`what` to compare declared platforms with: config, binaries (the programs and all blobs too; a finding stops the push), or none")
	flags.Bool("verify-warn", false, "with --verify binaries or --strict, report findings in the images as warnings and push")
	flags.Bool("allow-duplicates", false, "allow several entries with the same platform")
	flags.Bool("allow-nondistributable", false, "copy non-distributable (foreign) layers, such as those of Windows base images, as well")
	flags.Bool("flatten", false, "replace nested indexes by their entries")
	flags.Bool("allow-unknown-platform", false, "allow an os or architecture that is not known here")
	flags.String("attestations", "keep", "`what` to do with the attestations of index sources: keep or drop")
	flags.Bool("tag-params", false, "set all tags in one request, for a registry that responds with OCI-Tag; others get one request for each tag")
	flags.Var(&o.expect, "expect", "write only if the target's tag has this `digest`, or with absent does not exist; else the exit code is 3")
	flags.Bool("always", false, "write the tags also if they have this digest already")
	flags.BoolVar(&o.converge, "converge", false, "after the push, look again at the images and at the tag, and assemble again until nothing changes; with --ignore-missing")
	flags.Var(&o.floating, "floating", "comma-separated `list` of major, minor and latest: for the tag 1.4.2 set the tags 1, 1.4 and latest too, unless there is a higher version")
	flags.Var(new(nonEmptyString), "platform-tags", "tag each image as well, by a `template` such as {{.Tag}}-{{.OS}}-{{.Arch}}{{.Variant}}")
	flags.Bool("referrers-tag", false, "for an index with a subject, write the fallback tag if the registry has no referrers API")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be written, and write nothing")
	flags.BoolVar(&o.failFast, "fail-fast", false, "with several indexes, write nothing unless all of them can be, and stop at the first that fails")
	flags.Bool("confirm", false, "read every tag back after the push, also those of the images")
	o.addFileFlags(flags)
	addOutputFlag(c, c.PersistentFlags())
	addProgressFlag(c, c.PersistentFlags())
	completeEnum(c, "type", "auto", "docker", "oci")
	completeEnum(c, "verify", "config", "binaries", "none")
	completeEnum(c, "attestations", "keep", "drop")
	completeList(c, "floating", "major", "minor", "latest")
	completeList(c, "require", commonPlatforms()...)
}

// toPushOptions parses the values of the flags and settings. The first wrong one is
// the error.
func (o *pushOptions) toPushOptions() (push.Options, error) {
	set := o.settings
	kind, badType := push.ParseIndexType(set.Type)
	expect, badExpect := push.ParseExpect(string(o.expect))
	verify, badVerify := push.ParseVerifyMode(set.Verify)
	require, badRequire := push.ParseRequired(o.require)
	floating, badFloating := push.ParseFloating(o.floating)
	platformTags, badPlatformTags := push.ParsePlatformTags(set.PlatformTags)
	if err := cmp.Or(badType, badExpect, badVerify, badRequire, badFloating, badPlatformTags); err != nil {
		return push.Options{}, err
	}
	if o.converge && !set.IgnoreMissing {
		return push.Options{}, usagef("--converge needs --ignore-missing: it looks again at images, also at those that are missing")
	}
	if o.converge && expect != "" {
		return push.Options{}, usagef("--converge and --expect contradict each other: what is assembled again replaces what was just pushed")
	}
	return push.Options{
		Always: set.Always, Converge: o.converge, Floating: floating, PlatformTags: platformTags, ReferrersTag: set.ReferrersTag,
		Wait: set.Wait, Require: require, Note: o.note,
		Type: kind, Verify: verify, VerifyWarn: set.VerifyWarn, IgnoreMissing: set.IgnoreMissing, Strict: set.Strict,
		AllowDuplicates: set.AllowDuplicates, NonDistributable: set.NonDistributable, AllowUnknownPlatform: set.AllowUnknown, Flatten: set.Flatten,
		DropAttestations: set.Attestations == "drop", Jobs: set.Jobs,
		Expect: expect, FailFast: o.failFast, Confirm: set.Confirm, Sleep: o.Timing.OrDefault().Wait, Warn: o.warnOnce,
	}, nil
}

// note writes what a push is doing, also in a pipeline, where it explains a long wait.
func (o *pushOptions) note(message string) {
	if !o.settings.Quiet {
		o.notices.Print("note", message)
	}
}
