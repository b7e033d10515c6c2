// Package plugin reads the settings of a step of Drone or Woodpecker CI from its
// environment, as the plugin drone-plugins/drone-manifest does, and makes the spec of
// what is pushed of them: a rendered template, or the arguments of push from-args.
//
// docs/plugin.md describes the settings, the data of templates and the differences.
package plugin

import (
	"errors"
	"fmt"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
)

// Environment is what a step runs in.
type Environment struct {
	// Getenv reads a variable.
	Getenv func(string) string
	// Environ lists all variables as NAME=value. It may be nil: then settings that
	// do not exist are not noticed.
	Environ func() []string
	// ReadFile reads a file of the working directory. It limits its size.
	ReadFile func(path string) ([]byte, error)
	// ArchNames is the setting arch-names.
	ArchNames []string
}

// Run is what a step does.
type Run struct {
	Settings Settings
	// Specs is what is pushed; empty if Skipped is set. The first one has the warnings
	// about settings and template.
	Specs []spec.Spec
	// Rendered is the rendered template, without the password; "" if there is none.
	Rendered string
	// Skipped is the reason why nothing is pushed, "" if something is.
	Skipped string
}

// Load reads the settings and makes the specs. It reads the template and the file of
// tags, and no registry. Every error is a *manifest.InputError; with one about the
// rendered template the run has that.
func Load(e Environment) (Run, error) {
	s, err := e.settings()
	if err != nil {
		return Run{}, err
	}
	run := Run{Settings: s}
	data := e.data(s)
	if s.AutoTag {
		ref := e.ref()
		if ref == "" {
			return Run{}, inputError("docs/plugin.md lists the variables that Drone and Woodpecker set",
				"auto_tag needs the git reference of the build: neither DRONE_COMMIT_REF nor CI_COMMIT_REF is set")
		}
		if !isTagged(ref, data.Repo.Branch) {
			run.Skipped = fmt.Sprintf("nothing is pushed: auto_tag pushes git tags and the default branch %q, and this build is of %q", data.Repo.Branch, ref)
			return run, nil
		}
		data.Build.Tags = autoTags(ref)
	}
	if s.Spec == "" {
		run.Specs, err = specFromSettings(s, data.Build.Tags, e.ArchNames)
	} else {
		err = run.render(e, data)
	}
	if err != nil {
		run.Specs = nil
		return run, err
	}
	run.Specs[0].Warnings = append(e.unknownSettings(), run.Specs[0].Warnings...)
	return run, nil
}

// specFromSettings makes the spec that platforms, target and template describe.
func specFromSettings(s Settings, tags, archNames []string) ([]spec.Spec, error) {
	for _, required := range []struct {
		name  string
		empty bool
	}{{"PLUGIN_TARGET", s.Target == ""}, {"PLUGIN_TEMPLATE", s.Template == ""}, {"PLUGIN_PLATFORMS", len(s.Platforms) == 0}} {
		if required.empty {
			return nil, inputError("set spec, or target, template and platforms; docs/plugin.md lists the settings", "%s is not set", required.name)
		}
	}
	made, err := spec.FromArgs(spec.Args{Target: s.Target, Template: s.Template, Platforms: s.Platforms, Tags: tags, ArchNames: archNames})
	if err != nil {
		return nil, fmt.Errorf("settings target, template, platforms and tags: %w", err)
	}
	return []spec.Spec{made}, nil
}

func inputError(hint, format string, args ...any) error {
	return &manifest.InputError{Err: fmt.Errorf(format, args...), HintText: hint}
}

// warning returns a warning, which --strict makes an error.
func warning(hint, message string) *manifest.InputError {
	return &manifest.InputError{Err: errors.New(message), HintText: hint}
}
