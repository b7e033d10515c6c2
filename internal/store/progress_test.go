package store

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// tracked returns a store that counts the blobs it moves.
func tracked(t *testing.T, o transport.Options) (*Store, *progress.Tracker) {
	t.Helper()
	tracker := progress.NewTracker()
	s, err := New(Options{Transport: o, Progress: tracker})
	if err != nil {
		t.Fatal(err)
	}
	return s, tracker
}

// wantBlob compares the only blob of a snapshot, but for its name and its ID.
func wantBlob(t *testing.T, tracker *progress.Tracker, want progress.BlobState) {
	t.Helper()
	got := tracker.Snapshot().Blobs
	if len(got) != 1 {
		t.Fatalf("%d blobs: %+v", len(got), got)
	}
	want.ID, want.Digest, want.From, want.To = got[0].ID, got[0].Digest, got[0].From, got[0].To
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func copied(state progress.State, bytes, moved int64) progress.BlobState {
	return progress.BlobState{Transfer: progress.Transfer{Action: progress.ActionCopy, Size: bytes}, State: state, Bytes: bytes, Moved: moved}
}

// TestProgressOfCopies counts the bytes of a blob once, and none of one that is not sent.
func TestProgressOfCopies(t *testing.T) {
	content := strings.Repeat("layer", 1<<14)
	size := int64(len(content))
	source, target := newFront(t, nil), newFront(t, nil)
	desc := source.putBlob(t, "a", content)
	s, tracker := tracked(t, transport.Options{})
	copyTo := func(text string, hints CopyHints) {
		t.Helper()
		from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, text, true)
		if err := s.CopyBlob(t.Context(), from, to, desc, hints); err != nil {
			t.Fatal(err)
		}
	}
	copyTo(target.host+"/d:1", CopyHints{})
	wantBlob(t, tracker, copied(progress.StateCopied, size, size))

	copyTo(target.host+"/e:1", CopyHints{Content: []byte(content)})
	wantBlob(t, tracker, copied(progress.StateCopied, size, size))

	target.answer = mounting(http.StatusCreated, "")
	copyTo(target.host+"/d:1", CopyHints{})
	wantBlob(t, tracker, copied(progress.StateExists, size, 0))

	source.answer = mounting(http.StatusCreated, "")
	copyTo(source.host+"/d:1", CopyHints{})
	wantBlob(t, tracker, copied(progress.StateMounted, size, 0))

	source.answer = nil
	layout := "oci-layout://" + t.TempDir() + ":1"
	copyTo(layout, CopyHints{})
	wantBlob(t, tracker, copied(progress.StateCopied, size, size))
	copyTo(layout, CopyHints{})
	wantBlob(t, tracker, copied(progress.StateExists, size, 0))

	copyTo(source.host+"/a:2", CopyHints{}) // within its repository: nothing happens
	if got := tracker.Snapshot(); len(got.Blobs) > 0 || got.Total != (progress.Total{Blobs: 6, Ended: 6, Skipped: 3, Bytes: 6 * size, Size: 6 * size, Moved: 3 * size}) {
		t.Errorf("in the end: %+v", got)
	}
}

// TestProgressOfARetriedUpload counts what is read a second time once.
func TestProgressOfARetriedUpload(t *testing.T) {
	source, target := newFront(t, nil), newFront(t, nil)
	content := strings.Repeat("layer", 1<<16)
	desc := source.putBlob(t, "a", content)
	refused := false
	target.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || refused {
			return false
		}
		refused = true
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}
	s, tracker := tracked(t, transport.Options{})
	from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil || !refused {
		t.Fatalf("refused %v, %v", refused, err)
	}
	wantBlob(t, tracker, copied(progress.StateCopied, desc.Size, desc.Size))
}

func TestProgressOfAFailedCopy(t *testing.T) {
	s, tracker := tracked(t, transport.Options{})
	from, to := ref(t, s, newFront(t, nil).host+"/a:1", false), ref(t, s, newFront(t, nil).host+"/d:1", true)
	desc := descriptorOf("", []byte("elsewhere"))
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	want := copied(progress.StateFailed, 0, 0)
	want.Size = desc.Size
	wantBlob(t, tracker, want)
}

// TestProgressOfReading counts the bytes that are read of whole blobs and of parts. Those
// of ReadBlob are of manifests and configs, and not counted.
func TestProgressOfReading(t *testing.T) {
	s, tracker := tracked(t, transport.Options{})
	places, desc := placesOf(t, s, "0123456789")
	for name, at := range places {
		t.Run(name, func(t *testing.T) { wantReads(t, s, tracker, at) })
	}
	if _, err := s.ReadBlob(t.Context(), places["registry"], desc); err != nil || len(tracker.Snapshot().Blobs) > 0 {
		t.Errorf("a config is counted, or not read: %v", err)
	}
	gone := descriptorOf("", []byte("elsewhere"))
	if _, err := s.OpenBlob(t.Context(), places["registry"], gone); err == nil {
		t.Fatal("a blob that does not exist was opened")
	}
	wantBlob(t, tracker, progress.BlobState{Transfer: progress.Transfer{Action: progress.ActionRead, Size: gone.Size}, State: progress.StateFailed})
}

func wantReads(t *testing.T, s *Store, tracker *progress.Tracker, at reference.Ref) {
	t.Helper()
	desc := descriptorOf("", []byte("0123456789"))
	body, err := s.OpenBlob(t.Context(), at, desc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(body, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	read := progress.BlobState{Transfer: progress.Transfer{Action: progress.ActionRead, Size: 10}, State: progress.StateActive, Bytes: 4, Moved: 4}
	wantBlob(t, tracker, read)
	_ = body.Close()
	read.State = progress.StateRead // as much as was needed of it
	wantBlob(t, tracker, read)

	if _, err := s.ReadBlobAt(t.Context(), at, desc, 3, 5); err != nil {
		t.Fatal(err)
	}
	read.Size, read.Bytes, read.Moved, read.Part = 5, 5, 5, true
	wantBlob(t, tracker, read)
}

// TestCountingAllocatesNothing is about each read of a stream. Goroutines of other tests
// may allocate meanwhile, but hardly once for each of so many reads.
func TestCountingAllocatesNothing(t *testing.T) {
	blob := progress.NewTracker().Start(progress.Transfer{Size: 1 << 30})
	body := count(io.NopCloser(zeros{}), blob)
	buf := make([]byte, 32<<10)
	if n := testing.AllocsPerRun(10000, func() { _, _ = body.Read(buf) }); n != 0 {
		t.Errorf("%v allocations for each read", n)
	}
}

// zeros is an endless stream.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
