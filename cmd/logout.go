package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/reference"
)

type logoutOptions struct {
	*session
}

func newLogout(s *session) *cobra.Command {
	o := &logoutOptions{s}
	c := &cobra.Command{
		Use:   "logout REGISTRY",
		Short: "Erase the login of a registry",
		Long: `Erase the login of a registry from the file that login would write and from the
credential helper named in that file. No request is sent.

Without a login, logout reports that and succeeds. It also reports where another
login for the registry remains.`,
		Example: `  manifest-tool logout registry.example.com`,
		Args:    exactArgs(1, "one registry"),
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },
	}
	addOutputFlag(c, c.Flags())
	return c
}

func (o *logoutOptions) run(ctx context.Context, name string) error {
	host, err := reference.ParseRegistry(name)
	if err != nil {
		return &usageError{err: err}
	}
	done, err := auth.Logout(ctx, o.withStorage(auth.Options{}), host)
	if err != nil {
		return fmt.Errorf("logging out: %w", err)
	}
	return o.printer.PrintLogout(done)
}
