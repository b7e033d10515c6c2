package errtext

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// DecodeError is what is wrong with a document that could not be decoded: the line,
// counted from 1, and the field.
func DecodeError(data []byte, err error) error {
	var (
		syntax *json.SyntaxError
		wrong  *json.UnmarshalTypeError
		moment *time.ParseError
		binary base64.CorruptInputError
	)
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("line %d: %s must be %s, not %s", Line(data, wrong.Offset), fieldName(data, wrong), jsonType(wrong.Type), foundValue(wrong.Value))
	case errors.As(err, &wrong):
		return fmt.Errorf("line %d: it must be %s, not %s", Line(data, wrong.Offset), jsonType(wrong.Type), foundValue(wrong.Value))
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input": // encoding/json has no type for it
		return errors.New("it is not JSON: it ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: it is not JSON", Line(data, syntax.Offset))
	case errors.As(err, &moment):
		return fmt.Errorf("a time must be written like %s, not %.60q", exampleTime, moment.Value)
	case strings.HasPrefix(err.Error(), "Time.UnmarshalJSON: "): // encoding/json has no type for it
		return errors.New("a time must be a string like " + exampleTime)
	case errors.As(err, &binary):
		return errors.New("a base64 string is invalid")
	}
	return err
}

// exampleTime is a time in the format of RFC 3339.
const exampleTime = "2006-01-02T15:04:05Z"

// fieldName is the field that an error is about, without the names of Go's embedded
// types, or an item of it: only the offset distinguishes the two.
func fieldName(data []byte, wrong *json.UnmarshalTypeError) string {
	field := embedded().ReplaceAllString(wrong.Field, "")
	key, isItem := keyAt(data, wrong.Offset)
	if isItem || key != "" && !strings.HasSuffix("."+strings.ToLower(field), "."+strings.ToLower(key)) {
		return fmt.Sprintf("an item of %q", field)
	}
	return fmt.Sprintf("%q", field)
}

// embedded matches the names of embedded structs in a field's path. Fields of the
// documents start in lower case.
func embedded() *regexp.Regexp { return regexp.MustCompile(`^(?:[A-Z]\w*\.)+`) }

// keyAt returns the key of the value that ends at an offset, or begins there
// where it is a list or an object; isItem where it is an item of a list.
func keyAt(data []byte, offset int64) (key string, isItem bool) {
	type level struct {
		list, isValue bool
		key           string
	}
	open := []level{{}}
	decoder := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := decoder.Token()
		if err != nil {
			return "", false
		}
		at := &open[len(open)-1]
		text, isText := token.(string)
		switch isKey := !at.list && !at.isValue && isText && len(open) > 1; {
		case isKey:
			at.key, at.isValue = text, true
			continue
		case decoder.InputOffset() >= offset:
			return at.key, at.list
		}
		at.isValue = false
		switch token {
		case json.Delim('{'), json.Delim('['):
			open = append(open, level{list: token == json.Delim('[')})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
	}
}

// Line returns the line, counted from 1, of a byte offset in a document. An
// offset outside of the document is moved to its nearest end.
func Line(data []byte, offset int64) int {
	end := min(max(offset, 0), int64(len(data)))
	return 1 + bytes.Count(data[:end], []byte("\n"))
}

// jsonType returns the JSON type that a Go type is decoded from.
func jsonType(t reflect.Type) string {
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
		return jsonType(t.Elem())
	}
	return "a number"
}

// foundValue describes the value that was found instead, as reported by the decoder.
func foundValue(value string) string {
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
