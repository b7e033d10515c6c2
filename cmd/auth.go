package cmd

import (
	"manifest-tool/internal/reference"
	"strings"

	"github.com/spf13/cobra"
)

func newAuth(s *session) *cobra.Command {
	c := &cobra.Command{
		Use:   "auth",
		Short: "Find out about logins",
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
		Short: "Say which login would be used for a reference, and why",
		Long: `Say which login would be used for a reference: its kind and user name, the flag,
file, variable or helper it comes from, and what was looked at before. No
password and no token is shown, and no registry is asked.

REF is an image in a registry, whose tag or digest may be left out, or a registry
alone. The exit code
is 3 when there is no login, so that the registry would be asked anonymously.`,
		Example: `  manifest-tool auth explain registry.example.com/team/app
  manifest-tool auth explain --no-helpers -o json registry.example.com/team/app:1.0`,
		Args: exactArgs(1, "one reference"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args[0]) },
	}
	c.Flags().BoolVar(&o.noHelpers, "no-helpers", false, "run no credential helper, and stop at the first that would be asked")
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
	if err := o.printer.PrintExplanation(found); err != nil {
		return err
	}
	if failed == nil && found.Credential == nil {
		return &verdictError{"there is no login for " + name + ": it would be asked for anonymously"}
	}
	return failed
}

// credentialTarget is the registry and the repository that a login is for: those of a
// reference, or a registry alone, as login takes it.
func credentialTarget(name string) (host, repository string, err error) {
	if looksLikeHost(name) {
		if host, err = reference.ParseRegistry(name); err == nil {
			return host, "", nil
		}
	}
	ref, err := reference.Parse(name)
	if err != nil {
		return "", "", &usageError{err}
	}
	if ref.Host() == "" {
		return "", "", usagef("%q is not in a registry, so no login is used", name)
	}
	return ref.Repository.RegistryStr(), ref.Repository.RepositoryStr(), nil
}

// looksLikeHost tells a registry from an image of Docker Hub, as Docker does for
// the first part of a name: by a dot, a port, or as localhost.
func looksLikeHost(name string) bool {
	host, port, hasPort := strings.Cut(name, ":")
	if strings.Contains(name, "/") || hasPort && strings.Trim(port, "0123456789") != "" {
		return false
	}
	return strings.Contains(host, ".") || host == "localhost"
}
