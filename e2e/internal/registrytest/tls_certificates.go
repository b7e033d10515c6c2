//go:build e2e

package registrytest

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/http"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// CertificateFiles is the files of a certificate and its key.
type CertificateFiles struct{ Cert, Key string }

// ClientFiles signs a certificate for a user.
func (a *Authority) ClientFiles(t *testing.T) CertificateFiles {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:     pkix.Name{CommonName: UserName},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.Cert, key, a.Key)
	der, err := x509.MarshalECPrivateKey(key)
	clitest.Must(t, err)
	return CertificateFiles{WritePEM(t, "client.pem", "CERTIFICATE", cert.Raw), WritePEM(t, "client.key", "EC PRIVATE KEY", der)}
}

// ServerCertificateWith signs a certificate for 127.0.0.1 whose template change
// has changed, such as to make it invalid.
func (a *Authority) ServerCertificateWith(t *testing.T, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key := newECKey(t)
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "proxy"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	cert := signCertificate(t, template, a.Cert, key, a.Key)
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// StartMutualTLS starts a registry that requires a client certificate of its
// CA, and returns one.
func StartMutualTLS(t *testing.T) (*Registry, CertificateFiles) {
	t.Helper()
	ca := NewAuthority(t)
	cert, key := ca.ServerFiles(t)
	own := ca.ClientFiles(t)
	host := Launch(t, fmt.Sprintf("  tls:\n    certificate: %s\n    key: %s\n    clientcas:\n      - %s\n", cert, key, ca.File), "")
	pair, err := tls.LoadX509KeyPair(own.Cert, own.Key)
	clitest.Must(t, err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{pair}}}
	t.Cleanup(transport.CloseIdleConnections)
	return &Registry{
		Host: host, Scheme: "https", CAFile: ca.File,
		Client: &http.Client{Transport: transport}, Authorize: func(*http.Request) {},
	}, own
}

// ServerCertificate signs a certificate for 127.0.0.1, localhost and the names.
func (a *Authority) ServerCertificate(t *testing.T, names ...string) *tls.Certificate {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "proxy"},
		DNSNames:    append([]string{"localhost"}, names...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.Cert, key, a.Key)
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}
