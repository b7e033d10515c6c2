package auth

// The schemas of the results: each names the fields of one struct and what they
// mean, as docs/output.md describes them. Within a version fields are only
// added.
const (
	ExplanationSchema = "auth-explain/v1" // Explanation
	LoggedInSchema    = "login/v1"        // LoggedIn
	LoggedOutSchema   = "logout/v1"       // LoggedOut
)
