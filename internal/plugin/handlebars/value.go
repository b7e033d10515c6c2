package handlebars

import (
	"reflect"
	"strconv"
	"strings"
)

// lookup returns the value that a path names, and whether there is one. A name is
// also looked up in the scopes around it, as the plugin's library does.
func (s *scope) lookup(p path) (any, bool) {
	for range p.up {
		if s.outer == nil {
			return nil, false
		}
		s = s.outer
	}
	if p.data {
		return s.lookupData(p.parts)
	}
	for ; s != nil; s = s.outer {
		if v, ok := descend(s.value, p.parts); ok {
			return v, ok
		}
	}
	return nil, false
}

// descend returns the value at the end of a path.
func descend(v any, parts []string) (any, bool) {
	for _, part := range parts {
		var ok bool
		if v, ok = field(v, part); !ok {
			return nil, false
		}
	}
	return v, true
}

// lookupData returns the value of @index, @first, @last or @root.NAME. The parser
// holds that there is at least one part.
func (s *scope) lookupData(parts []string) (any, bool) {
	if parts[0] == "root" {
		for s.outer != nil {
			s = s.outer
		}
		return s.lookup(path{parts: parts[1:]})
	}
	for ; s != nil && len(parts) == 1; s = s.outer {
		if s.index == nil {
			continue
		}
		switch parts[0] {
		case "index", "key":
			return s.index, true
		case "first":
			return s.first, true
		case "last":
			return s.last, true
		}
	}
	return nil, false
}

// field returns a field of a struct or an item of a list.
func field(v any, name string) (any, bool) {
	if list, ok := v.([]string); ok {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(list) {
			return nil, err == nil // no such item is an empty one
		}
		return list[i], true
	}
	of := reflect.ValueOf(v)
	if of.Kind() != reflect.Struct || name == "" {
		return nil, false
	}
	found := of.FieldByName(strings.ToUpper(name[:1]) + name[1:])
	if !found.IsValid() || !found.CanInterface() {
		return nil, false
	}
	return found.Interface(), true
}

// Text returns a value as it is written, and whether it can be: a list is written
// item after item.
func Text(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case []string:
		return strings.Join(v, ""), true
	}
	return "", false
}

// IsTrue reports whether a value is taken for true: it is neither empty, nor zero,
// nor false.
func IsTrue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case bool:
		return v
	case int:
		return v != 0
	case []string:
		return len(v) > 0
	}
	return true
}
