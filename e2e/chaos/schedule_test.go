//go:build e2e

package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"manifest-tool/e2e/internal/fault"
)

// schedule is what goes wrong in one random run: drawn from its seed, so that
// the seed replays it.
type schedule struct {
	seed uint64
	// op is push, copy or tag; into says where to: a registry or a layout.
	op, into string
	// tags are the tags to be written, the first is the index's own; old are
	// those that name another index before.
	tags, old []string
	events    []event
}

// event has some requests of a kind meet a fault: the nth and those after it.
type event struct {
	host, kind, fault string
	nth, times        int
}

// String describes a schedule for people.
func (s schedule) String() string {
	return fmt.Sprintf("%s into a %s, tags %v, old %v, %+v", s.op, s.into, s.tags, s.old, s.events)
}

// newSchedule draws a schedule.
func newSchedule(seed uint64) schedule {
	r := rand.New(rand.NewPCG(seed, 4))
	s := schedule{seed: seed, op: pick(r, "push", "copy", "tag"), into: "registry"}
	if s.op == "copy" && r.IntN(4) == 0 {
		s.into = "layout"
	}
	s.tags = []string{"tag-one", "tag-two", "tag-three"}[:1+r.IntN(3)]
	for _, tag := range s.tags {
		if r.IntN(2) == 0 {
			s.old = append(s.old, tag)
		}
	}
	faults := chaosFaults()
	for range 1 + r.IntN(5) {
		s.events = append(s.events, event{
			host: pick(r, "source", "target"), kind: pick(r, chaosKinds()...), fault: pick(r, faults...),
			nth: 1 + r.IntN(5), times: pick(r, 1, 1, 1, 2, 3, 6, 1000),
		})
	}
	return s
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// chaosKinds are the kinds of requests that may meet a fault; any is all of
// them.
func chaosKinds() []string {
	return append(fault.RequestKinds(), "any", "any", "put manifest", "put manifest")
}

// chaosMishaps are the mishaps of the matrix and some that only make sense in
// company. What is about HTTP/2 and what ends the server for good is left out.
func chaosMishaps() map[string]fault.Handler {
	all := fault.Handlers()
	delete(all, "h2-reset")
	delete(all, "refuse")
	all["answer-lost"] = answerLost
	all["realm-elsewhere"] = realmElsewhere
	all["upload-elsewhere"] = uploadElsewhere
	return all
}

// chaosFaults are their names, in a fixed order.
func chaosFaults() []string {
	var names []string
	for name := range chaosMishaps() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// picks returns what goes wrong at one of the hosts.
func (s schedule) picks(host string) func(string, *http.Request) fault.Handler {
	seen, all := make([]int, len(s.events)), chaosMishaps()
	return func(kind string, _ *http.Request) fault.Handler {
		var happens fault.Handler
		for i, e := range s.events {
			if e.host != host || e.kind != kind && e.kind != "any" {
				continue
			}
			if seen[i]++; happens == nil && seen[i] >= e.nth && seen[i] < e.nth+e.times {
				happens = all[e.fault]
			}
		}
		return happens
	}
}

// answerLost does what is asked and breaks the connection instead of saying so.
func answerLost(p *fault.Registry, w http.ResponseWriter, r *http.Request) {
	_ = fault.RecordResponse(p, r)
	fault.ResetConn(w)
}

// realmElsewhere names the storage host as the token server: it may be asked,
// but not with the login.
func realmElsewhere(p *fault.Registry, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="e2e"`, p.Storage))
	fault.WriteError(w, http.StatusUnauthorized)
}

// uploadElsewhere opens an upload that goes on at the storage host.
func uploadElsewhere(p *fault.Registry, w http.ResponseWriter, r *http.Request) {
	answer := fault.RecordResponse(p, r)
	if at := answer.Header().Get("Location"); strings.Contains(at, "/v2/") {
		answer.Header().Set("Location", "http://"+p.Storage+at[strings.Index(at, "/v2/"):])
	}
	fault.SendResponse(w, r, answer, answer.Body.Len(), answer.Body.Bytes())
}
