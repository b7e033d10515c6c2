package cmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/output"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/wire"
)

// Exit codes (decision 4). They are part of the interface: docs/exit-codes.md.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNo          = 3
	exitPartial     = 4
	exitInterrupted = 130
)

// usageError is a command line that cannot be carried out.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// verdictError says that the command ran well and the answer is no. The
// message, if any, is for stderr.
type verdictError struct{ message string }

func (e *verdictError) Error() string { return e.message }

// exitCode is the one place where an error becomes an exit code.
func exitCode(ctx context.Context, err error) int {
	var (
		usage   *usageError
		input   *manifest.InputError
		verdict *verdictError
		partial *manifest.PartialError
		other   *manifest.UnexpectedError
		layout  *output.TemplateError
		found   *manifest.FindingsError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &verdict):
		return exitNo
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &partial):
		return exitPartial
	case errors.As(err, &other), errors.As(err, &found):
		return exitNo
	case errors.As(err, &usage), errors.As(err, &input), errors.As(err, &layout):
		return exitUsage
	}
	return exitFailed
}

// maxShown bounds what is shown of an error, in bytes: a registry may answer
// with a whole page.
const maxShown = 8 << 10

// report writes an error, and a way out where one is known, for people. redact
// takes out the secrets that a registry may have repeated.
func report(w io.Writer, err error, redact func(string) string) {
	shown := func(text string) string {
		if redact != nil {
			text = redact(text)
		}
		return output.Escape(text[:min(len(text), maxShown)])
	}
	var verdict *verdictError
	if errors.As(err, &verdict) {
		fmt.Fprintf(w, "manifest-tool: %s\n", shown(verdict.message))
		return
	}
	fmt.Fprintf(w, "manifest-tool failed with error: %s\n", shown(err.Error()))
	reportTags(w, err, shown)
	reportFindings(w, err, shown)
	if h := hint(err); h != "" {
		fmt.Fprintf(w, "hint: %s\n", output.Escape(h))
	}
}

// reportFindings lists what stopped a push.
func reportFindings(w io.Writer, err error, shown func(string) string) {
	var found *manifest.FindingsError
	if !errors.As(err, &found) {
		return
	}
	for _, f := range found.Findings {
		fmt.Fprintf(w, "  %s\n", shown(f.Line()))
	}
}

// reportTags says of each tag what became of it, when that differs.
func reportTags(w io.Writer, err error, shown func(string) string) {
	var (
		partial   *manifest.PartialError
		unwritten *manifest.UnwrittenError
		results   []manifest.TagResult
	)
	switch {
	case errors.As(err, &partial):
		results = partial.Results
	case errors.As(err, &unwritten):
		results = unwritten.Results
	}
	for _, r := range results {
		state := "written"
		switch {
		case r.Err != nil:
			state = "not written: " + r.Err.Error()
		case r.Kept:
			state = "unchanged"
		}
		fmt.Fprintf(w, "  %-20s %s\n", shown(r.Tag), shown(state))
	}
}

// hint is the way out of an error, where it can be told from its kind.
func hint(err error) string {
	var (
		input     *manifest.InputError
		usage     *usageError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		large     *wire.TooLargeError
		dns       *net.DNSError
		realm     *wire.RealmError
		inside    *wire.InsideError
		silent    *wire.SilentError
		slow      *wire.SlowError
		proxy     *wire.ProxyError
		fixed     *manifest.RefusedTagError
		found     *manifest.FindingsError
	)
	switch {
	case errors.As(err, &input) && input.Hint != "":
		return input.Hint
	case errors.As(err, &usage):
		return "manifest-tool --help lists the commands, and each command has its own --help"
	case errors.As(err, &found):
		return "--verify-warn pushes all the same; docs/verify.md says what each code means"
	case errors.Is(err, store.ErrNoTagOrDigest):
		return "add a tag (NAME:TAG) or a digest (NAME@sha256:...)"
	case errors.As(err, &fixed):
		return "the registry may not let this tag change: use a new tag, or its settings for immutable tags"
	case errors.Is(err, store.ErrMediaType):
		return "the registry may not take manifests of this type: --type docker or --type oci makes an index of the other type"
	case errors.Is(err, store.ErrBusy):
		return "the registry limits how much it is asked: try again later, with fewer --jobs, or logged in"
	case errors.As(err, &realm):
		return "the registry is broken or not what it claims to be; ask its operator"
	case errors.As(err, &inside):
		return "if the registry belongs to your own network, reach it by its address there"
	case errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		return "put the user and the password into HTTPS_PROXY or HTTP_PROXY, http://USER:PASSWORD@HOST:PORT, or name the registry in NO_PROXY"
	case errors.As(err, &proxy):
		return "ask the proxy's operator, or name the registry in NO_PROXY to reach it without the proxy"
	case errors.As(err, &slow):
		return "the host sends almost nothing: try again, or ask its operator"
	case errors.As(err, &silent):
		return "the host took the connection and stayed silent: try again, or ask its operator"
	case errors.Is(err, store.ErrUnauthorized):
		return "log in with docker login, or pass --username with --password-stdin"
	case errors.Is(err, store.ErrDenied):
		return "the registry knows who you are and does not allow this; ask for access to the repository"
	case errors.As(err, &authority):
		return "the certificate is signed by an authority this machine does not know: point SSL_CERT_FILE at its certificate, or use --insecure to skip the check"
	case errors.As(err, &hostname):
		return "the certificate is for another name: use the name it is for, or --insecure to skip the check"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate is out of date, or this machine's clock is wrong"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "the registry speaks plain http: use --plain-http if that is intended"
	case errors.Is(err, store.ErrNotAManifest):
		return "is this host a registry? a proxy, a login page or another web server may be answering"
	case errors.As(err, &large):
		return "registries are only asked to take manifests of up to 4 MiB, so larger ones are not read"
	case errors.As(err, &dns):
		return "check the name of the registry and the network"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check the host and the port"
	}
	return ""
}
