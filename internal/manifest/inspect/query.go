package inspect

import (
	"context"
	"iter"
	"slices"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// QuerySchema names the fields of the result and what they mean, as docs/output.md
// describes them. Within a version fields are only added.
const QuerySchema = "query/v1"

// QueryResult says which platforms one image has, as mquery of v2
// did: query/v1 of docs/output.
type QueryResult struct {
	Schema string `json:"schema"`
	// Name is the reference as it was given, without a password that was typed
	// into it; Reference is the same in full.
	Name      string `json:"name"`
	Reference string `json:"reference,omitempty"`
	// Error is why the image could not be read; the fields below are empty then.
	Error     string        `json:"error,omitempty"`
	Digest    digest.Digest `json:"digest,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	// Index is true for an index (Docker: manifest list), false for a single image.
	Index bool `json:"index"`
	// Platforms holds each entry of the index that is not an attestation, in its
	// order, with those of nested indexes in the place of these; for a single image the image alone.
	Platforms []QueryPlatform `json:"platforms"`
	// Attestations counts the entries that are.
	Attestations int `json:"attestations"`
	// Missing holds the required platforms that the image does not have.
	Missing []string `json:"missing,omitempty"`
	// Err is the error that Error is the text of.
	Err error `json:"-"`
}

// QueryPlatform is one image of an index.
type QueryPlatform struct {
	// Platform is the declared one, or that of a single image's config; or
	// nil. PlatformText is os/arch[/variant][:os.version].
	Platform     *platform.Platform `json:"platform,omitempty"`
	PlatformText string             `json:"platformText"`
	Digest       digest.Digest      `json:"digest"`
	MediaType    string             `json:"mediaType"`
	// Size is that of the manifest, in bytes.
	Size int64 `json:"size"`
	// Nested is the digest of the nested index that contains the entry.
	Nested digest.Digest `json:"nested,omitempty"`

	// parent is that index.
	parent *nestedIndex
}

// QuerySummary counts what Query found.
type QuerySummary struct {
	Images, Failed, Incomplete int
	// Err is the first failure.
	Err error
}

// Query reads the platforms of images with query, many at once and without bounds on
// how many there are, and hands the results on in the order of the names. An image that
// cannot be read is a result with Err; the names may come with an error of their own.
// The error is that of each, or of ctx.
func Query(ctx context.Context, names iter.Seq2[string, error], query func(ctx context.Context, name string) QueryResult, each func(QueryResult) error) (QuerySummary, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var sum QuerySummary
	for next := range startAll(ctx, names, query) {
		found := <-next
		if ctx.Err() != nil {
			return sum, context.Cause(ctx)
		}
		sum.add(found)
		if err := each(found); err != nil {
			return sum, err
		}
	}
	return sum, context.Cause(ctx)
}

// startAll sends the questions. At most maxConcurrent are open or wait to be taken.
func startAll(ctx context.Context, names iter.Seq2[string, error], query func(ctx context.Context, name string) QueryResult) <-chan chan QueryResult {
	results := make(chan chan QueryResult, manifest.MaxConcurrent)
	go func() {
		defer close(results)
		for name, err := range names {
			result := make(chan QueryResult, 1)
			select {
			case results <- result:
				go func() {
					if err != nil {
						result <- FailedQuery(name, err)
						return
					}
					result <- query(ctx, name)
				}()
			case <-ctx.Done():
				return
			}
		}
	}()
	return results
}

// FailedQuery is the result for an image that cannot be read.
func FailedQuery(name string, err error) QueryResult {
	found := newResult(name)
	found.Err, found.Error = err, err.Error()
	return found
}

func newResult(name string) QueryResult {
	return QueryResult{Schema: QuerySchema, Name: reference.RedactUserinfo(name), Platforms: []QueryPlatform{}}
}

// QueryOne reads the platforms of one image. An index costs one request and one for each
// index in it, a single image one more for its config. A name without tag and digest gets
// the tag latest. has are platforms that the image is to have.
func QueryOne(ctx context.Context, r manifest.Reader, name string, has []platform.Platform) QueryResult {
	found := newResult(name)
	if err := found.fetch(ctx, r); err != nil {
		found.Err, found.Error = err, err.Error()
	}
	found.Missing = found.missingPlatforms(has)
	return found
}

// fetch fetches the image.
func (q *QueryResult) fetch(ctx context.Context, r manifest.Reader) error {
	ref, err := manifest.ParseReference(q.Name, "latest")
	if err != nil {
		return err
	}
	q.Reference = ref.String()
	r.Announce(ref, false)
	n, err := manifest.FetchRoot(ctx, r, ref)
	if err != nil {
		return err
	}
	entries, err := n.Entries(ctx, r)
	if err != nil {
		return err
	}
	q.Digest, q.MediaType, q.Index = n.Descriptor.Digest, n.Descriptor.MediaType, manifest.IsIndex(n.Descriptor.MediaType)
	nodes := newNodes(entries, nil)
	if err := manifest.Walk(ctx, r, nodes, &queryVisitor{r: r, ref: ref, indexes: map[digest.Digest]*nestedIndex{}}); err != nil {
		return err
	}
	q.add(nodes)
	return nil
}

// add adds the entries of an index; those of a nested one take its place.
func (q *QueryResult) add(nodes []*queryNode) {
	for _, n := range nodes {
		d := n.desc
		switch {
		case manifest.IsAttestation(d):
			q.Attestations++
		case n.isRead:
			q.add(n.entries)
		default:
			p := QueryPlatform{
				Platform: d.Platform, PlatformText: manifest.FormatPlatform(d.Platform), Digest: d.Digest, MediaType: d.MediaType, Size: d.Size,
				parent: n.parent,
			}
			if n.parent != nil {
				p.Nested = n.parent.digest
			}
			q.Platforms = append(q.Platforms, p)
		}
	}
}

// missingPlatforms returns the platforms that no entry satisfies in an index that is
// searched for them.
func (q *QueryResult) missingPlatforms(has []platform.Platform) []string {
	var missing []string
	for _, want := range has {
		search := nestedSearch{want, map[*nestedIndex]bool{}}
		if q.Err == nil && !slices.ContainsFunc(q.Platforms, func(p QueryPlatform) bool {
			return p.Platform != nil && platform.Satisfies(*p.Platform, want) && search.includes(p.parent)
		}) {
			missing = append(missing, platform.Format(want))
		}
	}
	return missing
}

func (s *QuerySummary) add(q QueryResult) {
	s.Images++
	switch {
	case q.Err != nil:
		s.Failed++
		if s.Err == nil {
			s.Err = q.Err
		}
	case len(q.Missing) > 0:
		s.Incomplete++
	}
}
