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
	// KindUnknown is the kind of a credential whose helper was not run.
	KindUnknown = "unknown"
)

// The outcomes of a Step.
const (
	ResultUsed    = "used"
	ResultSkipped = "skipped"
	ResultFailed  = "failed"
)

// Location is where a credential is searched for or stored. Fields that do not
// apply are empty.
type Location struct {
	// Source is a flag, a variable, "docker config" or "podman auth file".
	Source string `json:"source"`
	// Path is the path of the file; NamedBy is the flag or the variable that
	// names it.
	Path    string `json:"path,omitempty"`
	NamedBy string `json:"namedBy,omitempty"`
	// Key is the key of the entry in the file.
	Key string `json:"key,omitempty"`
	// Helper is the program of the credential helper.
	Helper string `json:"helper,omitempty"`
}

// Step is one location of the search with its outcome.
type Step struct {
	Location
	// Result is ResultUsed, ResultSkipped or ResultFailed.
	Result string `json:"result"`
	// Reason is a sentence without a full stop; "" for ResultUsed.
	Reason string `json:"reason,omitempty"`
}

// CredentialInfo describes a credential without its secret.
type CredentialInfo struct {
	Location
	// Kind is KindPassword, KindIdentityToken, KindRegistryToken or KindUnknown.
	Kind string `json:"kind"`
	// Username is "" for tokens without one.
	Username string `json:"username,omitempty"`
}

// Explanation is the credential used for a repository and the search for it
// (auth-explain/v1).
type Explanation struct {
	Schema     string `json:"schema"`
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	// Credential is nil if requests are anonymous.
	Credential *CredentialInfo `json:"credential"`
	// Steps are in the order of the search; it ends at the step that decided.
	Steps []Step `json:"steps"`
	// TokenServers are the hosts that may be sent the credential if the registry names
	// them as its token server. Explain leaves them to the caller.
	TokenServers []string `json:"tokenServers,omitempty"`
}

// Explain searches for the credential of a repository as Credential does and
// returns the steps of the search. Without helpers the search stops at the first
// responsible helper, and the credential has KindUnknown. The error is that of
// Credential; the explanation is returned with it and has the steps so far.
func (k *Keychain) Explain(ctx context.Context, host, repository string, helpers bool) (Explanation, error) {
	s := &search{keychain: k, host: host, key: dockerKey(host), repository: repository, withoutHelpers: !helpers}
	f, err := s.run(ctx)
	e := Explanation{Schema: ExplanationSchema, Registry: host, Repository: repository, Steps: s.steps}
	switch {
	case err != nil:
	case f.ok():
		e.Credential = &CredentialInfo{Location: f.source, Kind: kindOf(f.credential), Username: f.credential.Username}
	case s.stoppedAtHelper:
		e.Credential = &CredentialInfo{Location: f.source, Kind: KindUnknown}
	}
	return e, err
}

// kindOf returns the kind of secret that is sent: a registry token is preferred
// to an identity token, both to a password.
func kindOf(c authn.AuthConfig) string {
	switch {
	case c.RegistryToken != "":
		return KindRegistryToken
	case c.IdentityToken != "":
		return KindIdentityToken
	}
	return KindPassword
}

func (s *search) note(at Location, result, reason string) {
	s.steps = append(s.steps, Step{Location: at, Result: result, Reason: reason})
}

func (s Location) withKey(key string) Location {
	s.Key = key
	return s
}

func (s Location) withHelper(suffix string) Location {
	s.Helper = helperPrefix + suffix
	return s
}

func (s Location) helper() string { return strings.TrimPrefix(s.Helper, helperPrefix) }
