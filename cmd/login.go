package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/config"
	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

type loginOptions struct {
	*session
}

func newLogin(s *session) *cobra.Command {
	o := &loginOptions{s}
	c := &cobra.Command{
		Use:   "login REGISTRY",
		Short: "Check a user name and password, and store them",
		Long: `Check a user name and password with a registry, and store them for later runs
of this program and of others that read the same file.

REGISTRY is HOST or HOST:PORT, docker.io for Docker Hub. The user name comes
from --username, the password from standard input with --password-stdin; on a
terminal, missing values are prompted for.

The login is stored in the credential helper that Docker's config file names for
the registry, else, with a warning, in that file: the one from --docker-cfg,
$DOCKER_CONFIG, $REGISTRY_AUTH_FILE, or ~/.docker/config.json, the first that is
set. A login that the registry rejects is not stored.`,
		Example: `  manifest-tool login registry.example.com
  echo "$TOKEN" | manifest-tool login registry.example.com -u ci --password-stdin`,
		Args: exactArgs(1, "one registry"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },
	}
	addOutputFlag(c, c.Flags())
	return c
}

func (o *loginOptions) run(ctx context.Context, name string) error {
	host, err := reference.ParseRegistry(name)
	if err != nil {
		return &usageError{err: err}
	}
	if o.settings.Anonymous {
		return usagef("--anonymous cannot be used to log in")
	}
	password, err := o.credential(ctx, host)
	if err != nil {
		return err
	}
	given := auth.Options{Username: o.settings.Username, Password: password, Hosts: []string{host}}
	realm := ""
	done, err := auth.Login(ctx, o.withStorage(given), host, func(ctx context.Context) (string, error) {
		proof, err := o.check(ctx, given, host)
		if named, ok := o.askForRealm(ctx, host, err); ok {
			realm = named
			proof, err = o.check(ctx, given, host)
		}
		if err == nil && !proof.Challenged {
			o.notices.Warn(fmt.Sprintf("%s allows anonymous access: it did not check the password, which may be wrong", host))
		}
		return proof.IdentityToken, err
	})
	if err != nil {
		return loginError(err)
	}
	o.storeRealm(ctx, host, realm)
	return o.printer.PrintLogin(done)
}

// check checks the credential that was given for this run with a registry.
func (o *loginOptions) check(ctx context.Context, given auth.Options, host string) (transport.LoginResult, error) {
	keychain, err := auth.New(given)
	if err != nil {
		return transport.LoginResult{}, &usageError{err: err}
	}
	s, err := o.openStoreWith(keychain, []string{host})
	if err != nil {
		return transport.LoginResult{}, err
	}
	return s.CheckLogin(ctx, host)
}

// loginError wraps an error of a login. A registry that rejects one has been given
// the wrong password, not none.
func loginError(err error) error {
	if errors.Is(err, store.ErrUnauthorized) {
		err = errtext.WithHint(err, "check the user name and the password; many registries require an access token instead of the password")
	}
	return fmt.Errorf("logging in: %w", err)
}

// credential returns the password and sets the user name, and prompts for those
// that the command line does not give.
func (o *loginOptions) credential(ctx context.Context, host string) (string, error) {
	password, err := o.password()
	if err != nil {
		return "", err
	}
	if o.settings.Username == "" {
		if password != "" || o.Prompter.line == nil {
			return "", usagef("no user name is given: use --username")
		}
		if o.settings.Username, err = prompt(ctx, o.Err, "Username at "+host, o.Prompter.line, false); err != nil {
			return "", err
		}
	}
	switch {
	case password != "":
		return password, nil
	case o.Prompter.secret == nil:
		return "", usagef("a password is required, and no terminal is available to prompt for it: use --password-stdin")
	}
	return prompt(ctx, o.Err, "Password", o.Prompter.secret, true)
}

// askForRealm asks on a terminal whether a token server on another host, which did not
// get the password, belongs to the registry. The answer yes holds for this run; the
// server is returned.
func (o *loginOptions) askForRealm(ctx context.Context, host string, err error) (realm string, ok bool) {
	state := transport.LoginStateOf(err)
	if state.WithheldFrom == "" || o.Prompter.line == nil || len(state.Flags) != 1 || !strings.HasPrefix(state.Flags[0], "--realm-host ") {
		return "", false
	}
	_, _ = fmt.Fprintf(o.Err, "%s names %s as its token server. It gets your password if you agree, now and in later runs.\n",
		o.sanitizer.Line(host), o.sanitizer.Line(state.WithheldFrom))
	answer, err := prompt(ctx, o.Err, "Send it there? (yes or no)", o.Prompter.line, false)
	if err != nil || !strings.EqualFold(answer, "yes") && !strings.EqualFold(answer, "y") {
		return "", false
	}
	realm = strings.ToLower(state.WithheldFrom)
	o.settings.RealmHosts = append(o.settings.RealmHosts[:len(o.settings.RealmHosts):len(o.settings.RealmHosts)], realm)
	return realm, true
}

// storeRealm stores a token server in the settings file as one of the registry, so
// that the question is asked once. A file that cannot be edited is a warning.
func (o *loginOptions) storeRealm(ctx context.Context, host, realm string) {
	if realm == "" {
		return
	}
	if err := config.AddRealmHost(ctx, o.settingsPath, host, realm); err != nil {
		o.notices.Warn(fmt.Sprintf("the token server is not stored: %v; %s", err, errtext.Hint(err)))
		return
	}
	o.notices.Print("note", fmt.Sprintf("%s is stored as a token server of %s in %s", realm, host, o.settingsPath))
}
