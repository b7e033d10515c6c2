package cmd

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/config"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/output"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// hint is the way out of an error, where it can be told from its kind; "" where
// it cannot.
func hint(err error) string {
	if own := errorHint(err); own != "" {
		return own
	}
	for _, way := range hintRules() {
		if way.matches(err) {
			return way.hint
		}
	}
	return ""
}

// errorHint is what an error itself says should be done.
func errorHint(err error) string {
	var (
		spelled *reference.SuggestionError
		setting *config.Error
		input   *manifest.InputError
		helper  *auth.HelperError
	)
	switch {
	case errors.As(err, &spelled):
		return spelled.Hint
	case errors.As(err, &setting):
		return setting.Hint
	case errors.As(err, &input):
		return input.Hint
	case errors.As(err, &helper) && errors.Is(helper.Err, exec.ErrNotFound):
		return "install it, or take it out of the config file; --anonymous does without any login"
	case errors.As(err, &helper):
		return "see what " + helper.Helper + " says when it is run by hand, or take it out of the config file; --anonymous does without any login"
	}
	return ""
}

// hintRule is what to do about a kind of error.
type hintRule struct {
	matches func(error) bool
	hint    string
}

// hintRules has the more telling kinds first: the first that an error is decides.
func hintRules() []hintRule {
	const logIn = "leave it out, and log in with manifest-tool login or pass --username with --password-stdin"
	return []hintRule{
		{is(reference.ErrUserinfo), logIn},
		{is(config.ErrUserinfo), logIn},
		{as[*config.Error], "manifest-tool config shows the settings and where they come from, docs/config.md describes them"},
		{as[*output.TemplateError], "-o json shows the fields and their values, docs/output.md names those of every result"},
		{as[*timeoutError], "a longer --timeout, or 0, lets it take its time; --debug shows what it waits for"},
		{as[*transport.CertificateError], "manifest-tool config shows what names this file; it must be readable and PEM, a key must be without a password and fit its certificate, and in certs.d authorities end in .crt"},
		{as[*usageError], "manifest-tool --help lists the commands, and each command has its own --help"},
		{as[*push.FindingsError], "--verify-warn pushes all the same; docs/verify.md says what each code means"},
		{is(reference.ErrNoTagOrDigest), "add a tag (NAME:TAG) or a digest (NAME@sha256:...)"},
		{as[*push.TagRejectedError], "the registry may not let this tag change: use a new tag, or its settings for immutable tags"},
		{is(store.ErrMediaType), "the registry may not take manifests of this type: --type docker or --type oci makes an index of the other type"},
		{is(store.ErrRateLimited), "the registry limits how much it is asked: try again later, with fewer --jobs, or logged in"},
		{as[*transport.RealmError], "the registry is broken or not what it claims to be; ask its operator"},
		{as[*transport.PrivateAddressError], "if the registry belongs to your own network, reach it by its address there"},
		{isProxyAuthRequired, "put the user and the password into HTTPS_PROXY or HTTP_PROXY, http://USER:PASSWORD@HOST:PORT, or name the registry in NO_PROXY"},
		{as[*transport.ProxyError], "ask the proxy's operator, or name the registry in NO_PROXY to reach it without the proxy"},
		{as[*transport.StalledError], "the host sends almost nothing: try again, or ask its operator"},
		{as[*transport.ResponseTimeoutError], "the host took the connection and stayed silent: try again, or ask its operator"},
		{isLoginRejected, "check the user name and the password; many registries want an access token in the password's place"},
		{as[*auth.FileError], "mend or remove it, or name another with --docker-cfg; --anonymous does without any login"},
		{is(store.ErrUnauthorized), "log in with manifest-tool login, or pass --username with --password-stdin; manifest-tool auth explain REF says which login is used"},
		{is(store.ErrDenied), "the registry knows who you are and does not allow this; ask for access to the repository"},
		{as[x509.UnknownAuthorityError], "the certificate is signed by an authority this machine does not know: name its certificate with --ca-file, or use --insecure to skip the check"},
		{transport.IsClientCertRequired, "the registry wants to see a client certificate: --client-cert and --client-key name it"},
		{as[x509.HostnameError], "the certificate is for another name: use the name it is for, or --insecure to skip the check"},
		{isCertExpired, "the certificate is out of date, or this machine's clock is wrong"},
		{isPlainHTTPServer, "the registry speaks plain http: use --plain-http if that is intended"},
		{is(store.ErrSchema1), "Docker has deprecated schema 1: pull the image and push it again with a current client"},
		{isNotARegistry, "is this host a registry? a proxy, a login page or another web server may be answering"},
		{as[*transport.TooLargeError], "registries are only asked to take manifests of up to 4 MiB, so larger ones are not read"},
		{isProxyUnreachable, "the proxy that HTTPS_PROXY or HTTP_PROXY names cannot be reached: check it, or name the registry in NO_PROXY"},
		{as[*net.DNSError], "check the name of the registry and the network"},
		{is(syscall.ECONNREFUSED), "nothing listens there: check the host and the port"},
	}
}

func as[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isProxyAuthRequired(err error) bool {
	var proxy *transport.ProxyError
	return errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired
}

// isProxyUnreachable is net/http's way to a proxy that failed.
func isProxyUnreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "proxyconnect"
}

// isNotARegistry is a host that answers with something else than manifests.
func isNotARegistry(err error) bool {
	return errors.Is(err, store.ErrNotAManifest) && !as[*store.LayoutDocumentError](err)
}

func isLoginRejected(err error) bool {
	return as[*loginError](err) && errors.Is(err, store.ErrUnauthorized)
}

func isCertExpired(err error) bool {
	var invalid x509.CertificateInvalidError
	return errors.As(err, &invalid) && invalid.Reason == x509.Expired
}

// isPlainHTTPServer looks for net/http's words: it has no error type for it.
func isPlainHTTPServer(err error) bool {
	return strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}
