package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/output"
)

// session are the global flags, and the settings that hold when the
// layers below the flags are counted in.
type session struct {
	// settings are there once a command runs.
	settings config.Config
	// globalFlags are the flags of every command.
	globalFlags *pflag.FlagSet

	passwordStdin bool

	trace *requestLog
	// redact takes secrets out of a text, once a store knows them.
	redact  func(string) string
	timeout runTimeout
	// stdin is standard input, which ends with the run.
	stdin *ctxReader
}

func (f *session) register(c *cobra.Command) {
	flags := c.PersistentFlags()
	f.globalFlags = flags
	flags.Var(new(nonEmptyString), "config", "settings `file` (default $MANIFEST_TOOL_CONFIG, or manifest-tool/config.yaml in $XDG_CONFIG_HOME or ~/.config)")
	flags.Bool("debug", false, "log every request to stderr")
	flags.Duration("timeout", 0, "the longest the run may take, such as 90s or 10m; 0 is as long as it takes")
	flags.Bool("insecure", false, "do not check the certificates of the registries named on the command line")
	flags.Bool("plain-http", false, "speak http, not https, to the registries named on the command line")
	flags.String("ca-file", "", "PEM `file` of further authorities to trust for the registries named on the command line")
	flags.String("client-cert", "", "PEM `file` of the certificate to show to the registries named on the command line")
	flags.String("client-key", "", "PEM `file` of the key of --client-cert")
	flags.StringP("username", "u", "", "user `name` at the registry")
	flags.String("password", "", "`password` at the registry; visible to other users of this machine, better use --password-stdin or $MANIFEST_TOOL_PASSWORD")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	flags.Bool("anonymous", false, "do not log in anywhere, and read no file of logins")
	flags.String("docker-cfg", "", "Docker config `path`: a file, or a directory with a config.json (default $DOCKER_CONFIG or ~/.docker)")
	flags.StringArray("realm-host", nil, "token server `host` that may be sent a registry's credential although it has another name, repeatable")
	flags.Bool("strict", false, "make errors of what is only warned of: contradictory platforms, doubtful answers of a registry")
	flags.Var(&settingValue{"0", config.Setting{Kind: config.KindInt}}, "jobs", "most requests in flight to one host (default 200 on HTTP/2, 32 on HTTP/1.1)")
	flags.String("color", "auto", "colours in the output: auto, always or never")
	completeEnum(c, "color", "auto", "always", "never")
}

// registerOutput adds the flags of a command that shows something, with the
// names of formats that it alone has; registerPersistentOutput gives them to the
// commands below as well.
func (f *session) registerOutput(c *cobra.Command, own ...string) {
	f.addOutput(c, c.Flags(), own...)
}

func (f *session) registerPersistentOutput(c *cobra.Command) {
	f.addOutput(c, c.PersistentFlags())
}

func (f *session) addOutput(c *cobra.Command, flags *pflag.FlagSet, own ...string) {
	names := append([]string{"text", "json", "yaml"}, own...)
	outputFlag(c, flags, "`format` of the result: "+strings.Join(names, ", ")+", or template=TEXT with a Go template over its fields", names...)
}

// printer returns where results go.
func (f *session) printer(deps Deps) (output.Printer, error) {
	if err := f.ensureSettings(deps); err != nil {
		return output.Printer{}, err
	}
	color, err := output.UseColor(f.settings.Color, deps.TermWidth > 0, deps.Getenv)
	if err != nil {
		return output.Printer{}, &usageError{err}
	}
	format, err := output.ParseFormat(f.format())
	if err != nil {
		return output.Printer{}, &usageError{err}
	}
	format = format.WithOrigin(f.formatOrigin())
	return output.Printer{Out: deps.Out, Color: color, Format: format, Columns: deps.TermWidth, Now: deps.Now}, nil
}

// format is what results are printed as. The reports of verify, set for every
// run, are for verify alone.
func (f *session) format() string {
	if output.ParseReport(f.settings.Output) != output.ReportNone && !f.setByFlag("output") {
		return "text"
	}
	return f.settings.Output
}

// formatOrigin is where the format came from, as messages begin with it.
func (f *session) formatOrigin() string {
	at := f.settings.Origins["output"]
	if at.Kind == config.FromFile {
		return at.Location() + `: "output"`
	}
	return at.Location()
}

// close closes what the run opened.
func (f *session) close() {
	if f.trace != nil {
		f.trace.close()
	}
	f.timeout.close()
}

// setByFlag reports whether a setting is what it is because of its flag.
func (f *session) setByFlag(key string) bool {
	return f.settings.Origins[key].Kind == config.FromFlag
}
