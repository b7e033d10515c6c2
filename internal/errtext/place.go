package errtext

// At returns err with the place that it is about: a file, or FILE:LINE with lines
// counted from 1. Its message begins with the place.
func At(place string, err error) error { return &placedError{place, err} }

// placedError is an error about a place in a file.
type placedError struct {
	place string
	err   error
}

func (e *placedError) Error() string { return e.place + ": " + e.err.Error() }
func (e *placedError) Unwrap() error { return e.err }
func (e *placedError) Place() string { return e.place }

// Place returns what an error is about: the place of the first error in the tree of
// err, as errors.As walks it, with a method Place() string that returns one. It returns
// "" if no error has a place.
func Place(err error) string {
	return first(err, func(err error) string {
		if p, ok := err.(interface{ Place() string }); ok {
			return p.Place()
		}
		return ""
	})
}
