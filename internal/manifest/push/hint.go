package push

import "manifest-tool/internal/errtext"

// exitPartial is the exit code of a run that was partly done.
const exitPartial = 4

// Hint says what the user can do.
func (e *FindingsError) Hint() string {
	return "correct the images, docs/verify.md describes each code; --verify-warn makes these findings warnings"
}

// ExitCode is that of a run that found something.
func (e *FindingsError) ExitCode() int { return 3 }

// Hint says what the user can do.
func (e *TagRejectedError) Hint() string {
	hint := "push to a new tag, or turn off tag immutability for this repository at the registry"
	if reason := errtext.Hint(e.Err); reason != "" {
		hint += "; or else " + reason
	}
	return hint
}

// Hint says what the user can do.
func (e *TagConflictError) Hint() string {
	return "look at what the tag names now (manifest-tool inspect " + e.Ref.String() + "), and push again with its digest as --expect if it may be replaced"
}

// ExitCode is that of a run that found something.
func (e *TagConflictError) ExitCode() int { return 3 }

// ExitCode is that of a run that was partly done.
func (e *PartialError) ExitCode() int { return exitPartial }
