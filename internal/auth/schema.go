package auth

// The schemas of the results. Each names the version of one struct's fields;
// docs/output/login.md describes them. Within a version, fields are only added.
const (
	ExplanationSchema = "auth-explain/v1" // Explanation
	LoginSchema       = "login/v1"        // LoginResult
	LogoutSchema      = "logout/v1"       // LogoutResult
)
