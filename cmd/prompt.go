package cmd

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"manifest-tool/internal/auth"
)

// prompter reads answers from a terminal. The zero value has no terminal.
type prompter struct {
	// line reads a line with echo.
	line func(ctx context.Context) (string, error)
	// secret reads a line without echo.
	secret func(ctx context.Context) (string, error)
}

// newTerminalPrompter returns a prompter for a file; the zero value if the file is
// not a terminal.
func newTerminalPrompter(in *os.File) prompter {
	fd := int(in.Fd())
	if !term.IsTerminal(fd) {
		return prompter{}
	}
	return prompter{
		line: func(ctx context.Context) (string, error) {
			text, err := bufio.NewReader(&ctxReader{ctx, in}).ReadString('\n')
			return strings.TrimRight(text, "\r\n"), err
		},
		secret: func(ctx context.Context) (string, error) { return readPassword(ctx, fd) },
	}
}

// readPassword reads a line without echo. Ctrl-C ends it and restores the echo.
func readPassword(ctx context.Context, fd int) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return string(a.text), a.err
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		return "", context.Cause(ctx)
	}
}

// prompt writes a question to w and waits for the answer, which must not be empty.
// The line end of a secret is not echoed, so it is written here.
func prompt(ctx context.Context, w io.Writer, question string, read func(context.Context) (string, error), secret bool) (string, error) {
	if _, err := fmt.Fprint(w, question+": "); err != nil {
		return "", err
	}
	text, err := read(ctx)
	if err != nil || secret {
		_, _ = fmt.Fprintln(w)
	}
	if err != nil {
		return "", fmt.Errorf("reading the %s: %w", strings.ToLower(question), err)
	}
	if text == "" {
		return "", usagef("no %s was given", strings.ToLower(question))
	}
	return text, nil
}

// maxPassword bounds a password on standard input, in bytes.
const maxPassword = 64 << 10

// readPasswordFrom reads a password: everything up to the end of the input, without
// one final line end. It may have several lines, such as the JSON key of a service
// account of Google. recoded is set if it was UTF-16 or had a byte order mark, as
// PowerShell writes it.
func readPasswordFrom(r io.Reader) (password string, recoded bool, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPassword+1))
	if err != nil {
		return "", false, fmt.Errorf("reading the password from standard input: %w", err)
	}
	text := auth.ToUTF8(data)
	recoded = len(text) != len(data)
	text = withoutLineEnd(text)
	switch {
	case len(data) > maxPassword:
		return "", recoded, usagef("the password on standard input is longer than %d bytes", maxPassword)
	case len(text) == 0:
		return "", recoded, usagef("--password-stdin is given, but standard input is empty")
	}
	return string(text), recoded, nil
}

// withoutLineEnd removes one line end, of Unix or Windows, from the end of a password.
func withoutLineEnd(text []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
}
