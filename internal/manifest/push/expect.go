package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// ExpectAbsent is the value of Options.Expect for a tag that must not
// exist yet.
const ExpectAbsent digest.Digest = "absent"

// confirmLimit is how long to wait until a tag names what was pushed.
const confirmLimit = 10 * time.Second

// conflictTimeout is how long to wait while a tag names neither what this push
// has written nor what it named before, which a slow registry hardly explains.
const conflictTimeout = time.Second

// ParseExpect parses the value of --expect: a digest, or absent. Anything else
// is an InputError.
func ParseExpect(s string) (digest.Digest, error) {
	if s == "" || digest.Digest(s) == ExpectAbsent {
		return digest.Digest(s), nil
	}
	d, err := reference.ParseDigest(s)
	if err != nil {
		return "", &manifest.InputError{Err: fmt.Errorf("%q is neither a digest nor %q: %w", s, ExpectAbsent, err)}
	}
	return d, nil
}

// TagConflictError means that a tag does not name what the user expects, so
// that it was not written, or that another push overwrote it.
type TagConflictError struct {
	Ref        reference.Ref
	Want, Have digest.Digest
	// DuringPush is set if the tag changed while the images were copied: those
	// exist then, without a tag.
	DuringPush bool
	// Overwritten is set if the tag was written and then overwritten.
	Overwritten bool
}

// UnconfirmedError means that a tag was written and could not be read back.
type UnconfirmedError struct {
	Ref reference.Ref
	Err error
}

func (e *UnconfirmedError) Error() string { return fmt.Sprintf("%s is unconfirmed: %v", e.Ref, e.Err) }

// Unwrap returns what was wrong.
func (e *UnconfirmedError) Unwrap() error { return e.Err }

func (e *TagConflictError) Error() string {
	have := "nothing"
	if e.Have != "" {
		have = e.Have.String()
	}
	found := fmt.Sprintf("%s%s points to %s", e.Ref.ClaimPrefix(), e.Ref, have)
	switch {
	case e.Overwritten:
		return fmt.Sprintf("%s, not to %s, which was just pushed: another push came after this one", found, e.Want)
	case e.DuringPush:
		return fmt.Sprintf("%s, not to the expected %s: another push came first; no tag was written", found, e.Want)
	}
	return fmt.Sprintf("%s, not to the expected %s; nothing was written", found, e.Want)
}

// tagState is what a tag names before a push.
type tagState struct {
	// Digest is empty if the tag does not exist or could not be read.
	Digest digest.Digest
	Err    error
}

// lookUpTag asks what a tag names now, while the sources are read.
func lookUpTag(ctx context.Context, r manifest.Reader, target reference.Ref) tagState {
	now, err := r.Head(ctx, target)
	var notCreated *store.NotCreatedError
	if errors.Is(err, store.ErrNotFound) || errors.As(err, &notCreated) {
		err = nil
	}
	return tagState{now.Digest, err}
}

// checkExpectation compares what the target named when the push was planned with
// what the user expects. If they differ, nothing at all is written.
func (o Options) checkExpectation(p Plan) error {
	if o.Expect == "" {
		return nil
	}
	if p.Current.Err != nil {
		return fmt.Errorf("looking at %s, which is expected to be %s: %w", p.Target, o.Expect, p.Current.Err)
	}
	if p.Current.Digest != o.expectedDigest() {
		return &TagConflictError{Ref: p.Target, Want: o.Expect, Have: p.Current.Digest}
	}
	return nil
}

// expectedDigest is the digest that is expected, "" for a tag that must not exist.
func (o Options) expectedDigest() digest.Digest {
	if o.Expect == ExpectAbsent {
		return ""
	}
	return o.Expect
}

// confirm reads every written tag back, repeatedly: some registries show a new
// tag late.
func (t *tagPusher) confirm(ctx context.Context) {
	t.forEachTag(func(r *TagResult, ref reference.Ref) {
		if r.Err == nil {
			r.Err = t.waitForTag(ctx, ref, t.plan.Index.Descriptor.Digest)
		}
	})
	t.forEachImage(func(one *PlatformTag, ref reference.Ref) {
		if one.Err == nil {
			one.Err = t.waitForTag(ctx, ref, one.Digest)
		}
	})
}

func (t *tagPusher) waitForTag(ctx context.Context, ref reference.Ref, want digest.Digest) error {
	before := tagState{Err: errors.New("it was not looked at")}
	if ref.Tag == t.plan.Target.Tag {
		before = t.plan.Current
	}
	var now tagState
	for pause, waited := 100*time.Millisecond, time.Duration(0); ; pause *= 2 {
		if now = t.readBack(ctx, ref); now.Err == nil && now.Digest == want {
			return nil
		}
		if !now.mayStillChange() {
			break
		}
		limit := confirmLimit
		if now.Err == nil && now.Digest != "" && before.Err == nil && now.Digest != before.Digest {
			limit = conflictTimeout
		}
		if waited += pause; waited > limit {
			break
		}
		if err := t.o.Sleep(ctx, pause); err != nil {
			return &UnconfirmedError{ref, err}
		}
	}
	switch {
	case now.Err != nil:
		return &UnconfirmedError{ref, now.Err}
	case now.Digest == "":
		return &UnconfirmedError{ref, errors.New("it was taken, and is not shown")}
	case before.Err != nil:
		return &UnconfirmedError{ref, fmt.Errorf("%sit names %s, not %s", ref.ClaimPrefix(), now.Digest, want)}
	case now.Digest == before.Digest:
		return &UnconfirmedError{ref, fmt.Errorf("%sit still names %s, as it did before", ref.ClaimPrefix(), now.Digest)}
	}
	return &TagConflictError{Ref: ref, Want: want, Have: now.Digest, Overwritten: true}
}
