//go:build e2e

package far

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Authority is a CA of one run.
type Authority struct {
	// File holds its certificate as PEM, for SSL_CERT_FILE.
	File   string
	server tls.Certificate
}

// NewAuthority makes a CA, writes its certificate into the directory and
// signs a server certificate for every name of this machine that a Front uses.
func NewAuthority(dir string) (*Authority, error) {
	root, err := newIdentity(&x509.Certificate{
		Subject: pkix.Name{CommonName: "manifest-tool bench CA"},
		IsCA:    true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil)
	if err != nil {
		return nil, err
	}
	server, err := newIdentity(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "localhost"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4zero, net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root)
	if err != nil {
		return nil, err
	}
	a := &Authority{
		File:   filepath.Join(dir, "ca.pem"),
		server: tls.Certificate{Certificate: [][]byte{server.cert.Raw}, PrivateKey: server.key},
	}
	return a, writeCertificate(a.File, root.cert)
}

// identity is a key and the certificate for it.
type identity struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// newIdentity completes the template, good for a day, and has it signed by the
// signer, or by itself if that is nil.
func newIdentity(template *x509.Certificate, signer *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(24 * time.Hour)
	if signer == nil {
		signer = &identity{key: key, cert: template}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.cert, key.Public(), signer.key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	return &identity{key: key, cert: cert}, err
}

// writeCertificate writes a certificate as PEM.
func writeCertificate(path string, cert *x509.Certificate) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), 0o600)
}
