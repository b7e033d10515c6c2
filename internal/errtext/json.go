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
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input": // it has no other mark
		return errors.New("it is not JSON: it ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: it is not JSON", Line(data, syntax.Offset))
	case errors.As(err, &moment):
		return fmt.Errorf("a time must be written like %s, not %.60q", exampleTime, moment.Value)
	case strings.HasPrefix(err.Error(), "Time.UnmarshalJSON: "): // it has no other mark
		return errors.New("a time must be a text like " + exampleTime)
	case errors.As(err, &binary):
		return errors.New("a text that must be base64 is not")
	}
	return err
}

// exampleTime is a time as RFC 3339 has it.
const exampleTime = "2006-01-02T15:04:05Z"

// fieldName is the field that an error is about, without the names of Go's embedded
// types, or an item of it: the decoder tells the two by the offset alone.
func fieldName(data []byte, wrong *json.UnmarshalTypeError) string {
	field := embedded().ReplaceAllString(wrong.Field, "")
	key, isItem := keyAt(data, wrong.Offset)
	if isItem || key != "" && !strings.HasSuffix("."+strings.ToLower(field), "."+strings.ToLower(key)) {
		return fmt.Sprintf("an item of %q", field)
	}
	return fmt.Sprintf("%q", field)
}

// embedded is what stands before a field of an embedded struct. The documents'
// own outermost fields begin with a small letter.
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

// Line is the line of a document, counted from 1, in which an offset in bytes
// lies; one outside of it is at its nearest end.
func Line(data []byte, offset int64) int {
	end := min(max(offset, 0), int64(len(data)))
	return 1 + bytes.Count(data[:end], []byte("\n"))
}

// jsonType is what JSON has for a type of Go.
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

// foundValue is the value that stands there, in the decoder's words and in ours.
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
