package manifest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/push"
)

func TestInputError(t *testing.T) {
	err := fmt.Errorf("pushing: %w", &manifest.InputError{Err: fmt.Errorf("reading: %w", fs.ErrNotExist), HintText: "look again"})
	if want := "pushing: reading: file does not exist"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	var input *manifest.InputError
	if !errors.As(err, &input) || input.HintText != "look again" {
		t.Errorf("the hint is lost: %+v", input)
	}
}

// TestParseEnum holds which values a flag with a few words takes, and that
// another one is told all of them.
func TestParseEnum(t *testing.T) {
	for _, want := range []push.IndexType{push.TypeAuto, push.TypeDocker, push.TypeOCI} {
		if got, err := push.ParseIndexType(string(want)); got != want || err != nil {
			t.Errorf("%q: %q, error %v", want, got, err)
		}
	}
	for _, want := range []push.VerifyMode{push.VerifyConfig, push.VerifyBinaries, push.VerifyNone} {
		if got, err := push.ParseVerifyMode(string(want)); got != want || err != nil {
			t.Errorf("%q: %q, error %v", want, got, err)
		}
	}
	for text, want := range map[string]string{
		"dokcer": `--type: unknown value "dokcer": it is auto, docker or oci`,
		"":       `--type: unknown value "": it is auto, docker or oci`,
		"OCI":    `--type: unknown value "OCI": it is auto, docker or oci`,
	} {
		got, err := push.ParseIndexType(text)
		var input *manifest.InputError
		if !errors.As(err, &input) || err.Error() != want || got != "" {
			t.Errorf("%q: %q, error %v", text, got, err)
		}
	}
}
