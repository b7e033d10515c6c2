package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/credentials"
	"github.com/docker/cli/cli/config/types"

	"manifest-tool/internal/errtext"
)

const (
	configName = "config.json"
	// secretName and oldName are the files of the Kubernetes secrets
	// kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg.
	secretName = ".dockerconfigjson" //nolint:gosec // the name of a file
	oldName    = ".dockercfg"
	// configLimit bounds a config file, in bytes.
	configLimit = 4 << 20
)

// FileError is a config file, or a variable with the content of one, that cannot
// be read. It does not quote the content.
type FileError struct {
	// Source is the kind of file or the variable; Path is "" for a variable.
	Source, Path string
	// Problem describes invalid content.
	Problem string
	// Err is the error of reading the file, nil for invalid content.
	Err error
	// Named is set if a flag or a variable names the file.
	Named bool
}

// Optional reports whether a public repository can be read without the logins of the
// file: no flag and no variable names it.
func (e *FileError) Optional() bool { return !e.Named && e.Path != "" }

func (e *FileError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("reading the %s %q: %v", e.Source, e.Path, e.Err)
	case e.Path == "":
		return fmt.Sprintf("reading %s: %s", e.Source, e.Problem)
	}
	return fmt.Sprintf("reading the %s %q: %s", e.Source, e.Path, e.Problem)
}

// Unwrap returns the error of the operating system.
func (e *FileError) Unwrap() error { return e.Err }

// dockerConfig is the part of a config file that this package uses. Docker's and
// Podman's files have the same format.
type dockerConfig struct {
	auths   map[string]types.AuthConfig
	helpers map[string]string // registry -> helper
	store   string            // helper for all other registries
	// old is set for the format of .dockercfg.
	old bool
	// detected is set if store is the default of the platform, not of the file.
	detected bool
}

// helper returns the name of the helper for a registry, without its prefix, ""
// for the file. An empty name in credHelpers disables the store.
func (s dockerConfig) helper(key string) string {
	if names := matchingKeys(s.helpers, key); len(names) > 0 {
		return s.helpers[names[0]]
	}
	return s.store
}

func newDockerConfig(file *configfile.ConfigFile) dockerConfig {
	return dockerConfig{auths: file.AuthConfigs, helpers: file.CredentialHelpers, store: file.CredentialsStore}
}

// load reads a config file; a missing file is empty. Like Docker, it uses the
// default store of the platform if Docker's file has no login and no store, and
// the store's program exists.
func load(kind, path string) (dockerConfig, error) {
	data, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return dockerConfig{}, &FileError{Source: kind, Path: path, Err: errtext.WithoutPath(err)}
	}
	data, old := withAuths(data)
	file, err := parse(data)
	if err != nil {
		return dockerConfig{}, &FileError{Source: kind, Path: path, Problem: decodeProblem(data, err)}
	}
	s := newDockerConfig(file)
	s.old = old
	if kind == dockerFile && !file.ContainsAuth() {
		s.store = credentials.DetectDefaultStore("")
		s.detected = s.store != ""
	}
	return s, nil
}

func parse(data []byte) (*configfile.ConfigFile, error) {
	file := configfile.New("")
	return file, file.LoadFromReader(bytes.NewReader(data))
}

// read returns a file as UTF-8.
func read(path string) ([]byte, error) {
	data, err := readBytes(path)
	return ToUTF8(data), err
}

func readBytes(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, configLimit+1))
	if err == nil && len(data) > configLimit {
		err = fmt.Errorf("it is larger than %d bytes", configLimit)
	}
	return data, err
}

// decodeProblem describes an invalid config file without quoting it: the messages
// of the decoder quote their input, which has secrets.
func decodeProblem(data []byte, err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("line %d is not valid JSON", errtext.Line(data, syntax.Offset))
	case errors.As(err, &wrong):
		return fmt.Sprintf("line %d has a value of the wrong type", errtext.Line(data, wrong.Offset))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends too early"
	}
	const bad = "an auth entry is not the base64 form of user:password"
	if at := findInvalidAuth(data); at >= 0 {
		return fmt.Sprintf("line %d: %s", errtext.Line(data, at), bad)
	}
	return bad
}

// findInvalidAuth returns the offset of the first entry of auths with an invalid
// auth, -1 without one.
func findInvalidAuth(data []byte) int64 {
	var file struct {
		Auths map[string]json.RawMessage `json:"auths"`
	}
	_ = json.Unmarshal(data, &file) // it was parsed before
	first := -1
	for _, entry := range file.Auths {
		_, err := parse([]byte(`{"auths":{"one":` + string(entry) + `}}`))
		if at := bytes.Index(data, entry); err != nil && (first < 0 || at < first) {
			first = at
		}
	}
	return int64(first)
}
