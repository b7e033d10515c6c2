package cmd

import (
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/output/display"
)

// addProgressFlag adds --progress to some flags of a command that copies or reads
// blobs.
func addProgressFlag(c *cobra.Command, flags *pflag.FlagSet) {
	setting := config.Setting{Kind: config.KindEnum, Choices: []string{"auto", "plain", "none", "json"}}
	flags.Var(&settingValue{"auto", setting}, "progress", "`how` to show progress on stderr: auto (bars on a terminal, else lines if the run is long), plain (lines), none, or json")
	completeEnum(c, "progress", setting.Choices...)
}

// startProgress starts to show the blobs that the store counts which is opened next,
// until endProgress.
func (s *session) startProgress() {
	mode := s.settings.Progress
	if s.settings.Quiet && !s.isSetByFlag("progress") {
		mode = "none"
	}
	s.progress = display.Start(display.Options{
		Mode: mode, Screen: s.screen, Notices: s.notices, Getenv: s.Getenv, Unicode: showsUnicode(runtime.GOOS, s.Getenv),
	})
}

// endProgress removes the bars; a later call does nothing.
func (s *session) endProgress(succeeded bool) { s.progress.Close(succeeded) }

// showsUnicode reports whether block characters can be shown, one column each: by the
// locale. East Asian terminals may take two columns for one.
func showsUnicode(goos string, getenv func(string) string) bool {
	if goos == "windows" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(getenv(name)); locale != "" {
			wide := slices.ContainsFunc([]string{"zh", "ja", "ko"}, func(l string) bool { return strings.HasPrefix(locale, l) })
			return !wide && (strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8"))
		}
	}
	return false
}
