package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/yamlerr"
)

// maxFile limits a settings file, in bytes; maxItems limits a list in it.
const (
	maxFile  = 1 << 20
	maxItems = 1000
)

// file reads the settings file: the one that --config or MANIFEST_TOOL_CONFIG
// names, which must exist, else the user's own, which need not. path is "" if
// there is none.
func (o Options) file() (l layer, path string, err error) {
	path, named := o.path()
	if path == "" || o.NoFile {
		return newLayer(), "", nil
	}
	if _, err := os.Stat(path); err != nil && !named {
		// In a container the home directory is often unreadable or missing.
		return newLayer(), "", nil
	}
	data, err := readWhole(path)
	if err != nil {
		return l, "", fileError(path, err)
	}
	l, err = parseFile(path, data, o.Home)
	return l, path, err
}

// path returns the path of the settings file, and whether the user named it.
func (o Options) path() (path string, named bool) {
	if o.Flags != nil {
		if f := o.Flags.Lookup("config"); f != nil && f.Changed {
			return f.Value.String(), true
		}
	}
	if path := o.Getenv(variablePrefix + "CONFIG"); path != "" {
		return path, true
	}
	// The XDG base directory specification requires relative paths to be ignored.
	dir := o.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) && o.Home != "" {
		dir = filepath.Join(o.Home, ".config")
	}
	if !filepath.IsAbs(dir) {
		return "", false
	}
	return filepath.Join(dir, "manifest-tool", "config.yaml"), false
}

// Check reads one settings file and nothing else, and returns how many settings
// and registries it has. Only Home and Template of o are used. The error is an
// *Error.
func (o Options) Check(path string) (CheckResult, error) {
	data, err := readWhole(path)
	if err != nil {
		return CheckResult{}, fileError(path, err)
	}
	l, err := parseFile(path, data, o.Home)
	if err == nil {
		err = o.tryTemplate(l)
	}
	return CheckResult{Schema: CheckSchema, File: path, Settings: len(l.origins), Registries: len(l.entries)}, err
}

// tryTemplate checks the template of a layer, if it has one.
func (o Options) tryTemplate(l layer) error {
	const key = "output"
	value, _ := l.values[key].(string)
	text, ok := strings.CutPrefix(value, templatePrefix)
	if !ok || o.Template == nil {
		return nil
	}
	err := o.Template(text)
	switch at := l.origins[key]; {
	case err != nil && at.Kind == FromFile:
		return errorAt(at, "%q: %w", key, err)
	case err != nil:
		return errorAt(at, "%w", err)
	}
	return nil
}

// CheckResult describes a valid settings file (config-check/v1).
type CheckResult struct {
	Schema     string `json:"schema"`
	File       string `json:"file"`
	Settings   int    `json:"settings"`
	Registries int    `json:"registries"`
}

func readWhole(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return data, err
}

// fileError is the error for a settings file that cannot be read at all.
func fileError(path string, err error) *Error {
	return &Error{Where: "settings file " + path, Err: errtext.WithoutPath(err)}
}

// reader reads the nodes of one settings file.
type reader struct {
	path, home string
}

// parseFile parses a settings file. A file that is empty or has only comments
// sets nothing.
func parseFile(path string, data []byte, home string) (layer, error) {
	r := &reader{path: path, home: home}
	root, err := r.document(data)
	if err != nil || root == nil {
		return newLayer(), err
	}
	return r.layer(root)
}

func (r *reader) document(data []byte) (*yaml.Node, error) {
	var document, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, nil //nolint:nilnil // an empty file is valid
	}
	if err == nil {
		if second := decoder.Decode(&more); second == nil {
			return nil, r.errorAt(&more, "the settings must be one document; a second one begins here")
		} else if !errors.Is(second, io.EOF) {
			err = second
		}
	}
	if err != nil {
		line, message := yamlerr.SyntaxError(err, data)
		return nil, r.errorAt(&yaml.Node{Line: line}, "%s", message)
	}
	if isNull(document.Content[0]) {
		return nil, nil //nolint:nilnil // an empty document sets nothing
	}
	return document.Content[0], nil
}

func (r *reader) origin(n *yaml.Node) Origin {
	return Origin{Kind: FromFile, File: r.path, Line: max(1, n.Line)}
}

func (r *reader) errorAt(n *yaml.Node, format string, args ...any) error {
	return errorAt(r.origin(n), format, args...)
}

// absolute completes a path in the file: ~/ is the home directory, and relative
// paths are relative to the file.
func (r *reader) absolute(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && r.home != "" {
		return filepath.Join(r.home, rest)
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.path), path)
}
