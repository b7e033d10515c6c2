package manifest

// The schemas of the results: each names the fields of one struct and what they
// mean, as docs/output.md describes them. Within a version fields are only
// added.
const (
	DiffSchema         = "diff/v1"    // Difference
	InspectSchema      = "inspect/v1" // InspectResult
	PushSchema         = "push/v1"    // Pushed
	QuerySchema        = "query/v1"   // QueryResult
	ResolveSchema      = "resolve/v1" // Resolution
	TagsSchema         = "tags/v1"    // TagList
	VerificationSchema = "verify/v1"  // Verification
)
