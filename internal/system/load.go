package system

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"manifest-tool/internal/errtext"
)

// maxFile bounds a file that is read, in bytes, and maxFiles a directory.
const (
	maxFile  = 1 << 20
	maxFiles = 1000
)

// Options is where to look for files.
type Options struct {
	// Getenv reads the environment: CONTAINERS_REGISTRIES_CONF, XDG_CONFIG_HOME and
	// PROGRAMDATA.
	Getenv func(string) string
	// Home is the home directory of the user, "" if there is none.
	Home string
	// Root takes the place of / for the files of the machine; "" is /.
	Root string
}

// Load reads the files of this machine. A file that does not exist says nothing; one
// that cannot be used is left out, with a warning in the result.
func Load(o Options) *Rules {
	r := &Rules{aliases: map[string]alias{}, CertDirs: o.certDirs()}
	r.add(r.containers(o))
	r.add(r.containerd())
	r.add(r.docker(o))
	return r
}

// certDirs are the directories in which containerd and nerdctl keep a directory per
// host, with its hosts.toml and its certificates.
func (o Options) certDirs() []string {
	var dirs []string
	if own := o.configHome(); own != "" {
		dirs = append(dirs, filepath.Join(own, "containerd", "certs.d"), filepath.Join(own, "docker", "certs.d"))
	}
	return append(dirs, o.machine("etc", "containerd", "certs.d"), o.machine("etc", "docker", "certs.d"))
}

// configHome is the directory of the user's settings, "" if there is none.
func (o Options) configHome() string {
	own := o.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(own) && o.Home != "" {
		own = filepath.Join(o.Home, ".config")
	}
	if !filepath.IsAbs(own) {
		return ""
	}
	return own
}

func (o Options) machine(parts ...string) string {
	root := o.Root
	if root == "" {
		root = "/"
		if runtime.GOOS == "windows" {
			root = `C:\`
		}
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// read returns the bytes of a file. ok is false if there are none: with a warning,
// unless the file does not exist or named is not set and it may not be read.
func (r *Rules) read(path string, named bool) (data []byte, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		if named || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			r.warn("", Origin{File: path}, "left out: %v", errtext.WithoutPath(err))
		}
		return nil, false
	}
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	if err != nil {
		r.warn("", Origin{File: path}, "left out: %v", errtext.WithoutPath(err))
		return nil, false
	}
	return data, true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
