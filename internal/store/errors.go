package store

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// ErrNotFound is what a place answers that does not have what was asked for.
// Nothing else is: a refusal, a failing server or a broken connection say
// nothing about what exists.
var ErrNotFound = errors.New("not found")

// ErrUnauthorized and ErrDenied are a registry's 401 and 403.
var (
	ErrUnauthorized = errors.New("unauthorized")
	ErrDenied       = errors.New("denied")
)

// remoteError gives a registry's answer its class. what is the reference or
// blob that was asked for.
func remoteError(what fmt.Stringer, err error) error {
	if err == nil {
		return nil
	}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("%s: %w", what, err)
	}
	switch answer.StatusCode {
	case http.StatusNotFound:
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	case http.StatusUnauthorized:
		return fmt.Errorf("%s: %w: %w", what, ErrUnauthorized, err)
	case http.StatusForbidden:
		return fmt.Errorf("%s: %w: %w", what, ErrDenied, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
