package cmd

import (
	"cmp"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/store/transport"
)

// hint returns what the user can do about an error; "" if nothing is known.
func hint(err error) string {
	return cmp.Or(errtext.Hint(err), transport.NetworkHint(err))
}
