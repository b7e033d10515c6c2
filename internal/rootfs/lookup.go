package rootfs

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// maxHops is the number of links that Linux follows in one lookup (MAXSYMLINKS).
const maxHops = 40

// The reasons why there is no program at a path, in addition to fs.ErrNotExist.
var (
	ErrLoop          = errors.New("its links form a loop")
	ErrNotFile       = errors.New("it is not a file")
	ErrNotExecutable = errors.New("it has no execute permission")
)

// node is the entry that is visible at a path.
type node struct {
	path  string
	kind  kind
	layer int
	table *Table
	// source is the path whose bytes it has: its own, or the target of a hard
	// link.
	source string
}

// lookup finds the entry at a clean path in the layers up to top, without
// following symlinks. Layers below the one that decides are not read.
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

// workingDir resolves the symlinks of a working directory. Directories that no
// layer has are empty: runtimes create them before they start a process. Source:
// runc and crun, for the cwd of the OCI runtime specification.
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

// walk resolves a path from a directory, which has no symlinks in its own path.
// If makes is true, a missing component is a directory.
func (s *Stack) walk(ctx context.Context, from, p string, makes bool) (node, error) {
	rest, hops := strings.Split(p, "/"), 0
	last := rootOf(from, p)
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch {
		case last.kind != kindDir: // a final slash requires a directory too
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

// rootOf returns the directory that a path is relative to.
func rootOf(from, p string) node {
	if strings.HasPrefix(p, "/") {
		from = "/"
	}
	return node{path: from, kind: kindDir}
}

// target returns the target of a symlink. On Windows it may have a drive.
func (s *Stack) target(f node) string {
	target := f.table.links[f.table.hash(f.source)]
	if s.windows {
		return CleanWindowsPath(target)
	}
	return target
}
