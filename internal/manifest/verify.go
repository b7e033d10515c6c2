package manifest

import "fmt"

// Verify says what a push compares before it writes.
type Verify string

// VerifyConfig compares each declared platform with the image's config, and
// fills what is not declared. VerifyNone takes declared platforms as they are:
// an image whose os and architecture are declared is not read at all.
const (
	VerifyConfig Verify = "config"
	VerifyNone   Verify = "none"
)

// ParseVerify reads the value of --verify; others than the two are an
// InputError.
func ParseVerify(s string) (Verify, error) {
	switch v := Verify(s); v {
	case VerifyConfig, VerifyNone:
		return v, nil
	}
	return "", &InputError{Err: fmt.Errorf("unknown value %q of --verify: it is config or none", s)}
}

// trusts reports whether a source's platform is taken as declared.
func (v Verify) trusts(src Source) bool {
	return v == VerifyNone && src.Platform.OS != "" && src.Platform.Architecture != ""
}
