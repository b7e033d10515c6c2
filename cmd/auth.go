package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

func newAuth(s *session) *cobra.Command {
	c := &cobra.Command{
		Use:   "auth",
		Short: "Explain which login is used",
		Args:  rejectUnknownCommand,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAuthExplain(s))
	return c
}

type explainOptions struct {
	*session

	noHelpers bool
}

func newAuthExplain(s *session) *cobra.Command {
	o := &explainOptions{session: s}
	c := &cobra.Command{
		Use:   "explain REF",
		Short: "Show which login is used for a reference, and why",
		Long: `Show which login is used for a reference: its kind and user name, the flag, file,
variable or helper it comes from, and the sources that were tried before it. No
password or token is shown, and no request is sent.

REF is an image in a registry, with or without tag and digest, or a registry.
The exit code is 3 if there is no login and requests are anonymous.`,
		Example: `  manifest-tool auth explain registry.example.com/team/app
  manifest-tool auth explain --no-helpers -o json registry.example.com/team/app:1.0`,
		Args: exactArgs(1, "one reference"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args[0]) },
	}
	c.Flags().BoolVar(&o.noHelpers, "no-helpers", false, "do not run credential helpers; stop at the first one that would be run")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *explainOptions) run(c *cobra.Command, name string) error {
	host, repository, err := credentialTarget(name)
	if err != nil {
		return err
	}
	password, err := o.password()
	if err != nil {
		return err
	}
	keychain, err := o.keychain(password, []string{host})
	if err != nil {
		return err
	}
	found, failed := keychain.Explain(c.Context(), host, repository, !o.noHelpers)
	if found.Credential != nil {
		found.TokenServers = transport.TokenServers(host, o.transportConfig(host, true))
	}
	if err := o.printer.PrintExplanation(found); err != nil {
		return err
	}
	if failed == nil && found.Credential == nil {
		return &verdictError{"there is no login for " + name + ": requests for it are anonymous"}
	}
	return failed
}

// credentialTarget returns the registry and the repository that a login is for:
// those of a reference, or a registry alone, as login accepts it.
func credentialTarget(name string) (host, repository string, err error) {
	if looksLikeHost(name) {
		if host, err = reference.ParseRegistry(name); err == nil {
			return host, "", nil
		}
	}
	ref, err := reference.Parse(name)
	if err != nil {
		return "", "", &usageError{err: err}
	}
	if ref.Host() == "" {
		return "", "", usagef("%q is not in a registry, so no login is used", name)
	}
	return ref.Repository.RegistryStr(), ref.Repository.RepositoryStr(), nil
}

// looksLikeHost reports whether a name is a registry and not an image of Docker
// Hub. As for the first part of a name in Docker, a dot, a port or "localhost"
// makes it one.
func looksLikeHost(name string) bool {
	host, port, hasPort := strings.Cut(name, ":")
	if strings.Contains(name, "/") || hasPort && strings.Trim(port, "0123456789") != "" {
		return false
	}
	return strings.Contains(host, ".") || host == "localhost"
}
