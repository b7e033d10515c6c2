package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// tokenResponse is what a token server grants. doubts are fields that were ignored.
type tokenResponse struct {
	Token   string `json:"token"`
	Refresh string `json:"refresh_token,omitempty"`
	// ExpiresIn is in seconds, 0 if it is unknown.
	ExpiresIn int `json:"expires_in,omitempty"`
	doubts    []error
}

// parseTokenResponse reads a token response leniently: servers write numbers as
// strings or with fractions, put a byte order mark first, and use either of the two
// names of the token. issued_at is not read: a lifetime counts from the request.
// Source: Docker's token specification, "Token Response Fields".
func parseTokenResponse(raw []byte) (tokenResponse, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &fields); err != nil || fields == nil {
		return tokenResponse{}, errors.New("the token server's response is not a JSON object")
	}
	for key, value := range fields { // as Go's decoder does, and with it other clients
		if lower := strings.ToLower(key); lower != key && fields[lower] == nil {
			fields[lower] = value
		}
	}
	var r tokenResponse
	for _, name := range []string{"token", "access_token"} {
		value, err := tokenField(fields, name)
		if err != nil {
			return r, err
		}
		if r.Token == "" {
			r.Token = value
		}
	}
	if r.Token == "" {
		return r, errors.New("the token server's response contains no token")
	}
	var err error
	if r.Refresh, err = tokenField(fields, "refresh_token"); err != nil {
		r.doubts = append(r.doubts, err)
	}
	if r.ExpiresIn, err = lifetime(fields["expires_in"]); err != nil {
		r.doubts = append(r.doubts, err)
	}
	return r, nil
}

// tokenField returns a field that holds a token, "" if it is absent or null.
func tokenField(fields map[string]json.RawMessage, name string) (string, error) {
	raw := fields[name]
	if raw == nil || string(raw) == "null" {
		return "", nil
	}
	var value string
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", fmt.Errorf("%q in the token server's response is not a string", name)
	}
	value = strings.TrimSpace(value)
	if len(value) > len("Bearer ") && strings.EqualFold(value[:len("Bearer ")], "Bearer ") {
		value = strings.TrimSpace(value[len("Bearer "):])
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("%q in the token server's response is not a token", name)
	}
	return value, nil
}

// lifetime returns expires_in in whole seconds, 0 if it is absent or not positive.
func lifetime(raw json.RawMessage) (int, error) {
	text := strings.TrimSpace(strings.Trim(string(raw), `"`))
	if text == "" || text == "null" {
		return 0, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(seconds) {
		return 0, fmt.Errorf("%q in the token server's response is not a number of seconds, and is ignored", "expires_in")
	}
	return int(min(max(seconds, 0), math.MaxInt32)), nil
}
