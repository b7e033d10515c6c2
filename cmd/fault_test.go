package cmd

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// TestFault57ACertificateIsToldApart is about real servers: one nobody vouches
// for, one that goes by another name, one that is not there.
func TestFault57ACertificateIsToldApart(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"127.0.0.1:" + port: "a CA this machine does not know",
		"localhost:" + port: "the certificate is for another name",
		"127.0.0.1:1":       "nothing listens there",
	} {
		got := run(t, "inspect", host+"/a:1")
		if got.code != exitFailed || !strings.Contains(got.errOut, "hint: ") || !strings.Contains(got.errOut, want) {
			t.Errorf("%s: exit code %d, stderr %s", host, got.code, got.errOut)
		}
	}
}

// TestFault91InsecureSaysWhatItDoes is about a registry on this machine.
func TestFault91InsecureSaysWhatItDoes(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	host := server.Listener.Addr().String()
	got := run(t, "inspect", "--insecure", host+"/a:1")
	if !strings.Contains(got.errOut, "warning: --insecure") || !strings.Contains(got.errOut, host) || strings.Contains(got.errOut, "certificate is signed") {
		t.Errorf("stderr %s", got.errOut)
	}
}

// TestFault86SecretsOfTheEnvironmentAreNotShown holds that what other tools
// keep in the environment appears nowhere, and stands in nobody's way.
func TestFault86SecretsOfTheEnvironmentAreNotShown(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	const canary = "CaNaRy"
	for _, value := range []string{`{"auths":{"r.example":{"auth":"` + canary + `"}}}`, canary} {
		var out, errOut strings.Builder
		code := Main([]string{"--debug", "inspect", server.Listener.Addr().String() + "/a:1"}, Deps{
			In: strings.NewReader(""), Out: &out, Err: &errOut, ProgramName: "manifest-tool",
			Getenv: func(name string) string {
				if name == "DOCKER_AUTH_CONFIG" {
					return value
				}
				return ""
			},
		})
		if code != exitFailed || strings.Contains(out.String()+errOut.String(), canary) || !strings.Contains(errOut.String(), "not found") {
			t.Errorf("exit code %d, stderr %s", code, errOut.String())
		}
	}
}

// brokenPipe is the end of a pipe whose reader is gone, as that of head.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestNoHintAboutTheNetworkForAPipe has a break that is not one of a connection.
func TestNoHintAboutTheNetworkForAPipe(t *testing.T) {
	var errOut strings.Builder
	code := Main([]string{"inspect", "oci-layout://../testdata/layouts/linux-amd64:1.0"}, Deps{
		In: strings.NewReader(""), Out: brokenPipe{}, Err: &errOut, ProgramName: "manifest-tool",
		Getenv: func(string) string { return "" },
	})
	if code != exitFailed || strings.Contains(errOut.String(), "hint:") {
		t.Errorf("exit code %d, stderr %s", code, errOut.String())
	}
}
