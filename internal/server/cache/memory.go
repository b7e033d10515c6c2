package cache

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// itemOverhead is an estimate of what a value takes in memory in addition to its
// bytes and its key, in bytes.
const itemOverhead = 200

// Memory is a Storage in memory, bounded by the sum of its bytes: the values that
// were not used for the longest time are dropped first. It is safe for concurrent
// use.
type Memory struct {
	limit int64
	now   func() time.Time

	mu    sync.Mutex
	size  int64
	items map[string]*list.Element
	// recent has the values, the one used last in front.
	recent *list.List
}

type memoryItem struct {
	key     string
	value   []byte
	expires time.Time
}

func (i *memoryItem) size() int64 { return int64(len(i.key)+len(i.value)) + itemOverhead }

// NewMemory returns an empty Memory of at most limit bytes.
func NewMemory(limit int64, now func() time.Time) *Memory {
	return &Memory{limit: limit, now: now, items: map[string]*list.Element{}, recent: list.New()}
}

// Get implements Storage.
func (m *Memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, found := m.items[key]
	if !found {
		return nil, false, nil
	}
	i := itemOf(at)
	if m.now().After(i.expires) {
		m.remove(at)
		return nil, false, nil
	}
	m.recent.MoveToFront(at)
	return i.value, true, nil
}

// Set implements Storage. A value larger than the limit is not stored.
func (m *Memory) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	i := &memoryItem{key, value, m.now().Add(ttl)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, found := m.items[key]; found {
		m.remove(at)
	}
	if i.size() > m.limit {
		return nil
	}
	m.items[key] = m.recent.PushFront(i)
	for m.size += i.size(); m.size > m.limit; {
		m.remove(m.recent.Back())
	}
	return nil
}

// Lock implements Storage: there is one machine, whose callers share requests already.
func (m *Memory) Lock(context.Context, string, time.Duration) (func(), bool, error) {
	return func() {}, true, nil
}

// Size returns the number of values and the sum of their bytes.
func (m *Memory) Size() (values int, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.items), m.size
}

func (m *Memory) remove(at *list.Element) {
	i := itemOf(at)
	m.recent.Remove(at)
	delete(m.items, i.key)
	m.size -= i.size()
}

// itemOf returns the value of an element, which is always a *memoryItem.
func itemOf(at *list.Element) *memoryItem {
	i, _ := at.Value.(*memoryItem)
	return i
}
