package platform

// Fit says how well a program file suits a platform.
type Fit string

const (
	// FitNative is a program of the platform itself.
	FitNative Fit = "native"
	// FitCompatible is a program of another platform that this one usually
	// runs too, such as 386 under amd64: possible, and seldom meant.
	FitCompatible Fit = "compatible"
	// FitPortable is a program for a virtual machine, which fits where that is.
	FitPortable Fit = "portable"
	// FitContradicts is a program that does not run on the platform.
	FitContradicts Fit = "contradicts"
	// FitUnknown is a file of which nothing can be said.
	FitUnknown Fit = "unknown"
)

// Judgement is the answer to whether a program runs on a platform.
type Judgement struct {
	Fit Fit `json:"fit"`
	// Field is the field of the platform that contradicts or that cannot be
	// compared, by its JSON name ("architecture"), "" for the others.
	Field string `json:"field,omitempty"`
	// Want and Got are that field's values, of the platform and of the file.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
	// Reason is a sentence without a full stop, for people.
	Reason string `json:"reason"`
	// Evidence is the one of the file's platforms that was judged, the best of
	// several; nil where it has none.
	Evidence *Evidence `json:"evidence,omitempty"`
}

// Runs judges whether a program file runs on a node of platform on, as an
// image's config or an index entry declares it. A shared object is judged as a
// program is.
func Runs(on Platform, e Executable) Judgement {
	return Judgement{Fit: FitUnknown, Reason: e.Detail}
}
