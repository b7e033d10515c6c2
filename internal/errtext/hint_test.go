package errtext

import (
	"errors"
	"fmt"
	"testing"
)

type codeError int

func (e codeError) Error() string { return "code" }
func (e codeError) ExitCode() int { return int(e) }

func TestHint(t *testing.T) {
	plain := errors.New("plain")
	inner := WithHint(plain, "inner")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"nil", nil, ""},
		{"plain", plain, ""},
		{"wrapped", fmt.Errorf("x: %w", inner), "inner"},
		{"outer first", WithHint(inner, "outer"), "outer"},
		{"empty continues", WithHint(inner, ""), "inner"},
		{"second of two", fmt.Errorf("%w: %w", plain, inner), "inner"},
		{"joined", errors.Join(WithHint(plain, "a"), inner), "a"},
	} {
		if got := Hint(c.err); got != c.want {
			t.Errorf("%s: hint %q, want %q", c.name, got, c.want)
		}
	}
	if !errors.Is(inner, plain) || inner.Error() != "plain" {
		t.Errorf("the error is lost: %v", inner)
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("plain"), 0},
		{fmt.Errorf("x: %w", codeError(3)), 3},
		{fmt.Errorf("%w: %w", codeError(0), codeError(2)), 2},
	} {
		if got := ExitCode(c.err); got != c.want {
			t.Errorf("%v: code %d, want %d", c.err, got, c.want)
		}
	}
}

func TestPlace(t *testing.T) {
	plain := errors.New("plain")
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{plain, ""},
		{fmt.Errorf("x: %w", At("a.yaml:3", plain)), "a.yaml:3"},
		{At("a.yaml", At("a.yaml:3", plain)), "a.yaml"},
	} {
		if got := Place(c.err); got != c.want {
			t.Errorf("%v: place %q, want %q", c.err, got, c.want)
		}
	}
	if err := At("a.yaml:3", plain); err.Error() != "a.yaml:3: plain" || !errors.Is(err, plain) {
		t.Errorf("the error is lost: %v", err)
	}
}
