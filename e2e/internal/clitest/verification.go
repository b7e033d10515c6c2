//go:build e2e

package clitest

import (
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// Verification is the part of a verify/v1 document that tests read. Its fields
// are declared here again on purpose: the published format must not change with
// the structs of the product.
type Verification struct {
	Images []struct {
		Name     string        `json:"name"`
		Digest   digest.Digest `json:"digest"`
		Error    string        `json:"error"`
		Findings []Finding     `json:"findings"`
		Entries  []struct {
			Digest   digest.Digest `json:"digest"`
			Kind     string        `json:"kind"`
			Verdict  string        `json:"verdict"`
			Programs []struct {
				Role          string `json:"role"`
				Path          string `json:"path"`
				Platform      string `json:"platform"`
				Compatibility string `json:"compatibility"`
			} `json:"programs"`
			Counts []struct {
				Platform      string   `json:"platform"`
				Compatibility string   `json:"compatibility"`
				Count         int      `json:"count"`
				Paths         []string `json:"paths"`
			} `json:"counts"`
		} `json:"entries"`
	} `json:"images"`
	Summary struct{ Errors, Warnings, Infos int } `json:"summary"`
}

// Finding is a finding of a verify/v1 document.
type Finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Entry    *struct {
		Platform string        `json:"platform"`
		Digest   digest.Digest `json:"digest"`
	} `json:"entry"`
	Field    string   `json:"field"`
	Subject  string   `json:"subject"`
	Expected string   `json:"expected"`
	Actual   string   `json:"actual"`
	Paths    []string `json:"paths"`
	Evidence string   `json:"evidence"`
	Message  string   `json:"message"`
}

// Verify runs verify -o json, which must end with the exit code, and returns
// the document it printed after checking it against its schema.
func (s Session) Verify(t *testing.T, code int, args ...string) Verification {
	t.Helper()
	done := s.Run(t, append([]string{"verify", "-o", "json"}, args...)...)
	done.WantCode(t, code)
	return decodeVerification(t, done)
}

// VerifyAny is Verify with an exit code of 0 or 3.
func (s Session) VerifyAny(t *testing.T, args ...string) Verification {
	t.Helper()
	done := s.Run(t, append([]string{"verify", "-o", "json"}, args...)...)
	if done.Code != 0 {
		done.WantCode(t, 3)
	}
	return decodeVerification(t, done)
}

func decodeVerification(t *testing.T, done Result) Verification {
	t.Helper()
	var v Verification
	if err := json.Unmarshal([]byte(done.Stdout), &v); err != nil {
		t.Fatalf("%v: %s", err, done.Stdout)
	}
	WantSchema(t, "verify", done.Stdout)
	return v
}

// Codes returns the findings of all images, sorted, each as "code platform
// field subject".
func (v Verification) Codes() []string {
	var all []string
	for _, image := range v.Images {
		for _, f := range image.Findings {
			words := []string{f.Code}
			if f.Entry != nil {
				words = append(words, f.Entry.Platform)
			}
			if f.Field != "" {
				words = append(words, f.Field)
			}
			if !strings.HasPrefix(f.Subject, "sha256:") && f.Subject != "" {
				words = append(words, f.Subject)
			}
			all = append(all, strings.Join(words, " "))
		}
	}
	sort.Strings(all)
	return all
}
