package transport

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

func TestParseTokenResponse(t *testing.T) {
	for body, want := range map[string]tokenResponse{
		`{"token":"t"}`:                                          {Token: "t"},
		`{"access_token":"t"}`:                                   {Token: "t"},
		`{"token":"","access_token":"t"}`:                        {Token: "t"},
		`{"token":null,"access_token":"t"}`:                      {Token: "t"},
		`{"token":"t","access_token":"u"}`:                       {Token: "t"},
		`{"Token":"t","ExpiresIn":5}`:                            {Token: "t"},
		"\ufeff" + `{"token":"t"}`:                               {Token: "t"},
		`{"token":" t\n"}`:                                       {Token: "t"},
		`{"token":"Bearer t"}`:                                   {Token: "t"},
		`{"token":"t","expires_in":300}`:                         {Token: "t", ExpiresIn: 300},
		`{"token":"t","expires_in":"300"}`:                       {Token: "t", ExpiresIn: 300},
		`{"token":"t","expires_in":" 300 "}`:                     {Token: "t", ExpiresIn: 300},
		`{"token":"t","expires_in":299.9}`:                       {Token: "t", ExpiresIn: 299},
		`{"token":"t","expires_in":3e2}`:                         {Token: "t", ExpiresIn: 300},
		`{"token":"t","expires_in":-1}`:                          {Token: "t"},
		`{"token":"t","expires_in":0}`:                           {Token: "t"},
		`{"token":"t","expires_in":""}`:                          {Token: "t"},
		`{"token":"t","expires_in":null}`:                        {Token: "t"},
		`{"token":"t","expires_in":99999999999999999999}`:        {Token: "t", ExpiresIn: 1<<31 - 1},
		`{"token":"t","expires_in":1e999}`:                       {Token: "t", ExpiresIn: 1<<31 - 1},
		`{"token":"t","issued_at":"yesterday"}`:                  {Token: "t"},
		`{"token":"t","issued_at":1700000000,"scope":["a"]}`:     {Token: "t"},
		`{"token":"t","refresh_token":"r","token_type":"mac"}`:   {Token: "t", Refresh: "r"},
		`{"access_token":"t","refresh_token":null,"extra":{}}`:   {Token: "t"},
		`{"token":"t","errors":[{"code":"DENIED"}],"x":[1,2,3]}`: {Token: "t"},
	} {
		got, err := parseTokenResponse([]byte(body))
		if err != nil || got.Token != want.Token || got.Refresh != want.Refresh || got.ExpiresIn != want.ExpiresIn || got.doubts != nil {
			t.Errorf("%s: got %+v, %v, want %+v", body, got, err, want)
		}
	}
}

func TestParseTokenResponseNamesTheField(t *testing.T) {
	for body, want := range map[string]string{
		``:                            "not a JSON object",
		`null`:                        "not a JSON object",
		`"t"`:                         "not a JSON object",
		`[{"token":"t"}]`:             "not a JSON object",
		`<html>`:                      "not a JSON object",
		`{}`:                          "contains no token",
		`{"token":""}`:                "contains no token",
		`{"token":7}`:                 `"token" in the token server's response is not a string`,
		`{"access_token":{"a":"b"}}`:  `"access_token" in the token server's response is not a string`,
		`{"token":"a b"}`:             `"token" in the token server's response is not a token`,
		`{"token":"a\r\nX-Other: b"}`: `"token" in the token server's response is not a token`,
	} {
		if got, err := parseTokenResponse([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v, want %q", body, got, err, want)
		}
	}
	for body, want := range map[string]string{
		`{"token":"t","expires_in":"5m"}`:         `"expires_in"`,
		`{"token":"t","expires_in":{"s":1}}`:      `"expires_in"`,
		`{"token":"t","expires_in":true}`:         `"expires_in"`,
		`{"token":"t","expires_in":"NaN"}`:        `"expires_in"`,
		`{"token":"t","refresh_token":["r"]}`:     `"refresh_token"`,
		`{"token":"t","refresh_token":"a\u0000"}`: `"refresh_token"`,
	} {
		got, err := parseTokenResponse([]byte(body))
		if err != nil || got.Token != "t" || got.Refresh != "" || got.ExpiresIn != 0 || len(got.doubts) != 1 || !strings.Contains(got.doubts[0].Error(), want) {
			t.Errorf("%s: got %+v, %v, want a doubt about %s", body, got, err, want)
		}
	}
}

func TestRefusalReason(t *testing.T) {
	const jwt = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln"
	cred := authn.AuthConfig{Username: "alice", Password: "rab bit&"}
	for body, want := range map[string]string{
		`{"errors":[{"code":"UNAUTHORIZED","message":"use an access token"}]}`:     "use an access token",
		`{"errors":[{"message":"a","detail":{"reason":"quota"}},{"message":"b"}]}`: "a; reason: quota; b",
		`{"errors":["plain"]}`:                                          "plain",
		`{"details":"incorrect username or password"}`:                  "incorrect username or password",
		`{"error":"invalid_grant","error_description":"token expired"}`: "token expired",
		`{"error":"invalid_grant"}`:                                     "invalid_grant",
		`{"message":"2FA required","details":"2FA required"}`:           "2FA required",
		`{"detail":"rate"}`:                                             "rate",
		`"text"`:                                                        "text",
		"\ufeffHTTP Basic: Access denied\r\n\r\nsee the docs\n":         "HTTP Basic: Access denied see the docs",
		"<html><body>secret</body></html>":                              "",
		"[1]":                                                           "",
		"":                                                              "",
		`{"token":"abc"}`:                                               "",
		"a\x1b[31mb\u202ec\x00d":                                        "a [31mb c d",
		"the password rab bit& is wrong":                                "the password REDACTED is wrong",
		"rab+bit%26 and rab%20bit&":                                     "REDACTED and REDACTED",
		"token " + jwt + " has expired":                                 "token REDACTED has expired",
		"no sha256:" + strings.Repeat("0a", 32) + " here":               "no sha256:" + strings.Repeat("0a", 32) + " here",
		"request 123e4567-e89b-12d3-a456-426614174000 internationalization-and-localisation-words": "request 123e4567-e89b-12d3-a456-426614174000 internationalization-and-localisation-words",
	} {
		if got := refusalReason([]byte(body), cred); got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
	if got := refusalReason([]byte(strings.Repeat("word ", 1000)), cred); len([]rune(got)) != maxReason+1 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long message has %d characters", len([]rune(got)))
	}
}
