package rootfs

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/rootfs/rootfstest"
)

// chunkSize is how the files of tests are cut.
const chunkSize = 64 << 10

// withContents makes a layer with a table of contents, as stargz-snapshotter
// and containers/storage write them. change, when set, spoils the table.
func withContents(t *testing.T, format string, change func(*tocEntry), entries ...rootfstest.Entry) (Layer, *memory) {
	t.Helper()
	w := &contentsWriter{t: t, zstd: format == "zstd", change: change}
	for _, e := range entries {
		w.add(e)
	}
	if w.zstd {
		w.member(make([]byte, 1024)) // an eStargz ends with its table
		return w.finishChunked()
	}
	return w.finishEstargz()
}

type contentsWriter struct {
	t      *testing.T
	zstd   bool
	change func(*tocEntry)
	out    bytes.Buffer
	all    []tocEntry
}

// member writes bytes as a gzip member or zstd frame of their own, and returns
// where it begins.
func (w *contentsWriter) member(raw []byte) int64 {
	at := int64(w.out.Len())
	if w.zstd {
		w.out.Write(zstded(w.t, raw))
	} else {
		w.out.Write(gzipped(w.t, raw))
	}
	return at
}

func (w *contentsWriter) add(e rootfstest.Entry) {
	raw := rootfstest.Archive(w.t, e)
	raw = raw[:len(raw)-1024] // without the end of an archive
	h, err := tar.NewReader(bytes.NewReader(append(bytes.Clone(raw), make([]byte, 1024)...))).Next()
	must(w.t, err)
	kinds := map[byte]string{tar.TypeReg: "reg", tar.TypeDir: "dir", tar.TypeSymlink: "symlink", tar.TypeLink: "hardlink"}
	one := tocEntry{Name: h.Name, Type: kinds[h.Typeflag], LinkName: h.Linkname, Size: h.Size, Mode: h.Mode}
	w.member(raw[:512])
	if h.Size == 0 {
		w.put(one)
		return
	}
	one.Digest = digest.FromString(e.Body).String()
	first := len(w.all)
	for at := 0; at < len(e.Body); at += chunkSize {
		piece := []byte(e.Body[at:min(at+chunkSize, len(e.Body))])
		c := tocEntry{Name: h.Name, Type: "chunk"}
		if at == 0 {
			c = one
		}
		c.Offset, c.ChunkOffset = w.member(piece), int64(at)
		if len(e.Body) > chunkSize || !w.zstd {
			c.ChunkSize, c.ChunkDigest = int64(len(piece)), digest.FromBytes(piece).String()
		}
		w.put(c)
	}
	if w.zstd {
		w.all[first].EndOffset = int64(w.out.Len())
	}
	w.member(raw[512+len(e.Body):]) // what fills the last block
}

func (w *contentsWriter) put(e tocEntry) {
	if w.change != nil {
		w.change(&e)
	}
	w.all = append(w.all, e)
}

func (w *contentsWriter) json() []byte {
	raw, err := json.Marshal(map[string]any{"version": 1, "other": []int{1}, "entries": w.all})
	must(w.t, err)
	return raw
}

func (w *contentsWriter) finishEstargz() (Layer, *memory) {
	table, at := w.json(), int64(w.out.Len())
	var b bytes.Buffer
	archive := tar.NewWriter(&b)
	must(w.t, archive.WriteHeader(&tar.Header{Name: estargzName, Size: int64(len(table)), Typeflag: tar.TypeReg}))
	_, err := archive.Write(table)
	must(w.t, err)
	must(w.t, archive.Close())
	w.member(b.Bytes())
	var footer bytes.Buffer
	z, err := gzip.NewWriterLevel(&footer, gzip.NoCompression)
	must(w.t, err)
	place := fmt.Sprintf("%016xSTARGZ", at)
	z.Extra = append([]byte{'S', 'G', byte(len(place)), 0}, place...)
	must(w.t, z.Close())
	// The empty last block is written in one byte less than the format wants.
	raw := footer.Bytes()
	if len(raw) != estargzFooter {
		raw = append(append(bytes.Clone(raw[:38]), 1, 0, 0, 0xff, 0xff), make([]byte, 8)...)
	}
	w.out.Write(raw)
	l, m := layerOf(gzipType, w.out.Bytes())
	l.Annotations = map[string]string{estargzDigest: digest.FromBytes(table).String()}
	return l, m
}

func (w *contentsWriter) finishChunked() (Layer, *memory) {
	raw := w.json()
	table := zstded(w.t, raw)
	w.out.Write([]byte{0x50, 0x2a, 0x4d, 0x18})
	must(w.t, binary.Write(&w.out, binary.LittleEndian, uint32(len(table))))
	at := w.out.Len()
	w.out.Write(table)
	l, m := layerOf(zstdType, w.out.Bytes())
	l.Annotations = map[string]string{
		chunkedPosition: fmt.Sprintf("%d:%d:%d:1", at, len(table), len(raw)),
		chunkedDigest:   digest.FromBytes(table).String(),
	}
	return l, m
}

// noise is bytes that do not compress.
func noise(n int) string {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return string(b)
}

func oneLayer(l Layer) *Stack {
	return NewStack(NewReader(Options{Limits: DefaultLimits(), AtOnce: 1}), []Layer{l}, false)
}

func TestTOC(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		self = []byte(rootfstest.ELF(rootfstest.AMD64, ""))
	}
	big := string(self[:min(len(self), 3<<20)])
	entries := []rootfstest.Entry{
		{Name: "./"},
		{Name: "data", Body: noise(20 << 20), Mode: 0o644},
		{Name: "bin/real", Body: rootfstest.ELF(rootfstest.ARM64, "") + noise(200<<10)},
		{Name: "bin/app -> real"},
		{Name: "bin/hard => bin/real"},
		{Name: "bin/big", Body: big},
		{Name: "opt/.wh.gone"},
		{Name: "plain", Body: "no program", Mode: 0o755},
		{Name: "closed", Body: rootfstest.ELF(rootfstest.ARM64, ""), Mode: 0o644},
	}
	for _, format := range []string{"gzip", "zstd"} {
		t.Run(format, func(t *testing.T) {
			l, m := withContents(t, format, nil, entries...)
			s := oneLayer(l)
			for p, want := range map[string]string{
				"/bin/app": "/bin/real arm64", "/bin/hard": "/bin/hard arm64", "/plain": "/plain unknown",
				"/closed": "not executable /closed", "/data/x": "no file", "/nothing": "missing", "/opt/gone": "missing",
			} {
				if got := where(s.Program(t.Context(), p)); got != want {
					t.Errorf("%s is %s, want %s", p, got, want)
				}
			}
			if m.opened > 0 || m.parts > 1<<20 {
				t.Errorf("the layer was opened %d times, %d bytes were read in parts", m.opened, m.parts)
			}
			full := NewStack(NewReader(Options{Limits: DefaultLimits(), FullLayers: true}), []Layer{l}, false)
			for _, p := range []string{"/bin/app", "/bin/hard", "/bin/big", "/plain"} {
				got, err := s.Program(t.Context(), p)
				want, wantErr := full.Program(t.Context(), p)
				if where(got, err) != where(want, wantErr) || got.Executable.Detail != want.Executable.Detail || got.Unverified {
					t.Errorf("%s is %+v %v, read whole %+v %v", p, got, err, want, wantErr)
				}
			}
			if o := s.reader.Outcome(l, false); !o.Read || o.Verified || o.Err != nil || len(o.Notes) > 0 {
				t.Errorf("outcome %+v", o)
			}
		})
	}
}

func TestTOC_Invalid(t *testing.T) {
	app := rootfstest.ELF(rootfstest.ARM64, "") + noise(300<<10)
	otherDigest := digest.FromString("x").String()
	for _, format := range []string{"gzip", "zstd"} {
		tests := map[string]struct {
			change func(*tocEntry)
			spoil  func(*Layer, *memory)
			want   string // "" where the layer is read whole and the answer right
			opened int
		}{
			"another digest of the table": {spoil: func(l *Layer, _ *memory) {
				for key := range l.Annotations {
					if key != chunkedPosition {
						l.Annotations[key] = otherDigest
					}
				}
			}, opened: 1},
			"a table that the manifest does not vouch for": {spoil: func(l *Layer, _ *memory) {
				delete(l.Annotations, estargzDigest)
				delete(l.Annotations, chunkedDigest)
			}, opened: 1},
			"no parts to be had": {spoil: func(_ *Layer, m *memory) { m.noParts = true }, opened: 1},
			"another digest of a chunk": {change: func(e *tocEntry) {
				if e.ChunkDigest != "" {
					e.ChunkDigest = otherDigest
				}
			}, want: ErrChunkDigest.Error()},
			"a chunk that is no digest's": {change: func(e *tocEntry) {
				if e.ChunkDigest != "" {
					e.ChunkDigest = "sha256:1"
				}
			}, want: "digest of a chunk"},
			"a chunk that is elsewhere": {change: func(e *tocEntry) { e.Offset++ }, want: "unpacking a chunk"},
			"a chunk that is outside": {change: func(e *tocEntry) {
				if e.Offset > 0 {
					e.Offset += 1 << 40
				}
			}, want: "in the layer"},
			"chunks that leave a part out": {change: func(e *tocEntry) {
				if e.Type == "reg" && e.ChunkSize > 2 {
					e.ChunkSize = 2
					e.ChunkDigest = ""
				}
			}, want: "lacks a part of the file"},
			"a chunk of a petabyte": {change: func(e *tocEntry) {
				if e.Type == "reg" {
					e.ChunkSize = 1 << 50
				}
			}, opened: 1},
		}
		for name, tt := range tests {
			t.Run(format+", "+name, func(t *testing.T) {
				l, m := withContents(t, format, tt.change, rootfstest.Entry{Name: "app", Body: app}, rootfstest.Entry{Name: "data", Body: noise(200 << 10)})
				if tt.spoil != nil {
					tt.spoil(&l, m)
				}
				f, err := oneLayer(l).Program(t.Context(), "/app")
				if tt.want == "" && where(f, err) != "/app arm64" || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("got %s, %v, want %q", where(f, err), err, tt.want)
				}
				if m.opened != tt.opened {
					t.Errorf("the layer was opened %d times, want %d", m.opened, tt.opened)
				}
			})
		}
	}
}

func TestTOC_Unverified(t *testing.T) {
	for _, format := range []string{"gzip", "zstd"} {
		l, _ := withContents(t, format, func(e *tocEntry) { e.ChunkDigest, e.Digest = "", "" },
			rootfstest.Entry{Name: "app", Body: rootfstest.ELF(rootfstest.ARM64, "") + noise(300<<10)})
		f, err := oneLayer(l).Program(t.Context(), "/app")
		if err != nil || !f.Unverified || archOf(f.Executable) != "arm64" {
			t.Errorf("%s: %+v, %v", format, f, err)
		}
	}
}

func TestTOC_BadFooter(t *testing.T) {
	l, m := withContents(t, "gzip", nil, rootfstest.Entry{Name: "app", Body: rootfstest.ELF(rootfstest.ARM64, "") + noise(300<<10)})
	good := m.bytes
	for name, place := range map[string]string{
		"beyond the end": "0000000fffffffff", "the footer": fmt.Sprintf("%016x", len(good)-51), "no number": "xxxxxxxxxxxxxxxx",
		"negative": "-000000000000001", "the beginning": "0000000000000000", "in the middle": "0000000000000064",
	} {
		t.Run(name, func(t *testing.T) {
			m.bytes = bytes.Clone(good)
			copy(m.bytes[len(good)-51+16:], place)
			m.digest = digest.FromBytes(m.bytes)
			l.Digest, l.Blob = m.digest, m
			s := oneLayer(l)
			if got := where(s.Program(t.Context(), "/app")); got != "/app arm64" {
				t.Errorf("it is %s", got)
			}
			if o := s.reader.Outcome(l, false); len(o.Notes) != 1 || o.Notes[0].Kind != NoteContents || !o.Verified {
				t.Errorf("outcome %+v", o)
			}
		})
	}
}

// FuzzContents reads any JSON as a table of contents.
func FuzzContents(f *testing.F) {
	f.Add([]byte(`{"version":1,"entries":[{"name":"a","type":"reg","size":5,"offset":0},{"name":"a","type":"chunk","chunkOffset":3}]}`))
	f.Add([]byte(`{"entries":[{"name":"a","type":"symlink","linkName":"a"}]}`))
	f.Add([]byte(`{"entries":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		table := zstded(t, raw)
		blob := append(bytes.Clone(table), make([]byte, minTOCLayer)...)
		l, _ := layerOf(zstdType, blob)
		l.Annotations = map[string]string{
			chunkedPosition: fmt.Sprintf("0:%d:%d:1", len(table), len(raw)), chunkedDigest: digest.FromBytes(table).String(),
		}
		s := badScanner(badLimits())
		found, err := s.readContents(t.Context(), l, chunked{})
		if err != nil {
			return
		}
		_, _, err = found.program(t.Context(), "/a")
		if source := (*SourceError)(nil); errors.As(err, &source) {
			t.Fatalf("it asked for what is not there: %v", err)
		}
	})
}
