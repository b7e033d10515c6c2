// Package probe tests what a registry supports. Run makes small images, pushes
// them to a repository, and reports check by check whether the registry behaves
// as the distribution-spec requires or allows, with the requests and responses of
// each check. It deletes what it wrote, if the registry permits that.
//
// A check is a row of a table (check.go). A check that fails says that the
// registry is wrong; one that ends with an error could not be carried out. Report
// is test-registry/v1 of docs/output. Source: issue 13.
package probe

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/config"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

const (
	// limitOfCheck is how long one check may take.
	limitOfCheck = 20 * time.Second
	// limitOfRun is how long a run may take if the context has no deadline.
	limitOfRun = 2 * time.Minute
	// limitOfCleanup is how long deleting may take after the checks.
	limitOfCleanup = 20 * time.Second
	// limitOfReadBack is how long the registry may take until it returns what it stored.
	limitOfReadBack = 5 * time.Second
)

// Options are the choices of one Run.
type Options struct {
	// Only limits the checks to these sections; nil means all.
	Only []Section
	// Settings are those for the registry in this run, which the report repeats.
	Settings config.Registry
	// Keep leaves what was written in the registry.
	Keep bool
	// Transport sends the requests, with credentials and TLS.
	Transport http.RoundTripper
	// RequestToken sends a request to a token server without the login of the run:
	// (*transport.Transport).RequestToken.
	RequestToken func(context.Context, transport.TokenRequest) (transport.TokenExchange, error)
	// Redact removes secrets from text.
	Redact func(string) string
	// Now is the clock.
	Now func() time.Time
	// Limits replace the default time limits, in tests; zero values are the defaults.
	Limits Limits
}

// Limits bound the time of a run.
type Limits struct{ Check, Run, Cleanup, ReadBack time.Duration }

func (l Limits) orDefault() Limits {
	for _, one := range []struct {
		at  *time.Duration
		def time.Duration
	}{{&l.Check, limitOfCheck}, {&l.Run, limitOfRun}, {&l.Cleanup, limitOfCleanup}, {&l.ReadBack, limitOfReadBack}} {
		if *one.at == 0 {
			*one.at = one.def
		}
	}
	return l
}

// run is the state of one Run.
type run struct {
	*client
	// repository is where the checks write; sibling is a second repository of the same
	// registry, for mounts.
	repository, sibling string
	content             content
	written             written
	// sharedBlobs are in the repository, where others may use them too.
	sharedBlobs []digest.Digest
	// remembered are responses that several checks look at.
	remembered map[string]remembered
	// session is the upload session that several checks use, nil if none is open.
	session *upload
	// finished is the response to the last blob upload of two steps.
	finished remembered
	// facts are the measured values of the checks so far, by name.
	facts map[string]string
	now   func() time.Time
	// readBackLimit bounds the wait for something that was stored.
	readBackLimit time.Duration
	// requestToken is that of Options.
	requestToken func(context.Context, transport.TokenRequest) (transport.TokenExchange, error)
}

// Sibling returns the second repository that Run uses. Both must be announced to the
// transport as written, so that one token covers them.
func Sibling(ref reference.Ref) reference.Ref {
	name := ref.Repository.RepositoryStr() + "-" + siblingSuffix
	ref.Repository, ref.Original = ref.Repository.Repo(name), ref.Host()+"/"+name
	return ref
}

// Run carries out the checks in a repository, ref without tag or digest, and
// reports them. The error is for bad input; a registry that cannot be reached is a
// report whose checks have errors. Shortly before the deadline of ctx, or two minutes if
// it has none, the remaining checks are errors, and what was written is deleted.
func Run(ctx context.Context, ref reference.Ref, o Options) (Report, error) {
	limits := o.Limits.orDefault()
	ctx, cancel, cleanup := limits.divide(ctx)
	defer cancel()
	id, err := newID()
	if err != nil {
		return Report{}, err
	}
	r := &run{
		client:     &client{host: ref.Repository.RegistryStr(), transport: o.Transport, redact: o.Redact},
		repository: ref.Repository.RepositoryStr(), sibling: Sibling(ref).Repository.RepositoryStr(),
		content: content{id}, facts: map[string]string{}, remembered: map[string]remembered{}, now: o.Now, requestToken: o.RequestToken, readBackLimit: limits.ReadBack,
	}
	report := Report{Schema: Schema, Registry: ref.Host(), Repository: r.repository, Started: o.Now().UTC()}
	for _, c := range allChecks() {
		if len(o.Only) == 0 || slices.Contains(o.Only, c.section) {
			report.add(r.carryOut(ctx, c, limits.Check))
		}
	}
	report.Left = r.clean(ctx, o.Keep, cleanup)
	report.Requests, report.Server, report.Took = r.sent, r.facts["server"], o.Now().Sub(report.Started)
	report.Verdict = verdictOf(report)
	if api, found := report.Result("connection-api"); found && api.Status == StatusFail {
		return report, nil // what this run used does not fit
	}
	report.Settings, err = settingsFor(report.Registry, o.Settings, r.facts)
	return report, err
}

var errRunLimit = errors.New("the time of the run is over")

// divide returns the context of the checks of a run, and the time that remains of its
// deadline for deleting: a quarter, Cleanup at most.
func (l Limits) divide(ctx context.Context) (checks context.Context, cancel context.CancelFunc, cleanup time.Duration) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		deadline = time.Now().Add(l.Run)
	}
	cleanup = min(l.Cleanup, time.Until(deadline)/4)
	checks, cancel = context.WithDeadlineCause(ctx, deadline.Add(-cleanup), errRunLimit)
	return checks, cancel, cleanup
}

func (r *Report) add(one Result) {
	r.Results = append(r.Results, one)
	r.Summary.add(one.Status)
}

// carryOut runs one check within its time limit.
func (r *run) carryOut(ctx context.Context, c check, limit time.Duration) Result {
	out := Result{Name: c.name, Section: c.section, Title: c.title, Spec: c.spec, Required: c.required}
	if ctx.Err() != nil {
		out.Status, out.Detail = StatusError, "not carried out: "+context.Cause(ctx).Error()
		return out
	}
	begun := r.now()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errors.New("the registry did not respond within the time limit of a check"))
	defer cancel()
	r.exchanges = nil
	got := c.run(ctx, r)
	out.Status, out.Detail, out.Facts, out.Took = got.status, r.redact(got.detail), got.facts, r.now().Sub(begun)
	if got.status == StatusError && ctx.Err() != nil {
		out.Detail = context.Cause(ctx).Error()
	}
	out.Exchanges, r.exchanges = r.exchanges, nil
	for k, v := range got.facts {
		got.facts[k] = r.redact(v)
		r.facts[k] = got.facts[k]
	}
	return out
}
