package transport

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestDetailsOfARefusalAreInPlainWords(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]string{
		`[{"Type":"repository","Class":"","Name":"a","Action":"pull"}]`: "DENIED: no; Action: pull, Name: a, Type: repository",
		`{"Offset":4}`:             "DENIED: no; Offset: 4",
		`{"size":123456789012}`:    "DENIED: no; size: 123456789012",
		`"unknown tag=\"a\""`:      `DENIED: no; unknown tag="a"`,
		`[{"a":[1,true]},"b"]`:     "DENIED: no; a: 1; true; b",
		`null`:                     "DENIED: no",
		`{}`:                       "DENIED: no",
		`[{"Class":"","Name":""}]`: "DENIED: no",
	} {
		body := io.NopCloser(strings.NewReader(`{"errors":[{"code":"DENIED","message":"no","detail":` + detail + `}]}`))
		err := CheckResponse(&http.Response{StatusCode: http.StatusForbidden, Body: body}, http.StatusOK)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", detail, err, want)
		}
	}
	if err := CheckResponse(&http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, http.StatusOK); err != nil {
		t.Error(err)
	}
}
