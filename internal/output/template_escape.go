package output

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// The output of a template mixes the user's text, whose line ends and tabs are kept,
// with values from outside, whose line ends are escaped. To distinguish them in
// the output, the unsafe runes of values are marked: moved to a private plane of
// Unicode.
const markedPlane = 0xF0000

// tagged returns a copy of a result, of the same type, in which every string is
// marked.
func tagged(value any) any {
	if value == nil {
		return nil
	}
	return tagUnsafe(reflect.ValueOf(value)).Interface()
}

func tagUnsafe(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.String:
		out.SetString(markText(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(tagUnsafe(v.Field(i)))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(tagUnsafe(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			out.Set(tagUnsafe(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(tagUnsafe(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
			for k, e := range v.Seq2() {
				out.SetMapIndex(tagUnsafe(k), tagUnsafe(e))
			}
		}
	}
	return out
}

func markText(s string) string {
	return replaceRunes(s, isUnsafe, func(r rune) string { return string(markedPlane + r) })
}

func isMarked(r rune) bool { return r >= markedPlane && isUnsafe(r-markedPlane) }

// untag replaces marked runes by the escapes of Escape.
func untag(s string) string {
	return replaceRunes(s, isMarked, func(r rune) string { return Escape(string(r - markedPlane)) })
}

// untagJSON replaces marked runes by the escapes of JSON.
func untagJSON(s string) string {
	return replaceRunes(s, isMarked, func(r rune) string { return fmt.Sprintf(`\u%04x`, r-markedPlane) })
}

// replaceRunes replaces some runes by strings. Invalid bytes are kept.
func replaceRunes(s string, some func(rune) bool, by func(rune) string) string {
	if !strings.ContainsFunc(s, some) {
		return s
	}
	var b strings.Builder
	for rest := s; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if some(r) {
			b.WriteString(by(r))
		} else {
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String()
}
