//go:build e2e

// Package matrix has every kind of request meet every fault and compares the
// outcome with matrix.txt.
package matrix

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestMatrix has every kind of request meet every fault, once and always,
// before a registry in memory and before a real one, and compares the outcome
// with the table. Whatever the outcome: the target's tag is the old or the new
// one, what it names is whole, no secret is shown, no stranger is talked to.
func TestMatrix(t *testing.T) {
	t.Parallel()
	table := matrixTable(t)
	if len(table) != len(fault.Handlers()) {
		t.Errorf("the table has %d rows, there are %d faults", len(table), len(fault.Handlers()))
	}
	backends := map[string]*registrytest.Registry{"memory": nil, "registry": registrytest.StartOpen(t)}
	for fault := range fault.Handlers() {
		for name, backend := range backends {
			t.Run(fault+"/"+name, func(t *testing.T) {
				t.Parallel()
				matrixRow(t, fault, backend, table[fault])
			})
		}
	}
}

func matrixRow(t *testing.T, name string, backend *registrytest.Registry, want map[string]expected) {
	t.Helper()
	var cells []*matrixRun
	for _, kind := range fault.RequestKinds() {
		for _, always := range []bool{false, true} {
			c := &matrixRun{kind: kind, fault: name, always: always}
			c.prepare(t, backend, len(cells))
			cells = append(cells, c)
		}
	}
	var all sync.WaitGroup
	for _, c := range cells {
		all.Go(func() { c.done = c.run.Run() })
	}
	all.Wait()
	for _, c := range cells {
		must := want[c.kind].once
		if c.always {
			must = want[c.kind].always
		}
		c.check(t, must)
	}
}

// check compares a finished cell with what it must be.
func (c *matrixRun) check(t *testing.T, want string) {
	t.Helper()
	name := fmt.Sprintf("%s meets %s, always %v", c.kind, c.fault, c.always)
	if got := c.outcome(); got != want {
		t.Errorf("%s: %s, want %s\n%s", name, got, want, clitest.Tail(c.done.Stderr))
	}
	if hits := c.hits.Load(); hits == 0 || hits > 25 {
		t.Errorf("%s: the request was sent %d times\n%s", name, hits, clitest.Tail(c.done.Stderr))
	}
	for _, trouble := range fault.Violations(c.done, c.p.Host, c.p.Storage) {
		t.Errorf("%s: %s\n%s", name, trouble, clitest.Tail(c.done.Stderr))
	}
	if n := c.logins.Load(); n > 0 {
		t.Errorf("%s: %d requests brought a login to the storage", name, n)
	}
	pings := 0
	if c.kind == "opening" && (c.fault == "403" || c.fault == "404") { // a registry that may hide content
		pings = 1
	}
	if n := c.p.Count("ping"); n != pings {
		t.Errorf("%s: %d pings, want %d", name, n, pings)
	}
	c.checkTarget(t, name)
}

// checkTarget looks at the tag with the stage's own eyes.
func (c *matrixRun) checkTarget(t *testing.T, name string) {
	t.Helper()
	var at fixture.Reader = c.backend.Repository(c.repo)
	if reads(c.kind) {
		at = c.layout
	}
	now := c.named(t)
	if c.done.Code == 0 && !strings.Contains(c.done.Stdout, "Digest: "+now.String()+" ") {
		t.Errorf("%s: the run succeeded, and the tag names %s\n%s", name, now, c.done.Stdout)
	}
	if now == c.old.Digest() && c.done.Code == 0 {
		t.Errorf("%s: the run succeeded, and the tag names the old index", name)
	} else if now != c.old.Digest() {
		fixture.WantEntries(t, fixture.WantComplete(t, at, now), c.index.Children...)
	}
	if reads(c.kind) {
		fixture.WantNoTemporaryFiles(t, c.layout)
	}
}
