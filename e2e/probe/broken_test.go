//go:build e2e

package probe

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// brokenCase is a registry that does one thing in another way, and the check that says
// so.
type brokenCase struct {
	check string
	breakage
	// status is that of the check, "" for fail. It is another one only for a check that
	// is about something that no specification requires.
	status string
	// others are the checks whose status changes, too, with it. blocks is set if a large
	// number of checks cannot be carried out any more: none of them says fail.
	others map[string]string
	blocks bool
	// certificate changes the certificate of a server with TLS, nil for plain http.
	certificate func(*x509.Certificate)
}

// TestEachCheck breaks one thing at a time: its check says so, and no other one.
func TestEachCheck(t *testing.T) {
	t.Parallel()
	sound := testBroken(t, brokenCase{})
	if failed := sound.with("fail", "error"); len(failed) > 0 || sound.Verdict.Works != "yes" {
		t.Fatalf("without a breakage, works: %s, %q", sound.Verdict.Works, failed)
	}
	if len(sound.Left) > 0 || sound.Requests > maxRequests {
		t.Errorf("%d requests, left: %q", sound.Requests, sound.Left)
	}
	covered := map[string]bool{}
	for _, tt := range slices.Concat(connectionCases(), uploadCases(), manifestCases(), tagCases(), listCases()) {
		covered[tt.check] = true
		t.Run(tt.check, func(t *testing.T) {
			t.Parallel()
			wantOneChanged(t, tt, sound)
		})
	}
	for _, one := range sound.Results {
		if !covered[one.Name] {
			t.Errorf("no registry breaks %s", one.Name)
		}
	}
}

func wantOneChanged(t *testing.T, tt brokenCase, sound fullReport) {
	t.Helper()
	want := map[string]string{tt.check: "fail"}
	if tt.status != "" {
		want[tt.check] = tt.status
	}
	maps.Copy(want, tt.others)
	var only []string
	if len(tt.others) == 0 && !tt.blocks {
		// The other sections make the same requests as without the breakage.
		only = []string{"--only", sound.section(tt.check)}
	}
	r, before := testBroken(t, tt, only...), sound.statuses()
	for check, status := range r.statuses() {
		switch {
		case want[check] != "" && status != want[check]:
			t.Errorf("%s: %s %q, not %s", check, status, r.detail(check), want[check])
		case want[check] != "", status == before[check]:
		case !tt.blocks || status == "fail" || status == "pass":
			t.Errorf("%s changes, too: %s %q", check, status, r.detail(check))
		}
	}
}

// testBroken tests the registry of a case.
func testBroken(t *testing.T, tt brokenCase, flags ...string) fullReport {
	t.Helper()
	server := httptest.NewUnstartedServer(newBroken(tt.breakage))
	s := clitest.Session{Stdin: registrytest.UserPassword + "\n"}
	if tt.certificate != nil {
		ca := registrytest.NewAuthority(t)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{*ca.ServerCertificateWith(t, tt.certificate)}}
		server.EnableHTTP2 = true
		s.Env = []string{"SSL_CERT_FILE=" + ca.File}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	_, host, _ := strings.Cut(server.URL, "://")
	flags = append(flags, "--username", registrytest.UserName, "--password-stdin", host+"/team/scratch")
	return testRegistry(t, s, flags...)
}

func (r fullReport) statuses() map[string]string {
	all := map[string]string{}
	for _, one := range r.Results {
		all[one.Name] = one.Status
	}
	return all
}

func (r fullReport) section(check string) string {
	for _, one := range r.Results {
		if one.Name == check {
			return one.Section
		}
	}
	return ""
}

func (r fullReport) detail(check string) string {
	for _, one := range r.Results {
		if one.Name == check {
			return one.Detail
		}
	}
	return ""
}

// with returns the checks with one of the statuses.
func (r fullReport) with(statuses ...string) []string {
	var all []string
	for _, one := range r.Results {
		if slices.Contains(statuses, one.Status) {
			all = append(all, one.Name+": "+one.Detail)
		}
	}
	return all
}
