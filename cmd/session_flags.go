package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// flagGroup is some of the global flags, under the title of their group.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

// addGlobalFlags adds the flags of every command, and returns them in groups. The
// flag of a setting is not bound to a variable: config.Load reads it from the
// flag set, with the layers below it. All other flags are bound to a field of
// their command's options.
func (s *session) addGlobalFlags(c *cobra.Command) []flagGroup {
	groups := s.globalFlags()
	for _, g := range groups {
		c.PersistentFlags().AddFlagSet(g.flags)
	}
	completeEnum(c, "color", "auto", "always", "never")
	return groups
}

func (s *session) globalFlags() []flagGroup {
	return []flagGroup{
		{"Connection", connectionFlags()},
		{"Credentials", s.credentialFlags()},
		{"Behaviour", behaviourFlags()},
		{"Output", outputFlags()},
	}
}

func newFlagSet() *pflag.FlagSet { return pflag.NewFlagSet("", pflag.ContinueOnError) }

func connectionFlags() *pflag.FlagSet {
	flags := newFlagSet()
	flags.Bool("plain-http", false, "use http, not https, for the registries named on the command line")
	flags.Bool("system-registries", false, "use the registry settings of Podman (registries.conf), containerd (hosts.toml) and Docker (daemon.json) on this machine")
	flags.Bool("insecure", false, "do not check the certificates of the registries named on the command line")
	flags.String("ca-file", "", "PEM `file` of more CA certificates to trust for the registries named on the command line")
	flags.String("client-cert", "", "PEM `file` of the client certificate for the registries named on the command line")
	flags.String("client-key", "", "PEM `file` of the key of --client-cert")
	flags.Var(&settingValue{"0", config.Setting{Kind: config.KindInt}}, "jobs", "maximum number of requests in flight to one host (default 200 on HTTP/2, 32 on HTTP/1.1), and of large layers that verify reads at once (default 3)")
	return flags
}

func (s *session) credentialFlags() *pflag.FlagSet {
	flags := newFlagSet()
	flags.StringP("username", "u", "", "user `name` at the registry")
	flags.String("password", "", "`password` at the registry; visible to other users of this machine, better use --password-stdin or $MANIFEST_TOOL_PASSWORD")
	flags.BoolVar(&s.passwordStdin, "password-stdin", false, "read the password from standard input, up to its end and without one final line end")
	flags.Bool("anonymous", false, "do not log in anywhere, and read no file of logins")
	flags.String("docker-cfg", "", "Docker config `path`: a file, or a directory with a config.json (default $DOCKER_CONFIG or ~/.docker)")
	flags.StringArray("realm-host", nil, "token server `host` that may be sent a registry's credential although its name differs, repeatable")
	return flags
}

func behaviourFlags() *pflag.FlagSet {
	flags := newFlagSet()
	flags.Var(new(nonEmptyString), "config", "settings `file` (default $MANIFEST_TOOL_CONFIG, or manifest-tool/config.yaml in $XDG_CONFIG_HOME or ~/.config)")
	flags.Bool("strict", false, "turn warnings into errors: contradictory platforms, dubious responses of a registry")
	flags.Duration("timeout", 0, "maximum duration of the run, such as 90s or 10m; 0 means no limit")
	return flags
}

func outputFlags() *pflag.FlagSet {
	flags := newFlagSet()
	flags.String("color", "auto", "colours in the output: auto, always or never")
	flags.Bool("debug", false, "log every request to stderr")
	flags.Bool("quiet", false, "leave notes and hints out of stderr, not errors and warnings")
	return flags
}

// addOutputFlag adds --output to some flags of a command that prints a result.
// more are formats that it has in addition to those of all commands.
func addOutputFlag(c *cobra.Command, flags *pflag.FlagSet, more ...string) {
	names := append([]string{"text", "json", "yaml"}, more...)
	usage := "`format` of the result: " + strings.Join(names, ", ") + ", or template=TEXT with a Go template over its fields"
	flags.VarP(&settingValue{names[0], config.Setting{Kind: config.Format, Choices: names}}, "output", "o", usage)
	completeEnum(c, "output", append(names, "template=")...)
}

// outputFormat returns the format that a command prints: that of the settings,
// or text if it is one of another command, such as sarif, and set for every run.
func outputFormat(flags *pflag.FlagSet, set string) string {
	flag := flags.Lookup("output")
	if flag == nil {
		return "text"
	}
	value, ok := flag.Value.(*settingValue)
	if !ok || slices.Contains(value.setting.Choices, set) || strings.HasPrefix(set, "template=") {
		return set
	}
	return "text"
}

// outputOrigin names the setting in messages about its template.
func outputOrigin(at config.Origin) string {
	if at.Kind == config.FromFile {
		return at.Location() + `: "output"`
	}
	return at.Location()
}
