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

	"manifest-tool/internal/reason"
)

const (
	configName = "config.json"
	// configLimit bounds what is read as a config file, in bytes.
	configLimit = 4 << 20
)

// FileError is a config file, or a variable that stands for one, that cannot
// be read. It repeats nothing of what is there.
type FileError struct {
	// Place is what it is, and Path where, "" for a variable.
	Place, Path string
	// Flaw says what is wrong with it.
	Flaw string
	// Err is why there is nothing to look at, where that is the flaw.
	Err error
}

func (e *FileError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("reading the %s %q: %v", e.Place, e.Path, e.Err)
	case e.Path == "":
		return fmt.Sprintf("reading %s: %s", e.Place, e.Flaw)
	}
	return fmt.Sprintf("reading the %s %q: %s", e.Place, e.Path, e.Flaw)
}

// Unwrap returns what the operating system said.
func (e *FileError) Unwrap() error { return e.Err }

// settings is what this package needs of a config file. Docker's and Podman's
// have one form.
type settings struct {
	auths   map[string]types.AuthConfig
	helpers map[string]string // registry -> helper
	store   string            // helper for all other registries
	// detected is set when no file names store, but the platform has it.
	detected bool
}

// helper returns the name of the helper for a registry, without its prefix;
// "" means the file. An empty name in credHelpers switches the store off.
func (s settings) helper(key string) string {
	if names := spellings(s.helpers, key); len(names) > 0 {
		return s.helpers[names[0]]
	}
	return s.store
}

func settingsOf(file *configfile.ConfigFile) settings {
	return settings{auths: file.AuthConfigs, helpers: file.CredentialHelpers, store: file.CredentialsStore}
}

// load reads a config file; a missing one is an empty one. Like Docker it falls
// back to the platform's own store when Docker's file names no login and no
// store, and the store's program is there.
func load(kind, path string) (settings, error) {
	data, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return settings{}, &FileError{Place: kind, Path: path, Err: reason.Bare(err)}
	}
	file, err := parse(data)
	if err != nil {
		return settings{}, &FileError{Place: kind, Path: path, Flaw: flaw(data, err)}
	}
	s := settingsOf(file)
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

func read(path string) ([]byte, error) {
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

// flaw says what is wrong with a config file without quoting it: the decoder's
// own messages repeat pieces of what they read, and here these are secrets.
func flaw(data []byte, err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("line %d is not valid JSON", reason.Line(data, syntax.Offset))
	case errors.As(err, &wrong):
		return fmt.Sprintf("line %d holds a value of the wrong type", reason.Line(data, wrong.Offset))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends too early"
	}
	const bad = "an auth entry is not the base64 form of user:password"
	if at := undecodable(data); at >= 0 {
		return fmt.Sprintf("line %d: %s", reason.Line(data, at), bad)
	}
	return bad
}

// undecodable finds where an entry of auths is whose auth is no login, the
// first one; -1 where none is.
func undecodable(data []byte) int64 {
	var file struct {
		Auths map[string]json.RawMessage `json:"auths"`
	}
	_ = json.Unmarshal(data, &file) // it was read before
	first := -1
	for _, entry := range file.Auths {
		_, err := parse([]byte(`{"auths":{"one":` + string(entry) + `}}`))
		if at := bytes.Index(data, entry); err != nil && (first < 0 || at < first) {
			first = at
		}
	}
	return int64(first)
}
