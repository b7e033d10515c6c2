//go:build e2e

package e2e

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
)

// authority is a certificate authority of one test. Clients trust it through
// the environment variable SSL_CERT_FILE.
type authority struct {
	File string // PEM, for SSL_CERT_FILE
	Cert *x509.Certificate
	Key  crypto.Signer
}

// newAuthority makes an authority whose certificate stands in a file.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	key := newECKey(t)
	cert := signCertificate(t, &x509.Certificate{
		Subject:               pkix.Name{CommonName: "manifest-tool test authority"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil, key, key)
	file := writePEM(t, "ca.pem", "CERTIFICATE", cert.Raw)
	return &authority{File: file, Cert: cert, Key: key}
}

// ServerFiles signs a certificate for 127.0.0.1 and localhost and returns the
// files of the certificate and of its key.
func (a *authority) ServerFiles(t *testing.T) (certFile, keyFile string) {
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
	must(t, err)
	return writePEM(t, "server.pem", "CERTIFICATE", cert.Raw), writePEM(t, "server.key", "EC PRIVATE KEY", der)
}

// WrapListener puts TLS on a listener.
func (a *authority) WrapListener(t *testing.T, plain net.Listener) net.Listener {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(a.ServerFiles(t))
	must(t, err)
	return tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{pair}})
}

// Pool returns the authority as the only trusted root.
func (a *authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	return pool
}

// signCertificate completes the template, has it signed by the parent's key
// (or by itself, without a parent) and returns the certificate.
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
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return cert
}

// newECKey makes a key for a certificate.
func newECKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

// writePEM writes one PEM block into a temporary file and returns its path.
func writePEM(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}
