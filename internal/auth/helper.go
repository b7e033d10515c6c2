package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
	"github.com/google/go-containerregistry/pkg/authn"

	"manifest-tool/internal/errtext"
)

const (
	helperPrefix = "docker-credential-"
	// tokenUser as a username marks the secret as an identity token. Source:
	// docker login, credential helper protocol.
	tokenUser = "<token>"
	// drainLimit bounds the wait for the pipes of a helper that has exited, if
	// a process that it started still has them open.
	drainLimit = 500 * time.Millisecond
)

// HelperError is a failed run of a credential helper. It has at most one short,
// quoted line of the helper's output.
type HelperError struct {
	Helper, Host string
	Err          error
}

func (e *HelperError) Error() string {
	return fmt.Sprintf("credential helper %q for %q: %v", e.Helper, e.Host, e.Err)
}

// Unwrap returns the cause.
func (e *HelperError) Unwrap() error { return e.Err }

// Optional reports that a public repository can be read without the login.
func (e *HelperError) Optional() bool { return true }

// helper is one docker-credential-SUFFIX program.
type helper struct {
	suffix string
	limit  time.Duration
}

func (h helper) name() string { return helperPrefix + h.suffix }

// get returns the helper's credential for a registry, the zero value if it has
// none. The error is a *HelperError.
func (h helper) get(ctx context.Context, host, key string) (found authn.AuthConfig, err error) {
	err = h.run(ctx, host, func(p *program) error {
		got, err := client.Get(p.start, key)
		switch {
		case credentials.IsErrCredentialsNotFound(err):
			return nil
		case err != nil:
			return err
		case got.Username == tokenUser:
			found = authn.AuthConfig{IdentityToken: got.Secret}
		default:
			found = authn.AuthConfig{Username: got.Username, Password: got.Secret}
		}
		return nil
	})
	return found, err
}

// store stores or replaces the credential of a registry in the helper. The error
// is a *HelperError.
func (h helper) store(ctx context.Context, host, key string, cred authn.AuthConfig) error {
	given := &credentials.Credentials{ServerURL: key, Username: cred.Username, Secret: cred.Password}
	if cred.IdentityToken != "" {
		given.Username, given.Secret = tokenUser, cred.IdentityToken
	}
	return h.run(ctx, host, func(p *program) error { return client.Store(p.start, given) })
}

// erase erases the credential of a registry in the helper. The error is a
// *HelperError.
func (h helper) erase(ctx context.Context, host, key string) error {
	return h.run(ctx, host, func(p *program) error { return client.Erase(p.start, key) })
}

// run starts the helper once, within its limit.
func (h helper) run(ctx context.Context, host string, talk func(*program) error) error {
	if filepath.Base(h.name()) != h.name() {
		return &HelperError{h.name(), host, errors.New("the name is a path")}
	}
	ctx, cancel := context.WithTimeout(ctx, h.limit)
	defer cancel()
	p := &program{ctx: ctx, name: h.name(), output: limitedOutput{full: cancel}}
	if err := talk(p); err != nil {
		return &HelperError{h.name(), host, h.cause(p)}
	}
	return nil
}

// cause returns the reason why a run failed. The client's own error is not used:
// it has the whole output, which may be a secret.
func (h helper) cause(p *program) error {
	var exit *exec.ExitError
	switch {
	case p.output.overflowed:
		return fmt.Errorf("its output is longer than %d bytes", outputLimit)
	case errors.Is(p.ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it did not exit within %v", h.limit)
	case p.ctx.Err() != nil:
		return p.ctx.Err()
	case p.err == nil:
		return errors.New("its output is not the JSON of the helper protocol")
	case errors.Is(p.err, exec.ErrNotFound):
		return errtext.Replace(p.err, "no directory in PATH has a program of this name")
	case errors.As(p.err, &exit):
		return fmt.Errorf("%w%s", p.err, p.output.excerpt())
	}
	return p.err
}

// program runs a helper once, for the client of docker-credential-helpers. Unlike
// the client's own, it ends with its context, bounds the output, and does not let
// the helper write to the user's terminal.
type program struct {
	ctx    context.Context
	name   string
	cmd    *exec.Cmd
	output limitedOutput
	err    error
}

func (p *program) start(args ...string) client.Program {
	p.cmd = exec.CommandContext(p.ctx, p.name, args...)
	p.cmd.Stdout = &p.output
	p.cmd.WaitDelay = drainLimit
	killProcessGroup(p.cmd)
	return p
}

// Input implements client.Program.
func (p *program) Input(in io.Reader) { p.cmd.Stdin = in }

// Output implements client.Program.
func (p *program) Output() ([]byte, error) {
	p.err = p.cmd.Run()
	if errors.Is(p.err, exec.ErrWaitDelay) {
		// It has exited; a process that it started still has the pipe open.
		p.err = nil
	}
	if p.output.overflowed {
		p.err = errors.New("output too long")
	}
	return p.output.buf.Bytes(), p.err
}
