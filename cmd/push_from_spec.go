package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
)

// maxSpec limits a spec file, in bytes.
const maxSpec = 4 << 20

func newPushFromSpec(o *pushOptions) *cobra.Command {
	expandEnv := false
	c := &cobra.Command{
		Use:   "from-spec FILE",
		Short: "Push the indexes that a YAML file describes",
		Long: `Push the indexes that a YAML file describes; - reads standard input.

Each YAML document describes one index:

  image: registry.example.com/team/app:1.0
  tags: [1, latest]
  annotations:
    org.opencontainers.image.source: https://example.com/team/app
  manifests:
    - image: registry.example.com/team/app:1.0-amd64
    - image: registry.example.com/team/app:1.0-armv7
      platform: {os: linux, architecture: arm, variant: v7}

Fields missing in platform are read from the image's config. Keys that are not
known are ignored with a warning; misspelled ones are errors.`,
		Example: `  manifest-tool push from-spec index.yaml
  manifest-tool push --type oci from-spec - < index.yaml`,
		Args: exactArgs(1, "one spec file"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			specs, err := o.readSpecs(c.Context(), args[0], expandEnv)
			if err != nil {
				return err
			}
			return wrapLegacy("failed to push image", o.push(c.Context(), specs))
		},
	}
	c.Flags().BoolVar(&expandEnv, "expand-env", false, "replace ${NAME} and ${NAME:-DEFAULT} in the values of the file by environment variables")
	return c
}

func (o *pushOptions) readSpecs(ctx context.Context, path string, expandEnv bool) ([]spec.Spec, error) {
	in := o.In
	switch {
	case path != "-":
		in = &ctxReader{ctx, &lazyFile{path: path}}
	case o.passwordStdin:
		return nil, usagef("standard input already provides the password and cannot provide the spec too")
	default:
		path = "standard input"
	}
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(in, maxSpec+1))
	if err == nil && n > maxSpec {
		err = fmt.Errorf("it is larger than %d bytes", maxSpec)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("reading %q: %w", path, context.Cause(ctx))
	}
	if err != nil {
		return nil, &manifest.InputError{Err: fmt.Errorf("can't read YAML file %q: %w", path, errtext.WithoutPath(err))}
	}
	if expandEnv {
		return spec.ParseExpanded(path, buf.Bytes(), o.Getenv)
	}
	return spec.Parse(path, buf.Bytes())
}

// lazyFile is a file that is opened at the first read and closed at its end:
// opening a pipe blocks until a writer opens it.
type lazyFile struct {
	path string
	file *os.File
}

func (o *lazyFile) Read(p []byte) (n int, err error) {
	if o.file == nil {
		if o.file, err = os.Open(o.path); err != nil {
			return 0, err
		}
	}
	if n, err = o.file.Read(p); err != nil {
		_ = o.file.Close()
	}
	return n, err
}
