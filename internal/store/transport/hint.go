package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Hint describes what the user can do.
func (e *CertificateError) Hint() string {
	return "manifest-tool config shows what names this file; it must be readable and PEM, a key must be without a password and fit its certificate, and in certs.d CA files end in .crt"
}

// ExitCode is that of bad input: a file of the settings cannot be used.
func (e *CertificateError) ExitCode() int { return 2 }

// Hint describes what the user can do.
func (e *RealmError) Hint() string {
	return "the registry is broken or not what it claims to be; ask its operator"
}

// Hint describes what the user can do.
func (e *PrivateAddressError) Hint() string {
	return "if the registry belongs to your own network, reach it by its address there"
}

// Hint describes what the user can do.
func (e *ProxyError) Hint() string {
	if e.Status == http.StatusProxyAuthRequired {
		return "put the user and the password into the URL in HTTPS_PROXY or HTTP_PROXY, before the host and an @, or name the registry in NO_PROXY"
	}
	return "ask the proxy's operator, or name the registry in NO_PROXY to reach it without the proxy"
}

// Hint describes what the user can do.
func (e *StalledError) Hint() string {
	return "the host sends almost nothing: try again, or ask its operator"
}

// Hint describes what the user can do.
func (e *ResponseTimeoutError) Hint() string {
	return "the host accepted the connection and sent no response: try again, or ask its operator"
}

// Hint describes what the user can do.
func (e *TooLargeError) Hint() string {
	return "manifests of more than 4 MiB are not read, since registries need not accept them: split the index, or build the image with fewer layers"
}

// Hint describes what the user can do.
func (e *ReferredError) Hint() string {
	return "you did not choose this address, " + e.Registry + " did: its operator has to correct its public URL, or the X-Forwarded-Proto and X-Forwarded-Host headers of the proxy in front of it; if the address is right, check the connection to it"
}

// Hint describes what the user can do.
func (e *DowngradeError) Hint() string {
	return "the operator of " + e.Registry + " has to correct its public URL, or the X-Forwarded-Proto header of the proxy in front of it; --plain-http does not allow this"
}

// NetworkHint is the hint for an error of the standard library's net, crypto/x509
// and net/http, which have no hints of their own; "" for any other error.
func NetworkHint(err error) string {
	return cmp.Or(tlsHint(err), connHint(err))
}

func tlsHint(err error) string {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return "the certificate is signed by a CA this machine does not know: name its certificate with --ca-file, or use --insecure to skip the check"
	case isClientCertRequired(err):
		return "the registry requires a client certificate: pass it with --client-cert and --client-key"
	case errors.As(err, &hostname):
		return "the certificate is for another name: use the name it is for, or --insecure to skip the check"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate is out of date, or this machine's clock is wrong: the registry's operator has to renew it; --insecure skips the check"
	case errors.As(err, &invalid):
		return "the certificate is not a server certificate, or is not valid: the registry's operator has to replace it; --insecure skips the check"
	case isPlainHTTPServer(err):
		return "the registry uses plain http: use --plain-http if that is intended"
	case errors.As(err, &record):
		return "the server at this port uses neither https nor http: check the host and the port"
	case isAlert(err):
		return "the server does not support TLS 1.2 or 1.3, or no common cipher: its operator must update it"
	}
	return ""
}

func connHint(err error) string {
	var (
		op      *net.OpError
		dns     *net.DNSError
		request *url.Error
	)
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect": // net/http's connection to a proxy
		return "the proxy that HTTPS_PROXY or HTTP_PROXY names cannot be reached: check it, or name the registry in NO_PROXY"
	case errors.As(err, &dns):
		return "check the name of the registry and the network"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check the host and the port"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		return "the host cannot be reached from this machine: check its name, the network, and whether a proxy is needed (HTTPS_PROXY)"
	case !errors.As(err, &request): // a file may end early as well, and a pipe break
		return ""
	case strings.Contains(err.Error(), "malformed HTTP"): // net/http has no type for it
		return "the server at this port uses neither http nor https: check the host and the port"
	case isConnError(err):
		return "the host closed the connection: try again; if it happens again, check the port, and proxies and firewalls on the way"
	}
	return ""
}

// isPlainHTTPServer reports whether a server responded to a TLS handshake in plain http.
func isPlainHTTPServer(err error) bool {
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		// An HTTP response, or the page that servers send for a request they cannot
		// read (HTTP/0.9).
		head := strings.ToUpper(string(record.RecordHeader[:]))
		return strings.HasPrefix(head, "HTTP/") || strings.HasPrefix(head, "<!DOC") || strings.HasPrefix(head, "<HTML")
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}
