package auth

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"manifest-tool/internal/errtext"
)

// The kinds of sources, as printed.
const (
	dockerFile   = "docker config"
	podmanFile   = "podman auth file"
	authVariable = "DOCKER_AUTH_CONFIG"
	authFlag     = "--username"
	noLogin      = "--anonymous"
)

// source is a config file, or a variable with the content of one.
type source struct {
	kind string
	// path is that of the file, "" for a variable.
	path string
	// by is the flag or the variable that names the file, if any.
	by string
	// absentReason is the reason why there is nothing to read, if that is known.
	absentReason string
	// read returns the content, which is read once.
	read func() (dockerConfig, error)
}

// sourcesInOrder returns the sources of credentials in search order (decision 19;
// fault 87): that of a flag, those of the environment, the files of the home
// directory; Docker's before Podman's. A file named by a flag or a variable
// replaces the default files of its tool.
func sourcesInOrder(o Options) ([]*source, error) {
	if o.Anonymous {
		return nil, nil
	}
	named, err := namedConfig(o.DockerConfig)
	if err != nil {
		return nil, err
	}
	var all []*source
	add := func(kind, path, by string) {
		if path != "" {
			all = append(all, file(kind, path, by))
		}
	}
	add(dockerFile, named, "--docker-cfg")
	all = append(all, variable(o.Getenv(authVariable)))
	dir := o.Getenv("DOCKER_CONFIG")
	if named == "" {
		add(dockerFile, configInDir(dir), "DOCKER_CONFIG")
	}
	podman := o.Getenv("REGISTRY_AUTH_FILE")
	add(podmanFile, podman, "REGISTRY_AUTH_FILE")
	if named == "" && dir == "" {
		add(dockerFile, joinIf(o.Home, ".docker", configName), "")
	}
	if podman == "" {
		for _, path := range podmanFiles(o) {
			add(podmanFile, path, "")
		}
	}
	return all, nil
}

// writableConfig returns the file that Login and Logout edit: the first file of
// the search order. It need not exist. Podman's is written only if
// REGISTRY_AUTH_FILE names it.
func writableConfig(o Options) (*source, error) {
	docker, podman := o.Getenv("DOCKER_CONFIG"), o.Getenv("REGISTRY_AUTH_FILE")
	switch {
	case o.DockerConfig != "":
		return file(dockerFile, configIn(o.DockerConfig), "--docker-cfg"), nil
	case docker != "":
		return file(dockerFile, configInDir(docker), "DOCKER_CONFIG"), nil
	case podman != "":
		return file(podmanFile, podman, "REGISTRY_AUTH_FILE"), nil
	case o.Home != "":
		return file(dockerFile, joinIf(o.Home, ".docker", configName), ""), nil
	}
	return nil, errors.New("there is no home directory for a login, and neither --docker-cfg nor DOCKER_CONFIG names a file")
}

// configIn returns the config file that a value of --docker-cfg means: itself, or
// the one in that directory. A path that does not exist is a file if its name is
// *.json.
func configIn(value string) string {
	info, err := os.Stat(value)
	if err == nil && info.IsDir() || err != nil && filepath.Ext(value) != ".json" {
		return configInDir(value)
	}
	return value
}

// configInDir returns the config file of a directory that was named: config.json,
// or, if there is none, the file of a mounted Kubernetes secret.
func configInDir(dir string) string {
	if dir == "" {
		return ""
	}
	for _, name := range []string{configName, secretName, oldName} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return filepath.Join(dir, configName)
}

// podmanFiles returns the default files of Podman, Skopeo and Buildah, in their
// order. Source: containers-auth.json(5).
func podmanFiles(o Options) []string {
	run := cmp.Or(joinIf(o.Getenv("XDG_RUNTIME_DIR"), "containers"), o.RunDir)
	return []string{
		joinIf(run, "auth.json"),
		joinIf(cmp.Or(o.Getenv("XDG_CONFIG_HOME"), joinIf(o.Home, ".config")), "containers", "auth.json"),
	}
}

// joinIf joins a path to a directory; the result is "" if dir is "".
func joinIf(dir string, rest ...string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(append([]string{dir}, rest...)...)
}

// namedConfig returns the file that the flag names, directly or by its directory.
func namedConfig(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	if _, err := os.Stat(value); err != nil {
		return "", errtext.WithHint(fmt.Errorf("failed to check state of docker-cfg value: %w", errtext.FileError(err)),
			"--docker-cfg names a config.json or the directory that contains it; without the flag the default files are read")
	}
	return configIn(value), nil
}

func file(kind, path, by string) *source {
	p := &source{kind: kind, path: path, by: by}
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.absentReason = "it does not exist"
	case err != nil && by == "":
		// It is a default, and a home directory is often inaccessible or
		// missing in a container.
		p.absentReason, path = "it is inaccessible", ""
	}
	p.read = sync.OnceValues(func() (dockerConfig, error) {
		c, err := load(kind, path)
		var broken *FileError
		if errors.As(err, &broken) {
			broken.Named = by != ""
		}
		return c, err
	})
	return p
}

// mayBeUnreadable reports whether an error of read is that of a file that no flag and
// no variable names, and that cannot be read: after sudo docker login it belongs to
// root, and a container may have a directory in its place.
func (p *source) mayBeUnreadable(err error) bool {
	var broken *FileError
	return p.by == "" && errors.As(err, &broken) && broken.Err != nil
}

// variable returns the source DOCKER_AUTH_CONFIG, whose value is the content of a
// config file.
func variable(value string) *source {
	p := &source{kind: authVariable}
	if value == "" {
		p.absentReason = "it is not set"
	}
	p.read = sync.OnceValues(func() (dockerConfig, error) {
		data, _ := withAuths(ToUTF8([]byte(value)))
		file, err := parse(data)
		if err != nil {
			return dockerConfig{}, &FileError{Source: authVariable, Problem: decodeProblem(data, err)}
		}
		return newDockerConfig(file), nil
	})
	return p
}
