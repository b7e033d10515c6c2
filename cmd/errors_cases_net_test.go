package cmd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/output"
	"manifest-tool/internal/store/transport"
)

// web starts a server named placeholder and returns HOST:PORT.
func (m *machine) web(t *testing.T, placeholder string, answer http.HandlerFunc) string {
	t.Helper()
	return m.name(placeholder, serve(t, answer))
}

// webTLS is web over https; edit may change the settings of the server. The CA of
// its certificate is in the file that it returns.
func (m *machine) webTLS(t *testing.T, placeholder string, answer http.HandlerFunc, edit func(*tls.Config)) (host, ca string) {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if edit != nil {
		edit(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return m.name(placeholder, server.Listener.Addr().String()), m.file(t, placeholder+".crt", string(block))
}

// closedPort returns an address at which nothing listens: that of the client of a
// connection, so that no other server gets its port.
func (m *machine) closedPort(t *testing.T, placeholder string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return m.name(placeholder, c.LocalAddr().String())
}

// listen starts a server that responds to anything and closes every connection.
func (m *machine) listen(t *testing.T, response string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, response)
			_ = c.Close()
		}
	}()
	return m.name("REGISTRY", l.Addr().String())
}

// newCert returns a certificate for 127.0.0.1 that is its own CA.
func newCert(t *testing.T, until time.Time, usage x509.ExtKeyUsage) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{usage},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// proxy sets the variables of proxies to a server with this answer.
func (m *machine) proxy(t *testing.T, answer http.HandlerFunc) {
	t.Helper()
	m.env["HTTPS_PROXY"] = "http://" + m.web(t, "PROXY", answer)
}

func answerWith(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func connectionCases() []errorCase {
	return []errorCase{
		{id: "plain-http", condition: "https to a registry that uses plain http", run: func(t *testing.T, m *machine) outcome {
			host := m.web(t, "REGISTRY", http.NotFound)
			config := m.file(t, "config.yaml", "registries:\n- name: "+host+"\n  plain-http: false\n")
			return m.main("--config", config, "inspect", host+"/app:1")
		}},
		{id: "unknown-ca", condition: "the certificate is of a private CA", run: func(t *testing.T, m *machine) outcome {
			host, _ := m.webTLS(t, "REGISTRY", http.NotFound, nil)
			return m.main("inspect", host+"/app:1")
		}},
		{id: "other-name", condition: "the certificate is for another name", run: func(t *testing.T, m *machine) outcome {
			host, ca := m.webTLS(t, "REGISTRY", http.NotFound, nil)
			_, port, _ := net.SplitHostPort(host)
			return m.main("--ca-file", ca, "inspect", m.name("localhost:PORT", "localhost:"+port)+"/app:1")
		}},
		{id: "expired", condition: "the certificate has expired", run: func(t *testing.T, m *machine) outcome {
			host, ca := m.webTLS(t, "REGISTRY", http.NotFound, func(c *tls.Config) {
				c.Certificates = []tls.Certificate{newCert(t, time.Now().Add(-24*time.Hour), x509.ExtKeyUsageServerAuth)}
			})
			return m.main("--ca-file", ca, "inspect", host+"/app:1")
		}},
		{id: "client-certificate", condition: "the registry requires a client certificate", run: func(t *testing.T, m *machine) outcome {
			host, ca := m.webTLS(t, "REGISTRY", http.NotFound, func(c *tls.Config) { c.ClientAuth = tls.RequireAndVerifyClientCert })
			return m.main("--ca-file", ca, "inspect", host+"/app:1")
		}},
		{id: "certificate-usage", condition: "the certificate is not one of a server", run: func(t *testing.T, m *machine) outcome {
			cert := newCert(t, time.Now().Add(time.Hour), x509.ExtKeyUsageClientAuth)
			host, ca := m.webTLS(t, "REGISTRY", http.NotFound, func(c *tls.Config) { c.Certificates = []tls.Certificate{cert} })
			return m.main("--ca-file", ca, "inspect", host+"/app:1")
		}},
		{id: "old-tls", condition: "the registry has only old versions of TLS", run: func(t *testing.T, m *machine) outcome {
			host, _ := m.webTLS(t, "REGISTRY", http.NotFound, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
			return m.main("inspect", host+"/app:1")
		}},
		{id: "other-protocol", condition: "another server listens at the port, such as Redis", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.listen(t, "-ERR unknown command\r\n")+"/app:1")
		}},
		{id: "other-protocol-https", condition: "https to another server, such as Redis", run: func(t *testing.T, m *machine) outcome {
			host := m.listen(t, "-ERR unknown command\r\n")
			config := m.file(t, "config.yaml", "registries:\n- name: "+host+"\n  plain-http: false\n")
			return m.main("--config", config, "inspect", host+"/app:1")
		}},
		{id: "closed", condition: "the host closes every connection", run: func(t *testing.T, m *machine) outcome {
			m.timing = transport.Timing{Wait: func(context.Context, time.Duration) error { return nil }}
			return m.main("inspect", m.listen(t, "")+"/app:1")
		}},
		{id: "unreachable", condition: "no route leads to the host", run: func(_ *testing.T, m *machine) outcome {
			return m.main("inspect", "224.0.0.1:5000/app:1")
		}},
		{id: "no-such-name", condition: "the host has no address", run: func(_ *testing.T, m *machine) outcome {
			return m.main("inspect", "registry.invalid/app:1")
		}},
		{id: "refused", condition: "nothing listens at the port", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.closedPort(t, "REGISTRY")+"/app:1")
		}},
		{id: "proxy-login", condition: "the proxy requires a password", run: func(t *testing.T, m *machine) outcome {
			m.proxy(t, answerWith(http.StatusProxyAuthRequired))
			return m.process(t, "inspect", "registry.example.com/app:1")
		}},
		{id: "proxy-refuses", condition: "the proxy does not let the registry through", run: func(t *testing.T, m *machine) outcome {
			m.proxy(t, answerWith(http.StatusForbidden))
			return m.process(t, "inspect", "registry.example.com/app:1")
		}},
		{id: "proxy-closed", condition: "the proxy cannot be reached", run: func(t *testing.T, m *machine) outcome {
			m.env["HTTPS_PROXY"] = "http://" + m.closedPort(t, "PROXY")
			return m.process(t, "inspect", "registry.example.com/app:1")
		}},
		{id: "no-response", condition: "the registry accepts the connection and does not respond", run: func(t *testing.T, m *machine) outcome {
			m.timing = transport.Timing{ResponseHeader: 50 * time.Millisecond}
			return m.main("inspect", m.silent(t)+"/app:1")
		}},
		{id: "stalled", condition: "a response stops half way", run: func(t *testing.T, m *machine) outcome {
			m.timing = transport.Timing{BodyIdle: 50 * time.Millisecond}
			host := m.web(t, "REGISTRY", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "5000")
				fmt.Fprint(w, "{")
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
			return m.main("inspect", host+"/app:1")
		}},
		{id: "timeout", condition: "the run takes longer than `--timeout`", run: func(t *testing.T, m *machine) outcome {
			return m.main("--timeout", "100ms", "inspect", m.silent(t)+"/app:1")
		}},
	}
}

// silent starts a server that accepts requests and does not respond.
func (m *machine) silent(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	host := m.web(t, "REGISTRY", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ctx.Done():
		}
	})
	t.Cleanup(stop)
	return host
}

// redirects is a registry that redirects its manifests to another address.
func redirects(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/manifests/") {
			http.Redirect(w, r, to+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, "{}")
	}
}

func referredCases() []errorCase {
	return []errorCase{
		{id: "redirect-unreachable", condition: "the registry redirects to an address that cannot be reached", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.web(t, "REGISTRY", redirects("http://"+m.closedPort(t, "OTHER")))+"/app:1")
		}},
		{id: "upload-unreachable", condition: "an upload continues at an address that cannot be reached", run: func(t *testing.T, m *machine) outcome {
			to := m.closedPort(t, "OTHER")
			return m.push(t, uploadsTo("http://"+to))
		}},
		{id: "realm-unreachable", condition: "the token server cannot be reached", run: func(t *testing.T, m *machine) outcome {
			realm := m.closedPort(t, "TOKENSERVER")
			host := m.web(t, "REGISTRY", func(w http.ResponseWriter, _ *http.Request) {
				challenge(w, `Bearer realm="http://`+realm+`/token",service="r"`)
			})
			return m.main("inspect", host+"/app:1")
		}},
		{id: "redirect-to-http", condition: "a registry on https redirects to http", run: func(t *testing.T, m *machine) outcome {
			host, ca := m.webTLS(t, "REGISTRY", redirects("http://"+m.web(t, "OTHER", http.NotFound)), nil)
			return m.main("--ca-file", ca, "inspect", host+"/app:1")
		}},
		{id: "upload-to-http", condition: "a registry on https opens an upload on http", run: func(t *testing.T, m *machine) outcome {
			host, ca := m.webTLS(t, "REGISTRY", uploadsTo("http://registry.example.com"), nil)
			return m.main("--ca-file", ca, "push", "from-args", "--platforms", "linux/amd64", "--template", sourceLayout, "--target", host+"/app:1")
		}},
		{id: "realm-invalid", condition: "the address of the token server cannot be that of one", run: func(t *testing.T, m *machine) outcome {
			host := m.web(t, "REGISTRY", func(w http.ResponseWriter, _ *http.Request) {
				challenge(w, `Bearer realm="ftp://token.example.com/",service="r"`)
			})
			return m.main("inspect", host+"/app:1")
		}},
		{
			id: "private-address", condition: "a public registry leads to an address of a private network",
			test: "internal/store/transport/fault_redirect_test.go TestFault10RedirectAndLocationToAnInnerAddressAreRefused",
			run: func(*testing.T, *machine) outcome {
				var out strings.Builder
				printError(output.Notices{Out: &out, Sanitizer: &output.Sanitizer{}}, &transport.PrivateAddressError{Address: "10.0.0.1"}, true)
				return outcome{exitFailed, "", out.String()}
			},
		},
	}
}

// sourceLayout is a template of images in layouts of this project.
const sourceLayout = "oci-layout://../testdata/layouts/OS-ARCH:1.0"

// push pushes an image to a registry with this answer.
func (m *machine) push(t *testing.T, answer http.HandlerFunc, flags ...string) outcome {
	t.Helper()
	args := append(flags, "push", "from-args", "--platforms", "linux/amd64", "--template", sourceLayout, "--target", m.web(t, "REGISTRY", answer)+"/app:1")
	return m.main(args...)
}

// uploadsTo is an empty registry whose uploads continue at another address.
func uploadsTo(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Location", to+"/v2/app/blobs/uploads/1")
			w.WriteHeader(http.StatusAccepted)
		case r.URL.Path == "/v2/":
			_, _ = io.WriteString(w, "{}")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}
