package auth

import (
	"context"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
)

// The kinds of credentials.
const (
	KindPassword      = "password"
	KindIdentityToken = "identity token"
	KindRegistryToken = "registry token"
	// KindUnknown is what a helper has that was not run.
	KindUnknown = "unknown"
)

// The outcomes of a Step.
const (
	ResultUsed    = "used"
	ResultSkipped = "passed over"
	ResultFailed  = "failed"
)

// Source is where a credential may be. Fields that do not apply are empty.
type Source struct {
	// Name is a flag, a variable, or the kind of a file.
	Name string `json:"place"`
	// Path is the file's, and By the flag or the variable that named it.
	Path    string `json:"path,omitempty"`
	NamedBy string `json:"by,omitempty"`
	// Key is the entry's name in the file.
	Key string `json:"key,omitempty"`
	// Helper is the name of a credential helper's program.
	Helper string `json:"helper,omitempty"`
}

// Step is one place that was looked at, and what came of it.
type Step struct {
	Source
	// Result is Used, Skipped or Failed.
	Result string `json:"result"`
	// Reason says why, in a sentence without a full stop; "" for Used.
	Reason string `json:"reason,omitempty"`
}

// CredentialInfo is what may be said about a credential. It holds no secret.
type CredentialInfo struct {
	Source
	// Kind is one of the kinds above.
	Kind string `json:"kind"`
	// Username is "" for tokens without one.
	Username string `json:"username,omitempty"`
}

// Explanation says which credential a repository is asked with, and why.
type Explanation struct {
	Schema     string `json:"schema"`
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	// Credential is nil when the repository is asked anonymously.
	Credential *CredentialInfo `json:"credential"`
	// Steps are the places in the order they were looked at; later ones are
	// left out, as they do not matter.
	Steps []Step `json:"steps"`
}

// Explain looks for the credential of a repository as Credential does and tells
// how it went. Without helpers it stops at the first helper that is in charge:
// what that one would say is not known. The error is that of Credential; the
// explanation beside it shows how far the search came.
func (k *Keychain) Explain(ctx context.Context, host, repository string, helpers bool) (Explanation, error) {
	s := &search{keychain: k, host: host, key: dockerKey(host), repository: repository, withoutHelpers: !helpers}
	f, err := s.run(ctx)
	e := Explanation{Schema: ExplanationSchema, Registry: host, Repository: repository, Steps: s.steps}
	switch {
	case err != nil:
	case f.ok():
		e.Credential = &CredentialInfo{Source: f.source, Kind: kindOf(f.credential), Username: f.credential.Username}
	case s.stoppedAtHelper:
		e.Credential = &CredentialInfo{Source: f.source, Kind: KindUnknown}
	}
	return e, err
}

// kindOf names what is sent of a credential: a registry token before an
// identity token, either before a password.
func kindOf(c authn.AuthConfig) string {
	switch {
	case c.RegistryToken != "":
		return KindRegistryToken
	case c.IdentityToken != "":
		return KindIdentityToken
	}
	return KindPassword
}

func (s *search) note(at Source, result, reason string) {
	s.steps = append(s.steps, Step{Source: at, Result: result, Reason: reason})
}

func (s Source) withKey(key string) Source {
	s.Key = key
	return s
}

func (s Source) withHelper(suffix string) Source {
	s.Helper = helperPrefix + suffix
	return s
}

func (s Source) helper() string { return strings.TrimPrefix(s.Helper, helperPrefix) }
