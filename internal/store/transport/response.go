package transport

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// CheckResponse returns nil for a response with one of the wanted status codes,
// otherwise a *transport.Error with plain details, see [PlainDetails].
func CheckResponse(resp *http.Response, want ...int) error {
	err := transport.CheckError(resp, want...)
	PlainDetails(err)
	return err
}

// PlainDetails replaces the details of a *transport.Error by strings: a registry may send
// any JSON there (distribution-spec, "Error Codes"), which Go would print like its maps.
func PlainDetails(err error) {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return
	}
	for i, d := range answer.Errors {
		if _, plain := d.Detail.(string); plain || d.Detail == nil {
			continue
		}
		answer.Errors[i].Detail = nil
		if text := formatDetail(d.Detail); text != "" {
			answer.Errors[i].Detail = text
		}
	}
}

// formatDetail formats a JSON value in one line, without empty values: KEY: VALUE,
// KEY: VALUE. Strings are not quoted, so that secrets in them are still found.
func formatDetail(value any) string {
	var parts []string
	switch v := value.(type) {
	case nil:
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		for _, item := range v {
			if text := formatDetail(item); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if text := formatDetail(v[key]); text != "" {
				parts = append(parts, key+": "+text)
			}
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
	return ""
}
