//go:build e2e

package clitest

import (
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// verification is the part of a verify/v1 document that tests look at. Its
// fields are written again here on purpose: what is published must not change
// with the product's structs.
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
				Role     string `json:"role"`
				Path     string `json:"path"`
				Platform string `json:"platform"`
				Fit      string `json:"fit"`
			} `json:"programs"`
			Counts []struct {
				Platform string   `json:"platform"`
				Fit      string   `json:"fit"`
				Count    int      `json:"count"`
				Paths    []string `json:"paths"`
			} `json:"counts"`
		} `json:"entries"`
	} `json:"images"`
	Findings struct{ Errors, Warnings, Infos int } `json:"findings"`
}

type Finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Entry    *struct {
		Platform string        `json:"platform"`
		Digest   digest.Digest `json:"digest"`
	} `json:"entry"`
	Field   string `json:"field"`
	Subject string `json:"subject"`
	Wanted  string `json:"wanted"`
	Got     string `json:"got"`
	How     string `json:"how"`
	Message string `json:"message"`
}

// Verify runs the command with -o json and returns what it printed.
func (s Session) Verify(t *testing.T, code int, args ...string) Verification {
	t.Helper()
	done := s.Run(t, append([]string{"verify", "-o", "json"}, args...)...)
	done.WantCode(t, code)
	var v Verification
	if err := json.Unmarshal([]byte(done.Stdout), &v); err != nil {
		t.Fatalf("%v: %s", err, done.Stdout)
	}
	WantSchema(t, "verify", done.Stdout)
	return v
}

// Codes are the findings of an image as "code platform field subject".
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
