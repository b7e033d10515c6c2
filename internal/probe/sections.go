package probe

import (
	"slices"
	"strconv"
	"strings"
)

// siblingSuffix ends the name of the second repository.
const siblingSuffix = "manifest-tool-test"

// allChecks returns all checks in the order in which they run.
func allChecks() []check {
	return slices.Concat(
		connectionChecks(),
		loginChecks(),
		blobChecks(),
		sessionChecks(),
		mountChecks(),
		imageChecks(),
		indexChecks(),
		tagChecks(),
		acceptChecks(),
		cachingChecks(),
		referrerChecks(),
		limitChecks(),
		listingChecks(),
		deletionChecks(),
	)
}

func joined(values []string) string { return strings.Join(values, ", ") }

func quoted(s string) string { return strconv.Quote(s) }
