package rootfs

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// maxHops is how many links Linux follows in one lookup (MAXSYMLINKS).
const maxHops = 40

// The reasons why a path leads to no program, beside fs.ErrNotExist.
var (
	ErrLoop          = errors.New("its links lead round in a circle")
	ErrNotFile       = errors.New("it is no file")
	ErrNotExecutable = errors.New("nobody may execute it")
)

// node is an entry that is visible under a path.
type node struct {
	path  string
	kind  kind
	layer int
	table *Table
	// source is the path whose bytes it has: its own, or that of a hard link.
	source string
}

// lookup finds what a clean path means, without following a symlink in it,
// among the layers up to top. Layers below the one that decides are not read.
func (s *Stack) lookup(ctx context.Context, p string, top int) (node, error) {
	source := p
	hops := 0
	for i := top; i >= 0; i-- {
		t, err := s.table(ctx, i)
		if err != nil {
			return node{}, err
		}
		r := t.at(source)
		for r.kind == kindHardlink {
			if hops++; hops > maxHops {
				return node{}, ErrLoop
			}
			source = t.links[r.path]
			r = t.at(source)
		}
		if r.kind != kindNone {
			return node{path: p, kind: r.kind, layer: i, table: t, source: source}, nil
		}
		if t.hides(source) {
			break
		}
	}
	return node{}, fs.ErrNotExist
}

// workingDir returns where a working directory is, links followed. What no layer
// has of it is taken for empty folders, as runtimes make them before they start
// anything. Source: runc and crun, which make the cwd of the OCI runtime
// specification.
func (s *Stack) workingDir(ctx context.Context, dir string) (string, error) {
	f, err := s.walk(ctx, "/", dir, true)
	switch {
	case err != nil:
		return "", err
	case f.kind != kindDir:
		return "", ErrNotFile
	}
	return f.path, nil
}

// walk follows a path from a folder, to which no symlink leads, with its own
// symlinks. With makes, what is missing is a folder.
func (s *Stack) walk(ctx context.Context, from, p string, makes bool) (node, error) {
	rest, hops := strings.Split(p, "/"), 0
	last := rootOf(from, p)
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch {
		case last.kind != kindDir: // also for what follows a slash at the end
			return node{}, ErrNotFile
		case name == "" || name == ".":
			continue
		case name == "..":
			last = rootOf(path.Dir(last.path), "")
			continue
		}
		next, err := s.lookup(ctx, path.Join(last.path, name), len(s.layers)-1)
		switch {
		case makes && errors.Is(err, fs.ErrNotExist):
			next = rootOf(path.Join(last.path, name), "")
		case err != nil:
			return node{}, err
		}
		if next.kind == kindSymlink {
			if hops++; hops > maxHops {
				return node{}, ErrLoop
			}
			target := s.target(next)
			last, rest = rootOf(last.path, target), append(strings.Split(target, "/"), rest...)
			continue
		}
		last = next
	}
	return last, nil
}

// rootOf is the folder from which a path leads.
func rootOf(from, p string) node {
	if strings.HasPrefix(p, "/") {
		from = "/"
	}
	return node{path: from, kind: kindDir}
}

// target is where a symlink leads. Those of Windows may name a drive.
func (s *Stack) target(f node) string {
	target := f.table.links[f.table.hash(f.source)]
	if s.windows {
		return CleanWindowsPath(target)
	}
	return target
}
