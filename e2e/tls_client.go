//go:build e2e

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/http"
	"testing"
)

// identity is a certificate with its key, in files.
type identity struct{ cert, key string }

// client signs a certificate for a user.
func (a *authority) client(t *testing.T) identity {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:     pkix.Name{CommonName: userName},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.cert, key, a.key)
	der, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	return identity{writePEM(t, "client.pem", "CERTIFICATE", cert.Raw), writePEM(t, "client.key", "EC PRIVATE KEY", der)}
}

// server signs a certificate for a server; change spoils it.
func (a *authority) server(t *testing.T, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key := newECKey(t)
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "front"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	cert := signCertificate(t, template, a.cert, key, a.key)
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// startMutual starts a registry that lets in whoever shows a certificate of
// the authority, and one such certificate.
func startMutual(t *testing.T) (*registry, identity) {
	t.Helper()
	ca := newAuthority(t)
	cert, key := ca.serverFiles(t)
	own := ca.client(t)
	host := launch(t, fmt.Sprintf("  tls:\n    certificate: %s\n    key: %s\n    clientcas:\n      - %s\n", cert, key, ca.file), "")
	pair, err := tls.LoadX509KeyPair(own.cert, own.key)
	must(t, err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{pair}}}
	t.Cleanup(transport.CloseIdleConnections)
	return &registry{
		host: host, scheme: "https", caFile: ca.file,
		client: &http.Client{Transport: transport}, authorize: func(*http.Request) {},
	}, own
}

// certificate signs a certificate for 127.0.0.1, localhost and the names.
func (a *authority) certificate(t *testing.T, names ...string) *tls.Certificate {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "front"},
		DNSNames:    append([]string{"localhost"}, names...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, key, a.key)
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}
