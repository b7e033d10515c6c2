package auth

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"manifest-tool/internal/errtext"
	"os"
	"path/filepath"
	"sync"
)

// The kinds of places, as people are told of them.
const (
	dockerFile   = "docker config"
	podmanFile   = "podman auth file"
	authVariable = "DOCKER_AUTH_CONFIG"
	authFlag     = "--username"
	noLogin      = "--anonymous"
)

// source is a config file, or a variable that holds one.
type source struct {
	kind string
	// path is the file's; "" for a variable.
	path string
	// by is what named the file: a flag, a variable, or nothing.
	by string
	// absentReason says why there is nothing to read; "" where there may be.
	absentReason string
	// read returns what is there, and reads it once.
	read func() (dockerConfig, error)
}

// sourcesInOrder lists where credentials are looked for, in this order (decision 19;
// fault 87): what a flag names, what the environment holds or names, the files
// of the home folder; Docker's before Podman's. A file that is named stands in
// for the files of its tool that nobody named.
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
	folder := o.Getenv("DOCKER_CONFIG")
	if named == "" {
		add(dockerFile, joinIf(folder, configName), "DOCKER_CONFIG")
	}
	podman := o.Getenv("REGISTRY_AUTH_FILE")
	add(podmanFile, podman, "REGISTRY_AUTH_FILE")
	if named == "" && folder == "" {
		add(dockerFile, joinIf(o.Home, ".docker", configName), "")
	}
	if podman == "" {
		for _, path := range podmanFiles(o) {
			add(podmanFile, path, "")
		}
	}
	return all, nil
}

// writableConfig is the file that Login and Logout work on: the first file there is a
// name for, in the order of places. It need not exist. Podman's is written only
// when REGISTRY_AUTH_FILE names it.
func writableConfig(o Options) (*source, error) {
	docker, podman := o.Getenv("DOCKER_CONFIG"), o.Getenv("REGISTRY_AUTH_FILE")
	switch {
	case o.DockerConfig != "":
		return file(dockerFile, configIn(o.DockerConfig), "--docker-cfg"), nil
	case docker != "":
		return file(dockerFile, joinIf(docker, configName), "DOCKER_CONFIG"), nil
	case podman != "":
		return file(podmanFile, podman, "REGISTRY_AUTH_FILE"), nil
	case o.Home != "":
		return file(dockerFile, joinIf(o.Home, ".docker", configName), ""), nil
	}
	return nil, errors.New("there is no home folder to keep a login in, and neither --docker-cfg nor DOCKER_CONFIG names a file")
}

// configIn is the config file that a value of --docker-cfg means: itself, or
// the one in that folder. What is not there yet is a file when it is called
// *.json.
func configIn(value string) string {
	info, err := os.Stat(value)
	if err == nil && info.IsDir() || err != nil && filepath.Ext(value) != ".json" {
		return filepath.Join(value, configName)
	}
	return value
}

// podmanFiles are the files that Podman, Skopeo and Buildah read when none is
// named, in their order. Source: containers-auth.json(5).
func podmanFiles(o Options) []string {
	run := cmp.Or(joinIf(o.Getenv("XDG_RUNTIME_DIR"), "containers"), o.RunDir)
	return []string{
		joinIf(run, "auth.json"),
		joinIf(cmp.Or(o.Getenv("XDG_CONFIG_HOME"), joinIf(o.Home, ".config")), "containers", "auth.json"),
	}
}

// joinIf joins a path to a folder; "" where there is no folder.
func joinIf(folder string, rest ...string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(append([]string{folder}, rest...)...)
}

// namedConfig is the file that the flag names, by itself or by its folder.
func namedConfig(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	if _, err := os.Stat(value); err != nil {
		return "", fmt.Errorf("failed to check state of docker-cfg value: %w", errtext.FileError(err))
	}
	return configIn(value), nil
}

func file(kind, path, by string) *source {
	p := &source{kind: kind, path: path, by: by}
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.absentReason = "there is no such file"
	case err != nil && by == "":
		// Nobody asked for it, and a home folder is often out of reach, or
		// none, in a container.
		p.absentReason, path = "it is out of reach", ""
	}
	p.read = sync.OnceValues(func() (dockerConfig, error) { return load(kind, path) })
	return p
}

// variable is DOCKER_AUTH_CONFIG, whose value has the form of a config file.
func variable(value string) *source {
	p := &source{kind: authVariable}
	if value == "" {
		p.absentReason = "it is not set"
	}
	p.read = sync.OnceValues(func() (dockerConfig, error) {
		file, err := parse([]byte(value))
		if err != nil {
			return dockerConfig{}, &FileError{Source: authVariable, Problem: decodeProblem([]byte(value), err)}
		}
		return newDockerConfig(file), nil
	})
	return p
}
