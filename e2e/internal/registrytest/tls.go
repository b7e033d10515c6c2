//go:build e2e

package registrytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// Authority is a CA of one test. Clients trust it through
// the environment variable SSL_CERT_FILE.
type Authority struct {
	File string // PEM, for SSL_CERT_FILE
	Cert *x509.Certificate
	Key  crypto.Signer
}

// NewAuthority returns a CA whose certificate is in a file.
func NewAuthority(t *testing.T) *Authority {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:               pkix.Name{CommonName: "manifest-tool test CA"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil, key, key)
	file := WritePEM(t, "ca.pem", "CERTIFICATE", cert.Raw)
	return &Authority{File: file, Cert: cert, Key: key}
}

// ServerFiles signs a certificate for 127.0.0.1 and localhost and returns the
// files of the certificate and of its key.
func (a *Authority) ServerFiles(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "localhost"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.Cert, key, a.Key)
	der, err := x509.MarshalECPrivateKey(key)
	clitest.Must(t, err)
	return WritePEM(t, "server.pem", "CERTIFICATE", cert.Raw), WritePEM(t, "server.key", "EC PRIVATE KEY", der)
}

// wrapListener returns a listener for TLS.
func (a *Authority) wrapListener(t *testing.T, plain net.Listener) net.Listener {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(a.ServerFiles(t))
	clitest.Must(t, err)
	return tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{pair}})
}

// pool returns the CA as the only trusted root.
func (a *Authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	return pool
}

// signCertificate completes the template, has it signed by the parent's key (or
// by itself, without a parent) and returns the certificate.
func signCertificate(t *testing.T, template, parent *x509.Certificate, key, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore = time.Now().Add(-time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(24 * time.Hour)
	}
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	clitest.Must(t, err)
	cert, err := x509.ParseCertificate(der)
	clitest.Must(t, err)
	return cert
}

// newECKey returns a key for a certificate.
func newECKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	clitest.Must(t, err)
	return key
}

// WritePEM writes one PEM block into a temporary file and returns its path.
func WritePEM(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	clitest.Must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}
