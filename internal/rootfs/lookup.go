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

// found is an entry that is visible under a path.
type found struct {
	path  string
	kind  kind
	layer int
	table *Table
	// source is the path whose bytes it has: its own, or that of a hard link.
	source string
}

// lookup finds what a clean path means, without following a symlink in it,
// among the layers up to top. Layers below the one that decides are not read.
func (s *Stack) lookup(ctx context.Context, p string, top int) (found, error) {
	source := p
	hops := 0
	for i := top; i >= 0; i-- {
		t, err := s.table(ctx, i)
		if err != nil {
			return found{}, err
		}
		r := t.at(source)
		for r.kind == hardlink {
			if hops++; hops > maxHops {
				return found{}, ErrLoop
			}
			source = t.links[r.path]
			r = t.at(source)
		}
		if r.kind != nothing {
			return found{path: p, kind: r.kind, layer: i, table: t, source: source}, nil
		}
		if t.hides(source) {
			break
		}
	}
	return found{}, fs.ErrNotExist
}

// walk follows a path from the root, with its symlinks.
func (s *Stack) walk(ctx context.Context, p string) (found, error) {
	rest, at, hops := strings.Split(p, "/"), "/", 0
	last := found{path: "/", kind: folder}
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch {
		case last.kind != folder: // also for what follows a slash at the end
			return found{}, ErrNotFile
		case name == "" || name == ".":
			continue
		case name == "..":
			at = path.Dir(at)
			continue
		}
		next, err := s.lookup(ctx, path.Join(at, name), len(s.layers)-1)
		if err != nil {
			return found{}, err
		}
		if next.kind == symlink {
			if hops++; hops > maxHops {
				return found{}, ErrLoop
			}
			target := s.target(next)
			if strings.HasPrefix(target, "/") {
				at = "/"
			}
			rest = append(strings.Split(target, "/"), rest...)
			continue
		}
		last = next
		if next.kind == folder {
			at = next.path
		}
	}
	return last, nil
}

// target is where a symlink leads. Those of Windows may name a drive.
func (s *Stack) target(f found) string {
	target := f.table.links[f.table.hash(f.source)]
	if s.windows {
		return fromWindows(target)
	}
	return target
}
