package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/go-containerregistry/pkg/authn"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/jsonedit"
	"manifest-tool/internal/store/atomicfile"
)

// configEditor changes one registry's login in one config file.
type configEditor struct {
	options  Options
	file     *source
	settings dockerConfig
	doc      []byte
	host     string
	key      string // the registry's key for helpers
	name     string // the registry's key in the file
	recoded  bool   // the file is not UTF-8, or has a byte order mark
}

func openEditor(o Options, host string) (*configEditor, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	p, err := writableConfig(o)
	if err != nil {
		return nil, err
	}
	e := &configEditor{options: o, file: p, host: host, key: dockerKey(host), name: dockerKey(host)}
	if e.settings, err = p.read(); err != nil {
		return nil, err
	}
	if e.settings.old {
		return nil, &FileError{Source: p.kind, Path: p.path, Problem: "it has the format of .dockercfg, without auths, which is not written"}
	}
	// An entry under Docker's key is used before one under Podman's.
	if _, there := e.settings.auths[e.key]; p.kind == podmanFile && !there {
		e.name = podmanKey(host)
	}
	raw, err := readBytes(p.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &FileError{Source: p.kind, Path: p.path, Err: errtext.WithoutPath(err)}
	}
	e.doc = ToUTF8(raw)
	e.recoded = len(e.doc) != len(raw)
	return e, nil
}

// store stores a credential and returns the helper that has it, "" for the file
// itself. Like Docker, it tries the default store of the platform if no file
// names one, and then names it in the file.
func (e *configEditor) store(ctx context.Context, cred authn.AuthConfig) (string, error) {
	if name := e.settings.helper(e.key); name != "" {
		h := helper{suffix: name, limit: helperLimit}
		err := h.store(ctx, e.host, e.key, cred)
		if err == nil {
			return h.name(), e.removeFromFile(name)
		}
		if !e.settings.detected || ctx.Err() != nil {
			return "", err
		}
		e.options.Warn(fmt.Sprintf("storing the login in the file: %v", err))
	}
	if err := e.write(cred); err != nil {
		return "", err
	}
	e.options.Warn(fmt.Sprintf("the login is stored unencrypted in %q; a credential helper, named in its credsStore, would encrypt it", e.file.path))
	return "", nil
}

// removeFromFile removes an older password from the file, and adds the name of a
// detected store.
func (e *configEditor) removeFromFile(name string) error {
	doc := e.doc
	err := e.removeEntries()
	if err == nil && e.settings.detected {
		e.doc, err = jsonedit.Set(e.doc, name, "credsStore")
	}
	if err != nil || bytes.Equal(doc, e.doc) {
		return err
	}
	return e.save()
}

// removeEntries removes every entry of the registry from the document.
func (e *configEditor) removeEntries() (err error) {
	for _, name := range matchingKeys(e.settings.auths, e.key) {
		if e.doc, err = jsonedit.Remove(e.doc, "auths", name); err != nil {
			return e.editError(err)
		}
	}
	return nil
}

// authEntry is an entry of a config file.
type authEntry struct {
	Auth          string `json:"auth"`
	IdentityToken string `json:"identitytoken,omitempty"`
}

// write writes a credential to the file as Docker does: other fields of the
// registry's entry are kept, except for older secrets.
func (e *configEditor) write(cred authn.AuthConfig) error {
	auth := base64.StdEncoding.EncodeToString([]byte(cred.Username + ":" + cred.Password))
	entry := authEntry{auth, cred.IdentityToken}
	if !jsonedit.Has(e.doc, "auths", e.name) {
		return e.change(func(doc []byte) ([]byte, error) { return jsonedit.Set(doc, entry, "auths", e.name) })
	}
	return e.change(func(doc []byte) ([]byte, error) {
		for _, secret := range []string{"username", "password", "registrytoken", "identitytoken"} {
			var err error
			if doc, err = jsonedit.Remove(doc, "auths", e.name, secret); err != nil {
				return nil, err
			}
		}
		doc, err := jsonedit.Set(doc, entry.Auth, "auths", e.name, "auth")
		if err == nil && entry.IdentityToken != "" {
			doc, err = jsonedit.Set(doc, entry.IdentityToken, "auths", e.name, "identitytoken")
		}
		return doc, err
	})
}

func (e *configEditor) change(edit func([]byte) ([]byte, error)) error {
	doc, err := edit(e.doc)
	if err != nil {
		return e.editError(err)
	}
	e.doc = doc
	return e.save()
}

// save writes the document, which must be valid JSON.
func (e *configEditor) save() error {
	if !json.Valid(bytes.TrimSpace(e.doc)) {
		return e.editError(errDuplicateAuths)
	}
	if err := atomicfile.Replace(e.file.path, e.doc, 0o600); err != nil {
		return errtext.WithHint(fmt.Errorf("writing the %s: %w", e.file.kind, errtext.FileError(err)),
			"name a file that can be written with --docker-cfg, or its directory with DOCKER_CONFIG, for all runs that use the login")
	}
	if e.recoded {
		e.options.Warn(fmt.Sprintf("%q is now UTF-8 without a byte order mark", e.file.path))
	}
	return nil
}

// errDuplicateAuths is a file with more than one value, of which readers use the
// first.
var errDuplicateAuths = errors.New("it has more than one JSON value")

// editError returns the error of a file that could be read but not edited.
func (e *configEditor) editError(err error) error {
	why := decodeProblem(e.doc, err)
	for _, known := range []error{jsonedit.ErrNoObject, errDuplicateAuths} {
		if errors.Is(err, known) {
			why = known.Error()
		}
	}
	return &FileError{Source: e.file.kind, Path: e.file.path, Problem: why}
}
