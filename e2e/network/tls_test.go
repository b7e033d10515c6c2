//go:build e2e

package network

import (
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestClientCertificate names authority, client certificate and key in every
// way there is.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	g, own := registrytest.StartMutualTLS(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	folder := map[string]string{"ca.crt": g.CAFile, "client.cert": own.Cert, "client.key": own.Key}
	entry := fmt.Sprintf("registries:\n  - name: %s\n    ca-file: %s\n    client-cert: %s\n    client-key: %s\n", g.Host, g.CAFile, own.Cert, own.Key)
	for name, one := range map[string]struct {
		session clitest.Session
		flags   []string
	}{
		"flags":                 {clitest.Session{}, []string{"--ca-file", g.CAFile, "--client-cert", own.Cert, "--client-key", own.Key}},
		"variables":             {clitest.Session{Env: []string{"MANIFEST_TOOL_CA_FILE=" + g.CAFile, "MANIFEST_TOOL_CLIENT_CERT=" + own.Cert, "MANIFEST_TOOL_CLIENT_KEY=" + own.Key}}, nil},
		"the registry's entry":  {clitest.WithSettings(t, entry), nil},
		"the host's entry":      {clitest.WithSettings(t, strings.Replace(entry, g.Host, "127.0.0.1", 1)), nil},
		"the top of the file":   {clitest.WithSettings(t, fmt.Sprintf("ca-file: %s\nclient-cert: %s\nclient-key: %s\n", g.CAFile, own.Cert, own.Key)), nil},
		"podman's folder":       {clitest.WithHomeFiles(t, ".config/containers/certs.d/"+g.Host, folder), nil},
		"rootless docker's":     {clitest.WithHomeFiles(t, ".config/docker/certs.d/"+g.Host, folder), nil},
		"docker desktop's":      {clitest.WithHomeFiles(t, ".docker/certs.d/"+g.Host, folder), nil},
		"a folder and a flag":   {clitest.WithHomeFiles(t, ".docker/certs.d/"+g.Host, map[string]string{"a.cert": own.Cert, "a.key": own.Key}), []string{"--ca-file", g.CAFile}},
		"no check of the other": {clitest.Session{}, []string{"--insecure", "--client-cert", own.Cert, "--client-key", own.Key}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tag := strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "'", "")
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:"+tag, "REGISTRY/app:%s"))
			done := one.session.Run(t, append(one.flags, "push", "from-spec", spec)...)
			images.WantPushed(t, done, g.Repository("app"))
			one.session.Run(t, append(one.flags, "inspect", g.Host+"/app:"+tag)...).WantCode(t, 0)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		done := clitest.Run(t, "--ca-file", g.CAFile, "inspect", g.Host+"/app:amd64")
		done.WantCode(t, 1)
		done.WantStderr(t, "hint: the registry requires a client certificate")
	})
}

// TestAuthorityOfOneRegistry has the entry name another registry.
func TestAuthorityOfOneRegistry(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	for name, s := range map[string]clitest.Session{
		"the entry of another port": clitest.WithSettings(t, "registries:\n  - name: 127.0.0.1:1\n    ca-file: "+g.CAFile+"\n"),
		"the folder of another":     clitest.WithHomeFiles(t, ".docker/certs.d/127.0.0.1:1", map[string]string{"ca.crt": g.CAFile}),
	} {
		t.Run(name, func(t *testing.T) {
			done := s.Run(t, "inspect", g.Host+"/app:one")
			done.WantCode(t, 1)
			done.WantStderr(t, "certificate signed by unknown authority", "hint: the certificate is signed by a CA this machine does not know: name its certificate with --ca-file")
		})
	}
}

// TestTLSErrors spoils certificates and their files one by one.
func TestTLSErrors(t *testing.T) {
	t.Parallel()
	ca, other := registrytest.NewAuthority(t), registrytest.NewAuthority(t)
	backend := registrytest.StartOpen(t)
	good := (&registrytest.RecordingProxy{Backend: backend, TLS: ca.ServerCertificateWith(t, func(*x509.Certificate) {})}).Open(t)
	late := (&registrytest.RecordingProxy{Backend: backend, TLS: ca.ServerCertificateWith(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })}).Open(t)
	named := (&registrytest.RecordingProxy{Backend: backend, TLS: ca.ServerCertificateWith(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.example.com"} })}).Open(t)
	own, theirs := ca.ClientFiles(t), other.ClientFiles(t)
	text := registrytest.WritePEM(t, "text.pem", "CERTIFICATE", nil)
	clitest.Must(t, os.WriteFile(text, []byte("no certificate\n"), 0o600))
	const files = "hint: manifest-tool config shows what names this file"
	for name, c := range map[string]struct {
		host    string
		session clitest.Session
		flags   []string
		code    int
		says    []string
	}{
		"an authority that is not there":     {good.Host, clitest.Session{}, []string{"--ca-file", "/no/such.pem"}, 2, []string{`CA certificates for ` + good.Host + ` from "/no/such.pem": no such file or directory`, files}},
		"an authority that is none":          {good.Host, clitest.Session{}, []string{"--ca-file", text}, 2, []string{"it contains no PEM certificate", files}},
		"an authority that is a folder":      {good.Host, clitest.Session{}, []string{"--ca-file", t.TempDir()}, 2, []string{"is a directory", files}},
		"an authority of the settings":       {good.Host, clitest.WithSettings(t, "registries:\n  - name: 127.0.0.1\n    ca-file: ca.pem\n"), nil, 2, []string{"/manifest-tool/ca.pem\": no such file", files}},
		"a key of another certificate":       {good.Host, clitest.Session{}, []string{"--ca-file", ca.File, "--client-cert", own.Cert, "--client-key", theirs.Key}, 2, []string{"client certificate", "private key does not match public key", files}},
		"a client certificate that is none":  {good.Host, clitest.Session{}, []string{"--client-cert", text, "--client-key", own.Key}, 2, []string{text + `": it contains no PEM certificate`, files}},
		"a key that is none":                 {good.Host, clitest.Session{}, []string{"--client-cert", own.Cert, "--client-key", text}, 2, []string{text + `": it contains no PEM key`, files}},
		"a key that is a certificate":        {good.Host, clitest.Session{}, []string{"--client-cert", own.Cert, "--client-key", own.Cert}, 2, []string{own.Cert + `": it contains a certificate in place of a key`, files}},
		"a key that is not there":            {good.Host, clitest.Session{}, []string{"--client-cert", own.Cert, "--client-key", "/no/such.key"}, 2, []string{`"/no/such.key": no such file`, files}},
		"a folder's certificate without key": {good.Host, clitest.WithHomeFiles(t, ".docker/certs.d/"+good.Host, map[string]string{"a.cert": own.Cert}), nil, 2, []string{"key of the client certificate", "a.key", files}},
		"a certificate without key":          {good.Host, clitest.Session{}, []string{"--client-cert", own.Cert}, 2, []string{"--client-cert: client-cert is set without client-key"}},
		"another authority":                  {good.Host, clitest.Session{}, []string{"--ca-file", other.File}, 1, []string{"unknown authority", "hint: the certificate is signed by a CA"}},
		"a certificate that is out of date":  {late.Host, clitest.Session{}, []string{"--ca-file", ca.File}, 1, []string{"certificate has expired", "hint: the certificate is out of date"}},
		"a certificate of another name":      {named.Host, clitest.Session{}, []string{"--ca-file", ca.File}, 1, []string{"hint: the certificate is for another name"}},
	} {
		t.Run(name, func(t *testing.T) {
			done := c.session.Run(t, append(c.flags, "push", "from-args", "--platforms", "linux/amd64", "--template", c.host+"/app:ARCH", "--target", c.host+"/app:all")...)
			done.WantCode(t, c.code)
			done.WantStderr(t, c.says...)
			if lines := strings.Count(done.Stderr, "\n"); lines != 2 || done.Stdout != "" {
				t.Errorf("%d lines, want an error and a hint:\n%s%s", lines, done.Stdout, done.Stderr)
			}
		})
	}
	backend.WantAbsent(t, "app", "all")
}

// TestProxyWithTLSSettings goes to a public name that only the proxy can reach.
func TestProxyWithTLSSettings(t *testing.T) {
	t.Parallel()
	ca, backend := registrytest.NewAuthority(t), registrytest.StartOpen(t)
	backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	f := (&registrytest.RecordingProxy{Backend: backend, TLS: ca.ServerCertificate(t, registrytest.PublicName)}).Open(t)
	own := ca.ClientFiles(t)
	for name, flags := range map[string][]string{
		"insecure":           {"--insecure"},
		"an authority":       {"--ca-file", ca.File},
		"a certificate, too": {"--ca-file", ca.File, "--client-cert", own.Cert, "--client-key", own.Key},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := registrytest.StartForwardProxy(t, f.Host)
			args := append(flags, "inspect", registrytest.PublicName+"/app:amd64")
			clitest.Session{Env: p.Env()}.Run(t, args...).WantCode(t, 0)
			if p.Connections() == 0 {
				t.Error("the proxy was not used")
			}
			past := registrytest.StartForwardProxy(t, f.Host)
			done := clitest.Session{Env: append(past.Env(), "NO_PROXY="+registrytest.PublicName)}.Run(t, args...)
			done.WantCode(t, 1)
			if past.Connections() != 0 {
				t.Error("the proxy was used in spite of NO_PROXY")
			}
		})
	}
}
