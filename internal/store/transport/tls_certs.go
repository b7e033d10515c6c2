package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"manifest-tool/internal/errtext"
)

// CertificateError reports that a file of the TLS settings cannot be used. No request
// was sent.
type CertificateError struct {
	// Host is whom the file is for, File its path, What its part.
	Host, File, What string
	Err              error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("reading the %s for %s from %q: %v", e.What, e.Host, e.File, e.Err)
}

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// What a file of the TLS settings is.
const (
	authoritiesFile = "certificate authorities"
	clientFile      = "client certificate"
)

// certificates are the files that decide about TLS with one host.
type certificates struct {
	caFiles []string
	clients []keyPairFiles
}

type keyPairFiles struct{ cert, key string }

// certificatesOf finds the files for a host: what is set for it, and for the
// part that is not, the first folder that one of the certs.d roots has for the
// host. *.crt are authorities there, NAME.cert with NAME.key a pair. Sources:
// docker's "Verify repository client with certificates", containers-certs.d(5).
func certificatesOf(host string, set HostConfig, roots []string) (certificates, error) {
	var c certificates
	if set.CAFile != "" {
		c.caFiles = []string{set.CAFile}
	}
	if set.ClientCert != "" {
		c.clients = []keyPairFiles{{set.ClientCert, set.ClientKey}}
	}
	if c.caFiles != nil && c.clients != nil {
		return c, nil
	}
	found, err := findCertDir(host, roots)
	if err != nil {
		return c, err
	}
	if c.caFiles == nil {
		c.caFiles = found.caFiles
	}
	if c.clients == nil {
		c.clients = found.clients
	}
	return c, nil
}

// findCertDir looks for the folder of a host. One that may not be looked into is
// passed by, as podman does: /etc/docker is closed to users on some machines.
func findCertDir(host string, roots []string) (certificates, error) {
	folder := userFacingName(host)
	if !filepath.IsLocal(folder) {
		return certificates{}, nil // a server chose this name
	}
	if runtime.GOOS == "windows" {
		folder = strings.ReplaceAll(folder, ":", "") // as docker does
	}
	for _, root := range roots {
		path := filepath.Join(root, folder)
		files, err := os.ReadDir(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil {
			return certificates{}, &CertificateError{host, path, authoritiesFile, errtext.WithoutPath(err)}
		}
		return readCertDir(host, path, files)
	}
	return certificates{}, nil
}

func readCertDir(host, folder string, files []os.DirEntry) (certificates, error) {
	var c certificates
	for _, f := range files {
		path := filepath.Join(folder, f.Name())
		switch filepath.Ext(path) {
		case ".crt":
			c.caFiles = append(c.caFiles, path)
		case ".cert":
			key := strings.TrimSuffix(path, ".cert") + ".key"
			if _, err := os.Stat(key); err != nil {
				return c, &CertificateError{host, key, "key of the client certificate", errtext.WithoutPath(err)}
			}
			c.clients = append(c.clients, keyPairFiles{path, key})
		}
	}
	return c, nil
}

// load reads the files. Authorities are trusted beside those of the system: a
// registry of one's own may lead to a storage of the public internet.
func (c certificates) load(host string, config *tls.Config) error {
	if len(c.caFiles) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		for _, file := range c.caFiles {
			if err := addAuthorities(pool, file); err != nil {
				return &CertificateError{host, file, authoritiesFile, err}
			}
		}
		config.RootCAs = pool
	}
	for _, files := range c.clients {
		pair, err := tls.LoadX509KeyPair(files.cert, files.key)
		if err != nil && fileOf(err) == "" {
			file, err := files.explainPEM(err)
			return &CertificateError{host, file, clientFile, err}
		}
		if err != nil {
			return &CertificateError{host, cmp.Or(fileOf(err), files.cert), clientFile, errtext.WithoutPath(err)}
		}
		config.Certificates = append(config.Certificates, pair)
	}
	return nil
}

// explainPEM says which of the two files holds nothing in PEM, and that it does;
// crypto/tls has no types for its errors.
func (p keyPairFiles) explainPEM(err error) (file string, plain error) {
	switch text := err.Error(); {
	case strings.Contains(text, "in key input"):
		return p.key, errors.New("it holds no key in PEM")
	case strings.Contains(text, "in certificate input"):
		return p.cert, errors.New("it holds no certificate in PEM")
	case strings.Contains(text, "found a certificate rather than a key"):
		return p.key, errors.New("it contains a certificate in place of a key")
	}
	return p.cert, err
}

func addAuthorities(pool *x509.CertPool, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return errtext.WithoutPath(err)
	}
	if !pool.AppendCertsFromPEM(data) {
		return errors.New("it holds no certificate in PEM")
	}
	return nil
}

// fileOf is the file an error is about, "" where it does not say.
func fileOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Path
	}
	return ""
}

// IsClientCertRequired reports whether a server ended the handshake because of the
// certificate we showed, or showed none. Go has no exported errors for alerts.
func IsClientCertRequired(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" && strings.Contains(op.Error(), "certificate")
}
