package push

// Hint says what the user can do.
func (e *FindingsError) Hint() string {
	return "--verify-warn pushes all the same; docs/verify.md says what each code means"
}

// ExitCode is that of a run that found something.
func (e *FindingsError) ExitCode() int { return 3 }

// Hint says what the user can do.
func (e *TagRejectedError) Hint() string {
	return "the registry may not let this tag change: use a new tag, or its settings for immutable tags"
}

// ExitCode is that of a run that found something.
func (e *TagConflictError) ExitCode() int { return 3 }

// ExitCode is that of a run that was partly done.
func (e *PartialError) ExitCode() int { return 4 }
