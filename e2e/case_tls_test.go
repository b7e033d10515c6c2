//go:build e2e

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// settings writes a settings file for a fresh user and returns the user.
func settings(t *testing.T, text string) session {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "manifest-tool", "config.yaml")
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return session{home: home}
}

// certFolder puts files into a folder of a fresh user's home.
func certFolder(t *testing.T, folder string, files map[string]string) session {
	t.Helper()
	home := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(home, folder), 0o700))
	for name, from := range files {
		raw, err := os.ReadFile(from)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(home, folder, name), raw, 0o600))
	}
	return session{home: home}
}

// TestACertificateIsShownToARegistryThatAsksForOne names authority, client
// certificate and key in every way there is.
func TestACertificateIsShownToARegistryThatAsksForOne(t *testing.T) {
	t.Parallel()
	g, own := startMutual(t)
	images := newImageSet(t, ociMedia(), "app")
	images.put(t, g, "app")
	folder := map[string]string{"ca.crt": g.caFile, "client.cert": own.cert, "client.key": own.key}
	entry := fmt.Sprintf("registries:\n  - name: %s\n    ca-file: %s\n    client-cert: %s\n    client-key: %s\n", g.host, g.caFile, own.cert, own.key)
	for name, one := range map[string]struct {
		session session
		flags   []string
	}{
		"flags":                 {session{}, []string{"--ca-file", g.caFile, "--client-cert", own.cert, "--client-key", own.key}},
		"variables":             {session{env: []string{"MANIFEST_TOOL_CA_FILE=" + g.caFile, "MANIFEST_TOOL_CLIENT_CERT=" + own.cert, "MANIFEST_TOOL_CLIENT_KEY=" + own.key}}, nil},
		"the registry's entry":  {settings(t, entry), nil},
		"the host's entry":      {settings(t, strings.Replace(entry, g.host, "127.0.0.1", 1)), nil},
		"the top of the file":   {settings(t, fmt.Sprintf("ca-file: %s\nclient-cert: %s\nclient-key: %s\n", g.caFile, own.cert, own.key)), nil},
		"podman's folder":       {certFolder(t, ".config/containers/certs.d/"+g.host, folder), nil},
		"rootless docker's":     {certFolder(t, ".config/docker/certs.d/"+g.host, folder), nil},
		"docker desktop's":      {certFolder(t, ".docker/certs.d/"+g.host, folder), nil},
		"a folder and a flag":   {certFolder(t, ".docker/certs.d/"+g.host, map[string]string{"a.cert": own.cert, "a.key": own.key}), []string{"--ca-file", g.caFile}},
		"no check of the other": {session{}, []string{"--insecure", "--client-cert", own.cert, "--client-key", own.key}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tag := strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "'", "")
			spec := specFile(t, g.host, images.spec("REGISTRY/app:"+tag, "REGISTRY/app:%s"))
			done := one.session.manifestTool(t, append(one.flags, "push", "from-spec", spec)...)
			images.wantPushed(t, done, repository{g, "app"})
			one.session.manifestTool(t, append(one.flags, "inspect", g.host+"/app:"+tag)...).wantCode(t, 0)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		done := manifestTool(t, "--ca-file", g.caFile, "inspect", g.host+"/app:amd64")
		done.wantCode(t, 1)
		done.wantStderr(t, "hint: the registry requires a client certificate")
	})
}

// TestAnAuthorityIsForItsRegistryAlone has the entry name another registry.
func TestAnAuthorityIsForItsRegistryAlone(t *testing.T) {
	t.Parallel()
	g := startBasic(t)
	for name, s := range map[string]session{
		"the entry of another port": settings(t, "registries:\n  - name: 127.0.0.1:1\n    ca-file: "+g.caFile+"\n"),
		"the folder of another":     certFolder(t, ".docker/certs.d/127.0.0.1:1", map[string]string{"ca.crt": g.caFile}),
	} {
		t.Run(name, func(t *testing.T) {
			done := s.manifestTool(t, "inspect", g.host+"/app:one")
			done.wantCode(t, 1)
			done.wantStderr(t, "certificate signed by unknown authority", "hint: the certificate is signed by a CA this machine does not know: name its certificate with --ca-file")
		})
	}
}

// TestWhatIsWrongWithTLSIsSaid spoils certificates and their files one by one.
func TestWhatIsWrongWithTLSIsSaid(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	backend := startOpen(t)
	good := (&recordingProxy{backend: backend, tls: ca.server(t, func(*x509.Certificate) {})}).open(t)
	late := (&recordingProxy{backend: backend, tls: ca.server(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })}).open(t)
	named := (&recordingProxy{backend: backend, tls: ca.server(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.example.com"} })}).open(t)
	own, theirs := ca.client(t), other.client(t)
	text := writePEM(t, "text.pem", "CERTIFICATE", nil)
	must(t, os.WriteFile(text, []byte("no certificate\n"), 0o600))
	const files = "hint: manifest-tool config shows what names this file"
	for name, c := range map[string]struct {
		host    string
		session session
		flags   []string
		code    int
		says    []string
	}{
		"an authority that is not there":     {good.host, session{}, []string{"--ca-file", "/no/such.pem"}, 2, []string{`certificate authorities for ` + good.host + ` from "/no/such.pem": no such file or directory`, files}},
		"an authority that is none":          {good.host, session{}, []string{"--ca-file", text}, 2, []string{"it holds no certificate in PEM", files}},
		"an authority that is a folder":      {good.host, session{}, []string{"--ca-file", t.TempDir()}, 2, []string{"is a directory", files}},
		"an authority of the settings":       {good.host, settings(t, "registries:\n  - name: 127.0.0.1\n    ca-file: ca.pem\n"), nil, 2, []string{"/manifest-tool/ca.pem\": no such file", files}},
		"a key of another certificate":       {good.host, session{}, []string{"--ca-file", ca.file, "--client-cert", own.cert, "--client-key", theirs.key}, 2, []string{"client certificate", "private key does not match public key", files}},
		"a client certificate that is none":  {good.host, session{}, []string{"--client-cert", text, "--client-key", own.key}, 2, []string{text + `": it holds no certificate in PEM`, files}},
		"a key that is none":                 {good.host, session{}, []string{"--client-cert", own.cert, "--client-key", text}, 2, []string{text + `": it holds no key in PEM`, files}},
		"a key that is a certificate":        {good.host, session{}, []string{"--client-cert", own.cert, "--client-key", own.cert}, 2, []string{own.cert + `": it holds a certificate in the place of a key`, files}},
		"a key that is not there":            {good.host, session{}, []string{"--client-cert", own.cert, "--client-key", "/no/such.key"}, 2, []string{`"/no/such.key": no such file`, files}},
		"a folder's certificate without key": {good.host, certFolder(t, ".docker/certs.d/"+good.host, map[string]string{"a.cert": own.cert}), nil, 2, []string{"key of the client certificate", "a.key", files}},
		"a certificate without key":          {good.host, session{}, []string{"--client-cert", own.cert}, 2, []string{"--client-cert: client-cert is set, and no client-key"}},
		"another authority":                  {good.host, session{}, []string{"--ca-file", other.file}, 1, []string{"unknown authority", "hint: the certificate is signed by an authority"}},
		"a certificate that is out of date":  {late.host, session{}, []string{"--ca-file", ca.file}, 1, []string{"certificate has expired", "hint: the certificate is out of date"}},
		"a certificate of another name":      {named.host, session{}, []string{"--ca-file", ca.file}, 1, []string{"hint: the certificate is for another name"}},
	} {
		t.Run(name, func(t *testing.T) {
			done := c.session.manifestTool(t, append(c.flags, "push", "from-args", "--platforms", "linux/amd64", "--template", c.host+"/app:ARCH", "--target", c.host+"/app:all")...)
			done.wantCode(t, c.code)
			done.wantStderr(t, c.says...)
			if lines := strings.Count(done.stderr, "\n"); lines != 2 || done.stdout != "" {
				t.Errorf("%d lines, want an error and a hint:\n%s%s", lines, done.stdout, done.stderr)
			}
		})
	}
	backend.wantAbsent(t, "app", "all")
}

// TestTheProxyHoldsWhateverTheTLSSettings goes to a public name that only the
// proxy can reach.
func TestTheProxyHoldsWhateverTheTLSSettings(t *testing.T) {
	t.Parallel()
	ca, backend := newAuthority(t), startOpen(t)
	newImageSet(t, ociMedia(), "app").put(t, backend, "app")
	f := (&recordingProxy{backend: backend, tls: ca.certificate(t, publicName)}).open(t)
	own := ca.client(t)
	for name, flags := range map[string][]string{
		"insecure":           {"--insecure"},
		"an authority":       {"--ca-file", ca.file},
		"a certificate, too": {"--ca-file", ca.file, "--client-cert", own.cert, "--client-key", own.key},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startTunnel(t, f.host)
			args := append(flags, "inspect", publicName+"/app:amd64")
			session{env: p.env()}.manifestTool(t, args...).wantCode(t, 0)
			if p.connected() == 0 {
				t.Error("the proxy was not used")
			}
			past := startTunnel(t, f.host)
			done := session{env: append(past.env(), "NO_PROXY="+publicName)}.manifestTool(t, args...)
			done.wantCode(t, 1)
			if past.connected() != 0 {
				t.Error("the proxy was used in spite of NO_PROXY")
			}
		})
	}
}
