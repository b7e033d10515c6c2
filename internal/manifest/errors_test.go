package manifest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"manifest-tool/internal/manifest"
)

func TestInputErrorWrapsItsCause(t *testing.T) {
	err := fmt.Errorf("pushing: %w", &manifest.InputError{Err: fmt.Errorf("reading: %w", fs.ErrNotExist), Hint: "look again"})
	if want := "pushing: reading: file does not exist"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	var input *manifest.InputError
	if !errors.As(err, &input) || input.Hint != "look again" {
		t.Errorf("the hint is lost: %+v", input)
	}
}
