package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"manifest-tool/internal/errtext"
)

// CertificateError reports that a file of the TLS settings cannot be used. No request
// was sent.
type CertificateError struct {
	// Host is the host that the file is for, File its path, What its purpose.
	Host, File, What string
	Err              error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("reading the %s for %s from %q: %v", e.What, e.Host, e.File, e.Err)
}

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// Purposes of the files of the TLS settings.
const (
	authoritiesFile = "CA certificates"
	clientFile      = "client certificate"
)

// certificates are the files for TLS with one host.
type certificates struct {
	caFiles []string
	clients []keyPairFiles
}

type keyPairFiles struct{ cert, key string }

// certificatesOf returns the files for a host: those of its settings and, for what they
// do not set, those of the first directory for the host in one of the certs.d roots.
// There, *.crt are CAs, NAME.cert and NAME.key are a pair. Sources:
// docker's "Verify repository client with certificates", containers-certs.d(5).
func certificatesOf(host string, set HostConfig, roots []string) (certificates, error) {
	var c certificates
	if set.CAFile != "" {
		c.caFiles = append([]string{set.CAFile}, set.CAFiles...)
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

// findCertDir reads the directory of a host. One without read permission is skipped, as
// podman does: on some machines users cannot read /etc/docker.
func findCertDir(host string, roots []string) (certificates, error) {
	dir := userFacingName(host)
	if !filepath.IsLocal(dir) {
		return certificates{}, nil // a server chose this name
	}
	if runtime.GOOS == "windows" {
		dir = strings.ReplaceAll(dir, ":", "") // as docker does
	}
	for _, root := range roots {
		path := filepath.Join(root, dir)
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

func readCertDir(host, dir string, files []os.DirEntry) (certificates, error) {
	var c certificates
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
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

// load reads the files. The CAs are trusted in addition to those of the system: a
// private registry may redirect to public storage.
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

// explainPEM names which of the two files is not PEM, and why; crypto/tls has no types
// for its errors.
func (p keyPairFiles) explainPEM(err error) (file string, plain error) {
	switch text := err.Error(); {
	case strings.Contains(text, "in key input"):
		return p.key, errors.New("it contains no PEM key")
	case strings.Contains(text, "in certificate input"):
		return p.cert, errors.New("it contains no PEM certificate")
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
		return errors.New("it contains no PEM certificate")
	}
	return nil
}

// fileOf is the path in an error, "" if it has none.
func fileOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Path
	}
	return ""
}
