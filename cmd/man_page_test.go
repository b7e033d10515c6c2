package cmd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// manPage returns the man page of a command.
func manPage(c *cobra.Command) string {
	c.InitDefaultHelpFlag()
	p := &roffPage{}
	p.title(manName(c), manDate)
	p.section("NAME")
	p.text(plain(manName(c)) + ` \- ` + plain(c.Short))
	p.section("SYNOPSIS")
	p.text(synopsis(usageLine(c)))
	p.section("DESCRIPTION")
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	p.prose(text)
	addManCommands(p, c)
	addManOptions(p, c)
	addManExitCodes(p)
	addManEnvironment(p, c)
	if !c.HasParent() {
		addManFiles(p)
	}
	if c.HasExample() {
		p.section("EXAMPLES")
		p.example(c.Example)
	}
	addSeeAlso(p, c)
	return p.String()
}

func addManCommands(p *roffPage, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	p.section("COMMANDS")
	for _, g := range append(c.Groups(), &cobra.Group{}) {
		if g.Title != "" {
			p.subsection(g.Title)
		}
		for _, below := range c.Commands() {
			if below.GroupID == g.ID && slices.Contains(documented(c), below) {
				p.item(bold(below.Name()), plain(below.Short+"."))
			}
		}
	}
}

// addManOptions describes a command's flags, and on the page of the program those
// of every command.
func addManOptions(p *roffPage, c *cobra.Command) {
	p.section("OPTIONS")
	if c.HasParent() {
		addManFlags(p, ownFlags(c))
		p.paragraph(bold("manifest-tool") + "(1) has the flags of every command.")
		return
	}
	own := newFlagSet()
	c.LocalNonPersistentFlags().VisitAll(own.AddFlag)
	addManFlags(p, own)
	p.paragraph("Every command also has these:")
	for _, g := range (&session{}).globalFlags() {
		p.subsection(g.title)
		addManFlags(p, g.flags)
	}
}

// flagLine is a line of the flags in a help text.
var flagLine = regexp.MustCompile(`^ +(?:(-.), )?(--[a-z0-9-]+)(?: (\S+))? {2,}(.*)$`)

func addManFlags(p *roffPage, flags *pflag.FlagSet) {
	for line := range strings.Lines(flags.FlagUsages()) {
		found := flagLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		tag := bold(found[2])
		if found[1] != "" {
			tag = bold(found[1]) + ", " + tag
		}
		if found[3] != "" {
			tag += " " + italic(found[3])
		}
		p.item(tag, plain(found[4]))
	}
}

func addManExitCodes(p *roffPage) {
	p.section("EXIT CODES")
	for _, e := range exitCodes() {
		p.item(bold(fmt.Sprint(e.code)), plain(e.meaning))
	}
}

// addManEnvironment describes the variables of a command's flags, and on the page
// of the program those of every command. version reads none.
func addManEnvironment(p *roffPage, c *cobra.Command) {
	p.section("ENVIRONMENT")
	own := ownFlags(c)
	for _, s := range config.Settings() {
		if c.HasParent() && own.Lookup(s.Flag) == nil || c.Name() == "version" {
			continue
		}
		p.item(bold(s.Variable()), plain("The value of ")+bold("--"+s.Flag)+plain(" if it is not given: ")+markup(s.Help)+".")
	}
	if c.HasParent() {
		p.paragraph(bold("manifest-tool") + "(1) has the variables of every command.")
		return
	}
	for _, v := range otherVariables() {
		p.item(bold(v[0]), markup(v[1]))
	}
}

// otherVariables are those that are not the value of a flag.
func otherVariables() [][2]string {
	return [][2]string{
		{"MANIFEST_TOOL_CONFIG", "The settings file."},
		{"MANIFEST_TOOL_CACHE_PASSWORD", "The password of the Redis of `serve --cache`."},
		{"DOCKER_CONFIG", "The directory of Docker's config.json, with logins and the names of credential helpers."},
		{"REGISTRY_AUTH_FILE", "The file in which Podman and Skopeo store logins."},
		{"CONTAINERS_REGISTRIES_CONF", "The registries.conf that is read with `--system-registries`."},
		{"XDG_CONFIG_HOME", "Where the settings file and those of other programs are, instead of ~/.config."},
		{"XDG_RUNTIME_DIR", "Where Podman stores logins."},
		{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy of https and http requests, and the hosts that are reached without it."},
		{"SSL_CERT_FILE, SSL_CERT_DIR", "CA certificates in place of those of the system."},
		{"NO_COLOR, CLICOLOR_FORCE, TERM", "Whether output is coloured: not if NO_COLOR is not empty, always if CLICOLOR_FORCE is neither empty nor 0, else on a terminal that is not `dumb`."},
	}
}

func addManFiles(p *roffPage) {
	p.section("FILES")
	p.item(italic("~/.config/manifest-tool/config.yaml"), markup("Settings; `manifest-tool config` shows them and where each one came from."))
	p.item(italic("~/.docker/config.json"), markup("Logins of `manifest-tool login` and of Docker; those of Podman are read too."))
	p.item(italic("/etc/containers/certs.d, /etc/docker/certs.d"), plain("Certificates of registries."))
}

// addSeeAlso names the program, the command above, and those below.
func addSeeAlso(p *roffPage, c *cobra.Command) {
	var names []string
	if c.HasParent() {
		c.VisitParents(func(above *cobra.Command) { names = append(names, manName(above)) })
		slices.Reverse(names)
	}
	for _, below := range documented(c)[1:] {
		names = append(names, manName(below))
	}
	for i := range names {
		names[i] = `\%` + bold(names[i]) + "(1)" // \%: no break in the name
	}
	p.section("SEE ALSO")
	p.text(strings.Join(names, ", "))
}
