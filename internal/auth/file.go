package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/credentials"
	"github.com/docker/cli/cli/config/types"
)

const (
	configName = "config.json"
	// configLimit bounds what is read as a config file, in bytes.
	configLimit = 4 << 20
)

// settings is what this package needs of a Docker config file.
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

// configPath decides which file to read: the flag, DOCKER_CONFIG (a folder, as
// in Docker), the home folder. "" means there is none.
func configPath(o Options) (string, error) {
	if o.DockerConfig != "" {
		info, err := os.Stat(o.DockerConfig)
		if err != nil {
			return "", fmt.Errorf("failed to check state of docker-cfg value: %w", err)
		}
		if info.IsDir() {
			return filepath.Join(o.DockerConfig, configName), nil
		}
		return o.DockerConfig, nil
	}
	if dir := o.Getenv("DOCKER_CONFIG"); dir != "" {
		return filepath.Join(dir, configName), nil
	}
	if o.Home == "" {
		return "", nil
	}
	return filepath.Join(o.Home, ".docker", configName), nil
}

// load reads a Docker config file; a missing one is an empty one. Like Docker
// it falls back to the platform's own store when the file names no login and
// no store, and the store's program is there.
func load(path string) (settings, error) {
	file, err := parse(path)
	if err != nil {
		return settings{}, err
	}
	s := settings{auths: file.AuthConfigs, helpers: file.CredentialHelpers, store: file.CredentialsStore}
	if !file.ContainsAuth() {
		s.store = credentials.DetectDefaultStore("")
		s.detected = s.store != ""
	}
	return s, nil
}

func parse(path string) (*configfile.ConfigFile, error) {
	file := configfile.New(path)
	if path == "" {
		return file, nil
	}
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the docker config: %w", err)
	}
	if err := file.LoadFromReader(bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("reading the docker config %q: %s", path, flaw(data, err))
	}
	return file, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, configLimit+1))
	if err == nil && len(data) > configLimit {
		err = fmt.Errorf("%q is larger than %d bytes", path, configLimit)
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
		return fmt.Sprintf("line %d is not valid JSON", line(data, syntax.Offset))
	case errors.As(err, &wrong):
		return fmt.Sprintf("line %d holds a value of the wrong type", line(data, wrong.Offset))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends too early"
	}
	return "an auth entry is not the base64 form of user:password"
}

func line(data []byte, offset int64) int {
	end := min(max(offset, 0), int64(len(data)))
	return 1 + bytes.Count(data[:end], []byte("\n"))
}
