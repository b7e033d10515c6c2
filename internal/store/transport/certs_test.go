package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// authority is a CA that signs certificates for 127.0.0.1 and writes them to files.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.file = a.write("ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: "test"}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := template, key
	if a.cert != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// client returns the files of a certificate for a user.
func (a *authority) client() (certFile, keyFile string) {
	a.t.Helper()
	cert, key := a.sign(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write("client.pem", "CERTIFICATE", cert.Raw), a.write("client.key", "EC PRIVATE KEY", der)
}

// serve starts a server on TLS that counts the client certificates it is shown.
func (a *authority) serve(shown *atomic.Int32, h http.HandlerFunc) (host string) {
	a.t.Helper()
	cert, key := a.sign(&x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown.Add(int32(len(r.TLS.PeerCertificates)))
		h(w, r)
	}))
	server.Config.ErrorLog = quiet(a.t)
	server.TLS = &tls.Config{
		ClientAuth:   tls.RequestClientCert,
		Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}},
	}
	server.StartTLS()
	a.t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestFault91AuthoritiesHoldWhereARegistryLeads has a registry of a private
// authority lead to a storage and to a token server of the same authority. The
// certificate of the user is for the registry alone, and a registry without
// that authority cannot lead there.
func TestFault91AuthoritiesHoldWhereARegistryLeads(t *testing.T) {
	ca := newAuthority(t)
	cert, key := ca.client()
	var storageShown, registryShown, otherShown atomic.Int32
	elsewhere := ca.serve(&storageShown, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"token":"t"}`)) })
	elsewhere = strings.Replace(elsewhere, "127.0.0.1", "localhost", 1) // ggcr takes no such address for a token server
	lead := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v2/a/blobs/sha256:00":
			http.Redirect(w, r, "https://"+elsewhere+"/x", http.StatusTemporaryRedirect)
		case r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", `Bearer realm="https://`+elsewhere+`/token",service="s"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	registry, other := ca.serve(&registryShown, lead), ca.serve(&otherShown, lead)
	for _, c := range []struct {
		name, host, path string
		settings         HostConfig
		good             bool
	}{
		{"a storage", registry, "/v2/a/blobs/sha256:00", HostConfig{CAFile: ca.file, ClientCert: cert, ClientKey: key}, true},
		{"a token server", registry, "/v2/a/manifests/1", HostConfig{CAFile: ca.file, ClientCert: cert, ClientKey: key}, true},
		{"a storage of a registry that is not checked", other, "/v2/a/blobs/sha256:00", HostConfig{Insecure: true}, false},
		{"a token server of one that is not checked", other, "/v2/a/manifests/1", HostConfig{Insecure: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := New(Options{Host: func(name string, _ bool) HostConfig {
				if name == c.host {
					return c.settings
				}
				return HostConfig{}
			}})
			tr.Announce(c.host, "a", false)
			status, err := send(t.Context(), tr, "GET", "https://"+c.host+c.path, "")
			var unknown x509.UnknownAuthorityError
			if c.good && (err != nil || status != http.StatusOK) || !c.good && !errors.As(err, &unknown) {
				t.Errorf("status %d, error %v", status, err)
			}
		})
	}
	if registryShown.Load() == 0 || storageShown.Load() != 0 || otherShown.Load() != 0 {
		t.Errorf("certificates shown: %d to the registry, %d where it leads, %d to another",
			registryShown.Load(), storageShown.Load(), otherShown.Load())
	}
}

// TestFault91WhichCertificatesAreAHosts reads the directories.
func TestFault91WhichCertificatesAreAHosts(t *testing.T) {
	root := t.TempDir()
	at := func(elements ...string) string { return filepath.Join(append([]string{root}, elements...)...) }
	for _, path := range []string{
		at("user", "a.example:5000", "ca.crt"), at("user", "a.example:5000", "b.crt"), at("user", "a.example:5000", "readme"),
		at("machine", "a.example:5000", "old.crt"), at("machine", "a.example:5000", "c.cert"), at("machine", "a.example:5000", "c.key"),
		at("machine", "b.example", "c.cert"), at("machine", "b.example", "c.key"), at("machine", "b.example", "d.cert"), at("machine", "b.example", "d.key"),
		at("machine", "docker.io", "hub.crt"), at("machine", "half.example", "c.cert"),
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := []keyPairFiles{{at("machine", "b.example", "c.cert"), at("machine", "b.example", "c.key")}, {at("machine", "b.example", "d.cert"), at("machine", "b.example", "d.key")}}
	for _, c := range []struct {
		host string
		set  HostConfig
		want certificates
	}{
		{"a.example:5000", HostConfig{}, certificates{caFiles: []string{at("user", "a.example:5000", "b.crt"), at("user", "a.example:5000", "ca.crt")}}},
		{"a.example", HostConfig{}, certificates{}},
		{"b.example", HostConfig{}, certificates{clients: b}},
		{"b.example", HostConfig{CAFile: "set.pem"}, certificates{caFiles: []string{"set.pem"}, clients: b}},
		{"b.example", HostConfig{ClientCert: "c", ClientKey: "k"}, certificates{clients: []keyPairFiles{{"c", "k"}}}},
		{"..", HostConfig{}, certificates{}},
		{"index.docker.io", HostConfig{}, certificates{caFiles: []string{at("machine", "docker.io", "hub.crt")}}},
		{"half.example", HostConfig{CAFile: "a", ClientCert: "c", ClientKey: "k"}, certificates{[]string{"a"}, []keyPairFiles{{"c", "k"}}}},
	} {
		got, err := certificatesOf(c.host, c.set, []string{at("none"), at("user"), at("machine")})
		if diff := gocmp.Diff(c.want, got, gocmp.AllowUnexported(certificates{}, keyPairFiles{})); err != nil || diff != "" {
			t.Errorf("%s %+v: error %v (-want +got):\n%s", c.host, c.set, err, diff)
		}
	}
	_, err := certificatesOf("half.example", HostConfig{}, []string{at("machine")})
	var file *CertificateError
	if !errors.As(err, &file) || file.File != at("machine", "half.example", "c.key") {
		t.Errorf("a certificate without its key: %v", err)
	}
}

func TestAPairThatIsNoPEMNamesTheFile(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.pem")
	if err := os.WriteFile(text, []byte("no certificate\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := certificates{clients: []keyPairFiles{{text, text}}}.load("r.example", &tls.Config{MinVersion: tls.VersionTLS12})
	var file *CertificateError
	if !errors.As(err, &file) || file.File != text || file.Err.Error() != "it contains no PEM certificate" {
		t.Errorf("%v", err)
	}
}

// TestHostsOfOneSettingShareATransport counts what is made.
func TestHostsOfOneSettingShareATransport(t *testing.T) {
	ca := newAuthority(t)
	settings := map[string]HostConfig{"a": {}, "b": {}, "c": {Insecure: true}, "d": {CAFile: ca.file}, "e": {CAFile: ca.file}, "f": {Jobs: 2}}
	b := &transportCache{settings: func(host string) HostConfig { return settings[host] }, guard: &guard{announced: func(string) bool { return true }}}
	made := map[*http.Transport]string{}
	for _, host := range []string{"a", "b", "c", "d", "e", "f"} {
		req := httptest.NewRequest(http.MethodGet, "https://"+host+"/v2/", nil)
		l := b.line(req)
		if l.err != nil || b.line(req) != l {
			t.Fatalf("%s: error %v", host, l.err)
		}
		made[l.transport] += host
		if l.transport.Proxy == nil || l.transport.TLSClientConfig.MinVersion != tls.VersionTLS12 {
			t.Errorf("%s: no proxy, or old TLS", host)
		}
	}
	got := map[string]bool{}
	for _, hosts := range made {
		got[hosts] = true
	}
	if diff := gocmp.Diff(map[string]bool{"ab": true, "c": true, "de": true, "f": true}, got); diff != "" {
		t.Errorf("transports (-want +got):\n%s", diff)
	}
}

// TestFault10AMirrorInsideOpensNoWayForARegistry dials inner addresses where a
// mirror, or a registry, led.
func TestFault10AMirrorInsideOpensNoWayForARegistry(t *testing.T) {
	g := &guard{announced: func(host string) bool { return host == "mirror.example" || host == "registry.example" }}
	dial := func(ctx context.Context, host string) error {
		req := g.markUnknownHost(httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil).WithContext(ctx), false)
		return g.control(req.Context(), "tcp", "10.0.0.5:443", nil) //nolint:contextcheck // it is ctx, marked
	}
	var inside *PrivateAddressError
	if err := dial(With(t.Context(), Mirror), "mirror.example"); err != nil {
		t.Errorf("a mirror may be inside: %v", err)
	}
	if err := dial(With(t.Context(), Mirror), "storage.example"); err != nil {
		t.Errorf("so may its storage: %v", err)
	}
	if err := dial(t.Context(), "storage.example"); !errors.As(err, &inside) {
		t.Errorf("where the registry leads to: %v", err)
	}
	if err := dial(t.Context(), "registry.example"); err != nil {
		t.Errorf("a registry may be inside: %v", err)
	}
	if err := dial(t.Context(), "storage.example"); err != nil {
		t.Errorf("so may its storage then: %v", err)
	}
}

func TestAMirrorIsNotAskedAgain(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: noAuth}
	net, _ := around(registry)
	net.hosts["https://registry.example"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	tr := New(Options{Base: net})
	tr.AnnounceMirror("registry.example", "a")
	if status, err := send(With(t.Context(), Mirror), tr, "GET", "https://registry.example/v2/a/manifests/1", ""); status != http.StatusServiceUnavailable {
		t.Errorf("status %d, error %v", status, err)
	}
	if len(net.seen) != 1 {
		t.Errorf("requests: %q", net.seen)
	}
}

// TestSettingsOfAHost checks when a host counts as named.
func TestSettingsOfAHost(t *testing.T) {
	asked := map[string]bool{}
	tr := New(Options{Host: func(name string, named bool) HostConfig {
		asked[name] = named
		return HostConfig{PlainHTTP: named, Jobs: 3}
	}})
	tr.Announce("index.docker.io", "a", false)
	tr.AnnounceMirror("mirror.example", "a")
	tr.AnnounceMirror("both.example", "a")
	tr.Announce("both.example", "a", false)
	for _, host := range []string{"index.docker.io", "mirror.example", "both.example", "storage.example"} {
		if tr.Jobs(host) != 3 {
			t.Errorf("%s has no jobs", host)
		}
	}
	want := map[string]bool{"docker.io": true, "mirror.example": false, "both.example": true, "storage.example": false}
	if diff := gocmp.Diff(want, asked); diff != "" {
		t.Errorf("named (-want +got):\n%s", diff)
	}
}
