package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/output"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/wire"
)

// registryFlags are the global flags: how registries are reached and what the
// output looks like.
type registryFlags struct {
	debug         bool
	insecure      bool
	plainHTTP     bool
	username      string
	password      string
	passwordStdin bool
	dockerConfig  string
	realmHosts    []string
	strict        bool
	color         string
	output        string
	jobs          int

	trace *trace
	// redact takes secrets out of a text, once a store knows them.
	redact func(string) string
}

func (f *registryFlags) register(c *cobra.Command) {
	flags := c.PersistentFlags()
	flags.BoolVar(&f.debug, "debug", false, "log every request to stderr")
	flags.BoolVar(&f.insecure, "insecure", false, "do not check the certificates of the registries named on the command line")
	flags.BoolVar(&f.plainHTTP, "plain-http", false, "speak http, not https, to the registries named on the command line")
	flags.StringVar(&f.username, "username", "", "user `name` at the registry")
	flags.StringVar(&f.password, "password", "", "`password` at the registry; visible to other users of this machine, better use --password-stdin")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	flags.StringVar(&f.dockerConfig, "docker-cfg", "", "Docker config `path`: a file, or a directory with a config.json (default $DOCKER_CONFIG or ~/.docker)")
	flags.StringArrayVar(&f.realmHosts, "realm-host", nil, "token server `host` that may be sent a registry's credential although it has another name, repeatable")
	flags.BoolVar(&f.strict, "strict", false, "make errors of what is only warned of: contradictory platforms, doubtful answers of a registry")
	flags.IntVar(&f.jobs, "jobs", 0, "most requests in flight to one host (default 200 on HTTP/2, 32 on HTTP/1.1)")
	flags.StringVar(&f.color, "color", "auto", "colours in the output: auto, always or never")
}

// registerOutput adds the flags of a command that shows something.
func (f *registryFlags) registerOutput(c *cobra.Command) {
	c.Flags().StringVarP(&f.output, "output", "o", "text", "`format` of the result: text, json, yaml, or template=TEXT with a Go template over its fields")
}

// printer returns where results go.
func (f *registryFlags) printer(deps Deps) (output.Printer, error) {
	color, err := output.UseColor(f.color, deps.Columns > 0, deps.Getenv)
	if err != nil {
		return output.Printer{}, &usageError{err}
	}
	format, err := output.ParseFormat(f.output)
	if err != nil {
		return output.Printer{}, &usageError{err}
	}
	return output.Printer{Out: deps.Out, Color: color, Format: format, Columns: deps.Columns}, nil
}

// store returns the places that references point to, with the transport that
// the global flags describe. The user name and the password on the command
// line are for hosts and for nobody else.
func (f *registryFlags) store(deps Deps, o store.Options, hosts []string) (*store.Store, error) {
	if f.jobs < 0 {
		return nil, usagef("--jobs is %d, and must not be negative", f.jobs)
	}
	password, err := f.secret(deps)
	if err != nil {
		return nil, err
	}
	keychain, err := auth.New(auth.Options{
		Username: f.username, Password: password, Hosts: hosts,
		DockerConfig: f.dockerConfig, Getenv: deps.Getenv, Home: deps.Home,
		Warn: warner(deps.Err),
	})
	if err != nil {
		return nil, &usageError{err}
	}
	if f.insecure && len(hosts) > 0 {
		warner(deps.Err)("--insecure: the certificate is not checked of " + strings.Join(slices.Compact(slices.Sorted(slices.Values(hosts))), ", "))
	}
	o.Wire = wire.Options{
		Credentials: keychain, PlainHTTP: f.plainHTTP, Insecure: f.insecure,
		RealmHosts: f.realmHosts, Strict: f.strict, Warn: f.warner(deps.Err),
		Jobs: f.jobs, Pace: deps.Pace, UserAgent: "manifest-tool/" + deps.Version, Observe: f.observer(deps.Err),
	}
	s, err := store.New(o)
	if err == nil {
		f.redact = s.Redact
	}
	return s, err
}

// secret returns the password the user gave.
func (f *registryFlags) secret(deps Deps) (string, error) {
	if f.password != "" && f.passwordStdin {
		return "", usagef("--password and --password-stdin are both given")
	}
	if f.password != "" {
		warner(deps.Err)("--password shows the password to everybody who can list processes; use --password-stdin")
	}
	if !f.passwordStdin {
		return f.password, nil
	}
	line, err := bufio.NewReader(io.LimitReader(deps.In, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password from standard input: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usagef("--password-stdin is given, but the first line of standard input is empty")
	}
	return line, nil
}

// observer logs requests when --debug is given.
func (f *registryFlags) observer(w io.Writer) func(wire.Event) {
	if !f.debug {
		return nil
	}
	f.trace = newTrace(w, f.clean)
	return f.trace.request
}

// finish closes what the run opened.
func (f *registryFlags) finish() {
	if f.trace != nil {
		f.trace.close()
	}
}

// clean takes the secrets of the run out of a text that a server may have had
// a say in.
func (f *registryFlags) clean(text string) string {
	if f.redact == nil {
		return text
	}
	return f.redact(text)
}

// warner is warner for what servers may have had a say in.
func (f *registryFlags) warner(w io.Writer) func(string) {
	return func(message string) { tell(w, "warning", f.clean(message)) }
}

// warner returns what tells people something without stopping.
func warner(w io.Writer) func(string) {
	return func(message string) { tell(w, "warning", message) }
}

// tell writes a line for people.
func tell(w io.Writer, kind, message string) {
	fmt.Fprintf(w, "%s: %s\n", kind, output.Escape(message))
}
