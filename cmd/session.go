package cmd

import (
	"cmp"
	"errors"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/errtext"
	"manifest-tool/internal/output"
	"manifest-tool/internal/output/display"
)

// session is one run of the program: its streams and environment, the settings
// in force, and what is made of them. The pre-run of the root command loads the
// settings and makes the printer; a command that reads images opens a store.
type session struct {
	Deps
	// settings and printer are set once a command runs.
	settings config.Config
	printer  output.Printer
	// settingsPath is the settings file, whether it exists or not.
	settingsPath string
	// notices writes warnings; sanitizer is that of notices and printer.
	notices   output.Notices
	sanitizer *output.Sanitizer
	// screen is where the streams end up; progress is nil if none is shown.
	screen   *display.Screen
	progress *display.Progress

	// warned holds the warnings of warnOnce.
	warned sync.Map

	passwordStdin bool
	requestLog    *requestLog
	timeout       runTimeout
	// stdin is standard input, which ends with the run.
	stdin *ctxReader
}

func newSession(deps Deps) *session {
	sanitizer := &output.Sanitizer{}
	return &session{Deps: deps, sanitizer: sanitizer, notices: output.Notices{Out: deps.Err, Sanitizer: sanitizer}}
}

// preRun prepares the session for a command and starts the timeout of the run.
// A command that needs no settings is not stopped by invalid ones.
func (s *session) preRun(c *cobra.Command) error {
	if !needsSettings(c) {
		return nil
	}
	if err := s.load(c.Flags(), true); err != nil {
		return err
	}
	if err := s.checkTemplate(c); err != nil {
		return err
	}
	limit := s.settings.Timeout
	if c.Name() == "serve" {
		limit = 0 // it is that of each request
	}
	ctx := s.timeout.start(c.Context(), limit)
	c.SetContext(ctx)
	if s.stdin != nil {
		s.stdin.ctx = ctx
	}
	return nil
}

// needsSettings reports whether the settings are loaded before a command runs.
// The command config loads them itself: it also shows what is wrong with them.
func needsSettings(c *cobra.Command) bool {
	for ; c.HasParent(); c = c.Parent() {
		switch c.Name() {
		case "version", "completion", "help", "config", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
			return false
		}
		if !c.Parent().HasParent() {
			return true
		}
	}
	return false
}

// load reads the settings, with or without the settings file, and makes the
// printer.
func (s *session) load(flags *pflag.FlagSet, file bool) error {
	sources := config.Options{
		Flags: flags, Getenv: s.Getenv, Home: s.Home, NoFile: !file, Template: output.CheckTemplate,
	}
	settings, err := config.Load(sources)
	if err != nil {
		return err
	}
	s.settings, s.settingsPath = settings, sources.FilePath()
	s.notices.Quiet = settings.Quiet || !s.StderrIsTerminal && settings.Origins["quiet"].Kind == config.FromDefault
	if err := cmp.Or(s.warnOfSystem(), s.warnOfVariables()); err != nil {
		return err
	}
	color, err := output.UseColor(settings.Color, s.TermWidth > 0, s.Getenv)
	if err != nil {
		return &usageError{err: err}
	}
	format, err := output.ParseFormat(outputFormat(flags, settings.Output))
	if err != nil {
		return &usageError{err: err}
	}
	s.printer = output.Printer{
		Out: s.Out, Color: color, Format: format.WithOrigin(outputOrigin(settings.Origins["output"])),
		Columns: s.TermWidth, Now: s.Now, Sanitizer: s.sanitizer,
	}
	return nil
}

// warnOfSystem names what was left out of the settings of other programs, except for
// what is about one registry alone: warnOfRegistry does that once it is used.
func (s *session) warnOfSystem() error {
	rules := s.settings.System
	if rules != nil && s.settings.Strict && len(rules.Warnings) > 0 {
		return &usageError{err: errtext.WithHint(errors.New(rules.Warnings[0].Text), "correct the file, or run without --strict or without --system-registries")}
	}
	s.warnOfRegistry("")
	return nil
}

// warnOfRegistry names, once, what was left out of the settings of other programs for a
// registry.
func (s *session) warnOfRegistry(host string) {
	for _, w := range s.settings.System.WarningsAbout(host) {
		s.warnOnce(w)
	}
}

// warnOnce writes a warning unless it was written before.
func (s *session) warnOnce(message string) {
	if _, again := s.warned.LoadOrStore(message, true); !again {
		s.notices.Warn(message)
	}
}

// isSetByFlag reports whether the value of a setting comes from its flag.
func (s *session) isSetByFlag(key string) bool {
	return s.settings.Origins[key].Kind == config.FromFlag
}

// close logs what --debug shows at the end, and ends the timeout.
func (s *session) close() {
	if s.requestLog != nil {
		s.requestLog.close()
	}
	s.timeout.close()
}
