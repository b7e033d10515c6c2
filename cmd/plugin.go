package cmd

import (
	"context"
	"maps"

	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
	"manifest-tool/internal/plugin"
)

func newPlugin(s *session) *cobra.Command {
	o := &pushOptions{session: s}
	return &cobra.Command{
		Use:   "plugin",
		Short: "Push an index as a step of Drone or Woodpecker CI",
		Long: `Push an index as a step of Drone or Woodpecker CI: its settings are variables.

It replaces the plugin plugins/manifest. The setting NAME is the variable PLUGIN_NAME:

  spec                file of a spec that is rendered as a template, or the template
  target, template,   without spec: as the flags of push from-args
  platforms
  tags                more tags (default: those in the file .tags)
  auto_tag            true: the tags of the build in place of tags
  username, password  the login at the registries of targets
  ignore_missing      true: leave out images that are not found
  insecure            true: do not check certificates, and allow http
  dump                true: print the rendered template on stderr

The settings of push apply too: MANIFEST_TOOL_TYPE=oci, for example. What templates can
use, and the tags of a build, are in docs/plugin.md.`,
		Example: `  PLUGIN_SPEC=docker/manifest.tmpl PLUGIN_AUTO_TAG=true manifest-tool plugin`,
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.runPlugin(c.Context()) },
	}
}

func (o *pushOptions) runPlugin(ctx context.Context) error {
	run, err := plugin.Load(plugin.Environment{
		Getenv: o.Getenv, Environ: o.Environ, ArchNames: o.settings.ArchNames,
		ReadFile: func(path string) ([]byte, error) { return readLimited(&ctxReader{ctx, &lazyFile{path: path}}) },
	})
	if run.Settings.Dump && run.Rendered != "" {
		o.notices.Block(run.Rendered)
	}
	if err != nil {
		return err
	}
	if run.Skipped != "" {
		o.notices.Print("skipped", run.Skipped)
		return nil
	}
	o.useSettings(run.Settings)
	return wrapLegacy("failed to push image", o.push(ctx, run.Specs))
}

// useSettings applies the settings of a step. They override those of the environment.
func (o *pushOptions) useSettings(s plugin.Settings) {
	o.settings.Origins = maps.Clone(o.settings.Origins)
	from := func(key, variable string) {
		o.settings.Origins[key] = config.Origin{Kind: config.FromVariable, Name: variable}
	}
	if s.IgnoreMissing {
		o.settings.IgnoreMissing = true
	}
	if s.Insecure.On {
		o.settings.Insecure, o.settings.HTTPFallback = true, true
		from("insecure", s.Insecure.Variable)
	}
	if s.Username.Value != "" {
		o.settings.Username, o.settings.Password = s.Username.Value, s.Password.Value
		from("username", s.Username.Variable)
		from("password", s.Password.Variable)
	}
}
