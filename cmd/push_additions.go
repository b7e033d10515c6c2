package cmd

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/buildresult"
	"manifest-tool/internal/manifest/spec"
)

// metadataVariable is where docker/metadata-action leaves its result, and metadataEnv the
// value of --docker-metadata that means it. It is short, since it is part of the help.
const (
	metadataVariable = "DOCKER_METADATA_OUTPUT_JSON"
	metadataEnv      = "env"
)

// additionFlags are the flags that add targets, tags and annotations to the specs of a
// push.
type additionFlags struct {
	*session
	spec.Additions

	metadata []string
}

// addTargetFlags adds the flags that all push commands have. usage is that of --target.
func (a *additionFlags) addTargetFlags(c *cobra.Command, usage string) {
	flags := c.Flags()
	flags.StringArrayVar(&a.Targets, "target", nil, usage)
	flags.StringArrayVar(&a.metadata, "docker-metadata", nil, "take tags and annotations from the result of docker/metadata-action: a `file`, or env for $"+metadataVariable+", repeatable")
	flags.Lookup("docker-metadata").NoOptDefVal = metadataEnv
	_ = c.RegisterFlagCompletionFunc("target", completeReference(a.session, 0))
}

// addTagFlags adds the flags of commands whose input has neither tags nor annotations.
func (a *additionFlags) addTagFlags(c *cobra.Command) {
	a.addTargetFlags(c, "further `reference` for the index, in any repository, repeatable; without a tag it gets all tags of TARGET")
	c.Flags().StringArrayVar(&a.Tags, "tags", nil, "comma-separated `list` of more tags for the index, repeatable")
	addAnnotationFlags(c.Flags(), &a.Annotations, &a.Annotation)
}

func addAnnotationFlags(flags *pflag.FlagSet, lists, pairs *[]string) {
	flags.StringArrayVar(lists, "annotations", nil, "comma-separated `list` of key=value for the index, repeatable; write a comma inside a value as \\,")
	flags.StringArrayVar(pairs, "annotation", nil, "one `key=value` for the index, in which commas need no escape, repeatable; with manifest-descriptor[linux/arm64]: before the key for an entry")
}

// addTo adds what the flags say to each spec.
func (a *additionFlags) addTo(ctx context.Context, specs []spec.Spec) error {
	for _, value := range a.Targets {
		if strings.TrimSpace(value) == "" {
			return usagef("--target: its value is empty")
		}
	}
	for _, value := range a.metadata {
		m, err := a.readMetadata(ctx, value)
		if err != nil {
			return err
		}
		a.Metadata = append(a.Metadata, m)
	}
	for i := range specs {
		if err := specs[i].Add(a.Additions); err != nil {
			return err
		}
	}
	return nil
}

// readMetadata reads a value of --docker-metadata: the variable, the JSON itself, or
// the name of a file.
func (a *additionFlags) readMetadata(ctx context.Context, value string) (spec.Metadata, error) {
	content, origin := []byte(value), "--docker-metadata"
	switch {
	case value == metadataEnv || value == "$"+metadataVariable:
		origin = "$" + metadataVariable
		if content = []byte(a.Getenv(metadataVariable)); len(content) == 0 {
			return spec.Metadata{}, &manifest.InputError{Err: errtext.WithHint(errors.New("--docker-metadata: "+origin+" is not set"),
				"run docker/metadata-action in a step before, or name the file that has its result: --docker-metadata=FILE")}
		}
	case !strings.HasPrefix(strings.TrimSpace(value), "{"):
		var err error
		if content, origin, err = a.readInput(ctx, "metadata file", value); err != nil {
			return spec.Metadata{}, err
		}
	}
	return buildresult.ParseMetadata(origin, content)
}
