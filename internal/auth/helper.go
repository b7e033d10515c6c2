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
)

const (
	helperPrefix = "docker-credential-"
	// tokenUser as a username marks the secret as an identity token. Source:
	// docker login, credential helper protocol.
	tokenUser = "<token>"
	// drainLimit is how long to wait for the pipes of a helper that is gone,
	// when a process it left behind still holds them.
	drainLimit = 500 * time.Millisecond
)

// helper is one docker-credential-SUFFIX program.
type helper struct {
	suffix string
	limit  time.Duration
}

// get asks the helper for a registry. The zero value means it knows none. The
// error names the helper and the host; of what the helper said it holds one
// short, quoted line at most.
func (h helper) get(ctx context.Context, host, key string) (authn.AuthConfig, error) {
	name := helperPrefix + h.suffix
	if filepath.Base(name) != name {
		return authn.AuthConfig{}, fmt.Errorf("credential helper %q for %q: the name is a path", name, host)
	}
	ctx, cancel := context.WithTimeout(ctx, h.limit)
	defer cancel()
	p := &program{ctx: ctx, name: name, answer: answer{full: cancel}}
	found, err := client.Get(p.start, key)
	if credentials.IsErrCredentialsNotFound(err) {
		return authn.AuthConfig{}, nil
	}
	if err != nil {
		return authn.AuthConfig{}, fmt.Errorf("credential helper %q for %q: %w", name, host, h.cause(p))
	}
	if found.Username == tokenUser {
		return authn.AuthConfig{IdentityToken: found.Secret}, nil
	}
	return authn.AuthConfig{Username: found.Username, Password: found.Secret}, nil
}

// cause says why a run failed. The client's own error is not used: it holds
// the whole output, which may be a secret.
func (h helper) cause(p *program) error {
	var exit *exec.ExitError
	switch {
	case p.answer.over:
		return fmt.Errorf("it answered more than %d bytes", answerLimit)
	case errors.Is(p.ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it gave no answer within %v", h.limit)
	case p.ctx.Err() != nil:
		return p.ctx.Err()
	case p.err == nil:
		return errors.New("its answer is not the JSON of the helper protocol")
	case errors.As(p.err, &exit):
		return fmt.Errorf("%w%s", p.err, p.answer.excerpt())
	}
	return p.err
}

// program runs a helper once, for the client of docker-credential-helpers. It
// differs from the client's own: it ends with its context, reads a bounded
// answer, and gives the helper no way to write to the user's terminal.
type program struct {
	ctx    context.Context
	name   string
	cmd    *exec.Cmd
	answer answer
	err    error
}

func (p *program) start(args ...string) client.Program {
	p.cmd = exec.CommandContext(p.ctx, p.name, args...)
	p.cmd.Stdout = &p.answer
	p.cmd.WaitDelay = drainLimit
	endWithChildren(p.cmd)
	return p
}

// Input implements client.Program.
func (p *program) Input(in io.Reader) { p.cmd.Stdin = in }

// Output implements client.Program.
func (p *program) Output() ([]byte, error) {
	p.err = p.cmd.Run()
	if errors.Is(p.err, exec.ErrWaitDelay) {
		// It answered and left; something it started still holds the pipe.
		p.err = nil
	}
	if p.answer.over {
		p.err = errors.New("answer too long")
	}
	return p.answer.buf.Bytes(), p.err
}
