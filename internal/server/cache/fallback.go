package cache

import (
	"context"
	"sync"
	"time"
)

// remotePause is how long a Storage that failed is not used.
const remotePause = time.Second

// Fallback is a Storage that uses another one, such as one that several machines share,
// and while that fails its own Memory. After a failure the other one is left alone for
// a time, then one caller tries it. It never fails.
type Fallback struct {
	remote Storage
	local  *Memory
	now    func() time.Time
	report func(error)

	mu    sync.Mutex
	down  bool
	retry time.Time
	// trying is set while a caller tries a remote that is down.
	trying bool
}

// NewFallback returns a Fallback. report, which may be nil, is called with the error
// when the remote Storage begins to fail, and with nil when it works again.
func NewFallback(remote Storage, local *Memory, now func() time.Time, report func(error)) *Fallback {
	if report == nil {
		report = func(error) {}
	}
	return &Fallback{remote: remote, local: local, now: now, report: report}
}

// Get implements Storage. What the remote one lost may still be in memory.
func (f *Fallback) Get(ctx context.Context, key string) (value []byte, found bool, _ error) {
	f.try(ctx, func() (err error) {
		value, found, err = f.remote.Get(ctx, key)
		return err
	})
	if !found {
		return f.local.Get(ctx, key)
	}
	return value, found, nil
}

// Set implements Storage.
func (f *Fallback) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	f.try(ctx, func() error { return f.remote.Set(ctx, key, value, ttl) })
	return f.local.Set(ctx, key, value, ttl)
}

// Lock implements Storage. Without the remote one each machine works for itself.
func (f *Fallback) Lock(ctx context.Context, key string, ttl time.Duration) (unlock func(), acquired bool, _ error) {
	if f.try(ctx, func() (err error) {
		unlock, acquired, err = f.remote.Lock(ctx, key, ttl)
		return err
	}) {
		return unlock, acquired, nil
	}
	return f.local.Lock(ctx, key, ttl)
}

// Size returns the number of values in memory and the sum of their bytes.
func (f *Fallback) Size() (values int, bytes int64) { return f.local.Size() }

// Down reports whether the remote Storage is not used, since it failed.
func (f *Fallback) Down() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down
}

// try calls the remote Storage, unless that is left alone, and reports whether it
// succeeded. A caller that gives up says nothing about it.
func (f *Fallback) try(ctx context.Context, call func() error) bool {
	if !f.admit() {
		return false
	}
	err := call()
	f.mu.Lock()
	f.trying = false
	changed := false
	if err == nil || ctx.Err() == nil {
		changed = f.down != (err != nil)
		f.down = err != nil
		f.retry = f.now().Add(remotePause)
	}
	f.mu.Unlock()
	if changed {
		f.report(err)
	}
	return err == nil
}

// admit reports whether a caller may use the remote Storage.
func (f *Fallback) admit() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.down {
		return true
	}
	if f.trying || f.now().Before(f.retry) {
		return false
	}
	f.trying = true
	return true
}
