// Package reason says in this program's words what Go's packages say in theirs:
// what is wrong with a file, and with a JSON document.
//
// It is a package of its own, below all others, because those that read files
// and documents may not import each other.
package reason

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
)

// fileError is an error about a file without the name of the call that failed.
type fileError struct {
	text string
	err  error
}

func (e *fileError) Error() string { return e.text }
func (e *fileError) Unwrap() error { return e.err }

// File is an error of a call on a file: PATH: reason. Any other error, also
// one that wraps such an error in words, is returned as it is.
func File(err error) error {
	if at, ok := err.(*fs.PathError); ok { //nolint:errorlint // words around it would be lost
		return &fileError{at.Path + ": " + at.Err.Error(), err}
	}
	return err
}

// Bare is File without the path, for a message that names the file already.
func Bare(err error) error {
	if at, ok := err.(*fs.PathError); ok { //nolint:errorlint // as above
		return &fileError{at.Err.Error(), err}
	}
	return err
}

// JSON is what is wrong with a document that could not be decoded: the line,
// counted from 1, and the field.
func JSON(data []byte, err error) error {
	var (
		syntax *json.SyntaxError
		wrong  *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("line %d: %q must be %s, not %s", line(data, wrong.Offset), wrong.Field, kindOf(wrong.Type), given(wrong.Value))
	case errors.As(err, &wrong):
		return fmt.Errorf("line %d: it must be %s, not %s", line(data, wrong.Offset), kindOf(wrong.Type), given(wrong.Value))
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input": // it has no other mark
		return errors.New("it is not JSON: it ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: it is not JSON", line(data, syntax.Offset))
	}
	return err
}

func line(data []byte, offset int64) int {
	end := min(max(offset, 0), int64(len(data)))
	return 1 + bytes.Count(data[:end], []byte("\n"))
}

// kindOf is what JSON has for a type of Go.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "a text"
		}
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer:
		return kindOf(t.Elem())
	}
	return "a number"
}

// given is the value that stands there, in the decoder's words and in ours.
func given(value string) string {
	switch value {
	case "string":
		return "a text"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	case "number":
		return "a number"
	}
	return value // number 1.5
}
