package platform_test

import "errors"

// errNotAtHand is what the tests' readers answer for bytes that they lack.
var errNotAtHand = errors.New("not at hand")
