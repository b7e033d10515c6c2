package cmd

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/output/pushfiles"
)

// The variables with the files of a step of GitHub Actions.
const (
	githubOutput  = "GITHUB_OUTPUT"
	githubSummary = "GITHUB_STEP_SUMMARY"
)

// pushFileOptions name the files that a push writes for the next step of a pipeline, with
// what is written about.
type pushFileOptions struct {
	digest, metadata nonEmptyString

	pushed  [][]push.Result
	several bool
}

func (o *pushOptions) addFileFlags(flags *pflag.FlagSet) {
	flags.Var(&o.files.digest, "digest-file", "write the digest of the index to `file`; of several indexes, a line for each")
	flags.Var(&o.files.metadata, "metadata-file", "write the digest, the descriptor and the names of the index to `file`, as JSON with the keys of buildx")
	// It is a field of notices, so that errors in the command line are annotations too.
	flags.BoolVar(&o.notices.GitHub, "github", false, "in a step of GitHub Actions: set the outputs image, digest, reference, tags and metadata, add to the step summary, and write warnings and errors as annotations")
}

// openFiles returns the files to write, which can be written.
func (o *pushOptions) openFiles() (pushfiles.Files, error) {
	files := pushfiles.Files{Digest: string(o.files.digest), Metadata: string(o.files.metadata), Text: o.sanitizer.Line}
	if o.notices.GitHub {
		files.Outputs, files.Summary = o.Getenv(githubOutput), o.Getenv(githubSummary)
		if files.Outputs == "" {
			o.notices.GitHub = false // no one reads annotations here
			return files, &usageError{err: errtext.WithHint(errors.New("--github: the variable "+githubOutput+" is not set"),
				"GitHub Actions sets it for each step; leave out --github elsewhere")}
		}
	}
	return files, files.Check()
}

// withFiles makes run, the function of a command, write the files when it ends: after a
// push, and after input that is wrong.
func (o *pushOptions) withFiles(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		files, err := o.openFiles()
		if err != nil {
			return err
		}
		if err = run(c, args); o.dryRun {
			return err
		}
		return o.writeFiles(files, err)
	}
}

// writeFiles writes the files after a push that ended with err, which it returns.
func (o *pushOptions) writeFiles(files pushfiles.Files, err error) error {
	var failure []string
	if err != nil {
		failure = errorLines(err, o.sanitizer, false)
	}
	switch failed := files.Write(o.files.pushed, o.files.several, failure); {
	case err == nil:
		return failed
	case failed != nil:
		o.warnOnce(failed.Error())
	}
	return err
}
