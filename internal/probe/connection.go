package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// renewalDays is how long a certificate should be valid at least, in days.
const renewalDays = 14

// connectionChecks are about the connection and the response to /v2/.
func connectionChecks() []check {
	return []check{
		{"connection-api", SectionConnection, "GET /v2/ responds with 200, or 401 if a login is required", `distribution-spec, "Determining Support"`, true, checkAPI},
		{"connection-api-version", SectionConnection, "the header Docker-Distribution-Api-Version is sent", `Docker Registry HTTP API V2, "API Version Check"`, false, checkAPIVersion},
		{"connection-tls", SectionConnection, "the connection uses TLS", "RFC 9110, section 4.2.2", false, checkTLS},
		{"connection-certificate", SectionConnection, "the certificate is valid for the host", "RFC 9110, section 4.3.4", false, checkCertificate},
		{"connection-http2", SectionConnection, "HTTP/2 is supported", "RFC 9113", false, checkHTTP2},
	}
}

// getBase requests /v2/, which every registry has, without a login.
func (r *run) getBase(ctx context.Context) (response, error) { return r.getAnonymously(ctx, "/v2/") }

// getAnonymously sends a GET without a login, once in a run.
func (r *run) getAnonymously(ctx context.Context, at string) (response, error) {
	return r.doOnce(ctx, request{method: http.MethodGet, url: at, anonymous: true})
}

func checkAPI(ctx context.Context, r *run) outcome {
	resp, err := r.getBase(ctx)
	if err != nil {
		return brokenConnection(err)
	}
	o := judgeAPI(resp)
	if server := resp.header.Get("Server"); server != "" {
		o = o.with("server", server)
	}
	return o
}

// judgeAPI returns the outcome for a response to /v2/. A web page is that of a proxy
// with a login form, or of another server; some registries send other text as text/html.
func judgeAPI(resp response) outcome {
	switch {
	case resp.status == http.StatusOK && bytes.HasPrefix(bytes.TrimSpace(resp.body), []byte("<")):
		return failed("the response is a web page: this is not a registry, or a proxy requires a login in a browser")
	case resp.has(http.StatusOK, http.StatusUnauthorized):
		return passed("the response is %s", statusText(resp.status))
	case resp.isUndecided(), resp.status == http.StatusInternalServerError:
		return broken(&responseError{"the response", resp})
	}
	return failed("the response is %s: this is not a registry, or its API is at another path", statusText(resp.status))
}

// brokenConnection is a check that ended with a network error. What the settings can
// change about it is a fact.
func brokenConnection(err error) outcome {
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return broken(err).with("certificate", "untrusted")
	}
	return broken(err)
}

func checkAPIVersion(ctx context.Context, r *run) outcome {
	resp, err := r.getBase(ctx)
	if err != nil {
		return brokenConnection(err)
	}
	version := resp.header.Get("Docker-Distribution-Api-Version")
	if version == "" {
		return skipped("the header is not sent; clients no longer need it")
	}
	return passed("it is %q", version).with("api-version", version)
}

func checkTLS(ctx context.Context, r *run) outcome {
	resp, err := r.getBase(ctx)
	switch {
	case err != nil:
		return brokenConnection(err)
	case resp.tls == nil:
		return skipped("the registry uses plain http: others can read and change what is sent").with("scheme", "http")
	}
	return passed("%s", tls.VersionName(resp.tls.Version)).with("scheme", "https").with("tls", tls.VersionName(resp.tls.Version))
}

// checkCertificate reports how long the certificate is valid. One that is wrong was
// refused by the handshake, unless its check is disabled in the settings.
func checkCertificate(ctx context.Context, r *run) outcome {
	resp, err := r.getBase(ctx)
	var invalid *tls.CertificateVerificationError
	switch {
	case errors.As(err, &invalid) && !errors.As(err, &x509.UnknownAuthorityError{}):
		return failed("the certificate is refused: %v", invalid.Err).with("certificate", "invalid")
	case err != nil:
		return brokenConnection(err)
	case resp.tls == nil || len(resp.tls.PeerCertificates) == 0:
		return skipped("the registry uses plain http")
	}
	return judgeCertificate(resp.tls.PeerCertificates[0], resp.url.Hostname(), r.now())
}

func judgeCertificate(cert *x509.Certificate, host string, now time.Time) outcome {
	days := int(cert.NotAfter.Sub(now).Hours() / 24)
	o := passed("it is valid for %d more days", days)
	switch err := cert.VerifyHostname(host); {
	case err != nil:
		o = failed("it is for another host: %v", err)
	case now.After(cert.NotAfter):
		o = failed("it expired on %s", cert.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(cert.NotBefore):
		o = failed("it is not valid before %s", cert.NotBefore.UTC().Format(time.DateOnly))
	case days < renewalDays:
		o = passed("it is valid for %d more days: renew it", days)
	}
	return o.with("certificate-days", strconv.Itoa(days))
}

func checkHTTP2(ctx context.Context, r *run) outcome {
	resp, err := r.getBase(ctx)
	switch {
	case err != nil:
		return brokenConnection(err)
	case resp.proto != "HTTP/2.0":
		return skipped("the protocol is %s", resp.proto).with("protocol", resp.proto)
	}
	return passed("the protocol is %s", resp.proto).with("protocol", resp.proto)
}
