package transport

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func TestChallengesAreReadAsWritten(t *testing.T) {
	type parameters = map[string]string
	challenge := func(scheme string, p parameters) transport.Challenge {
		return transport.Challenge{Scheme: scheme, Parameters: p}
	}
	token := challenge("bearer", parameters{"realm": "https://auth.example/token", "service": "s"})
	tests := []struct {
		name   string
		header []string
		want   []transport.Challenge
	}{
		{"none", nil, nil},
		{"empty", []string{""}, nil},
		{"one", []string{`Bearer realm="https://auth.example/token",service="s"`}, []transport.Challenge{token}},
		{"words and names in capitals", []string{`BEARER Realm="https://auth.example/token",SERVICE="s"`}, []transport.Challenge{token}},
		{"spaces round everything", []string{"  Bearer \t realm = \"https://auth.example/token\" ,, service = s , "}, []transport.Challenge{token}},
		{
			"several in one header",
			[]string{`Basic realm="r", Bearer realm="https://auth.example/token",service="s"`},
			[]transport.Challenge{challenge("basic", parameters{"realm": "r"}), token},
		},
		{
			"several headers",
			[]string{`Basic realm="r"`, `Bearer realm="https://auth.example/token",service="s"`},
			[]transport.Challenge{challenge("basic", parameters{"realm": "r"}), token},
		},
		{
			"commas in quotes",
			[]string{`Bearer realm="x",scope="repository:a:pull,push",error="e"`},
			[]transport.Challenge{challenge("bearer", parameters{"realm": "x", "scope": "repository:a:pull,push", "error": "e"})},
		},
		{
			"escapes",
			[]string{`Basic realm="a \"quoted\" \\ word"`},
			[]transport.Challenge{challenge("basic", parameters{"realm": `a "quoted" \ word`})},
		},
		{
			"a scheme inside quotes",
			[]string{`Basic realm="r, Bearer realm=x"`},
			[]transport.Challenge{challenge("basic", parameters{"realm": "r, Bearer realm=x"})},
		},
		{
			"an unterminated quote",
			[]string{`Bearer realm="https://auth.example`, `Basic realm="r"`},
			[]transport.Challenge{challenge("bearer", parameters{"realm": "https://auth.example"}), challenge("basic", parameters{"realm": "r"})},
		},
		{
			"a backslash at the end",
			[]string{`Basic realm="r\`},
			[]transport.Challenge{challenge("basic", parameters{"realm": `r\`})},
		},
		{
			"a name twice: the first counts",
			[]string{`Bearer realm="a",Realm="b"`},
			[]transport.Challenge{challenge("bearer", parameters{"realm": "a"})},
		},
		{"a scheme alone", []string{`Negotiate`}, []transport.Challenge{challenge("negotiate", parameters{})}},
		{"schemes alone", []string{`Negotiate, NTLM, Basic realm="r"`}, []transport.Challenge{
			challenge("negotiate", parameters{}), challenge("ntlm", parameters{}), challenge("basic", parameters{"realm": "r"}),
		}},
		{
			"a token68",
			[]string{`Negotiate YII/vw+YG==, Bearer realm="https://auth.example/token",service="s"`},
			[]transport.Challenge{challenge("negotiate", parameters{}), token},
		},
		{
			"a token68 without padding",
			[]string{`Negotiate abc,Basic realm="r"`},
			[]transport.Challenge{challenge("negotiate", parameters{}), challenge("basic", parameters{"realm": "r"})},
		},
		{
			"junk before a challenge",
			[]string{`@@@, "x" =, Basic realm="r"`},
			[]transport.Challenge{challenge("basic", parameters{"realm": "r"})},
		},
		{"nothing but junk", []string{`=;@`}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{"Www-Authenticate": tt.header}
			if diff := cmp.Diff(tt.want, Challenges(header)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTheChallengeThatCanBeAnsweredIsChosen(t *testing.T) {
	identity := authn.AuthConfig{IdentityToken: "i"}
	tests := []struct {
		name, header string
		cred         authn.AuthConfig
		want         authScheme
	}{
		{"a token before a password", `Basic realm="r", Bearer realm="x"`, alice, bearerAuth},
		{"a token, without credentials", `Bearer realm="x"`, authn.AuthConfig{}, bearerAuth},
		{"a token server that is not named", `Bearer service="x", Basic realm="r"`, alice, basicAuth},
		{"a password that is there", `Negotiate, Basic realm="r"`, alice, basicAuth},
		{"a password that is not there", `Basic realm="r"`, authn.AuthConfig{}, unknownAuth},
		{"an identity token is no password", `Basic realm="r"`, identity, unknownAuth},
		{"nothing we speak", `Negotiate, Digest realm="x"`, alice, unknownAuth},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked, kind := selectChallenge(parseChallenges(tt.header), tt.cred)
			if kind != tt.want || (asked == nil) != (kind == unknownAuth) {
				t.Errorf("chose %v %+v, want %v", kind, asked, tt.want)
			}
		})
	}
}

func FuzzChallenges(f *testing.F) {
	for _, seed := range []string{
		"", `Basic realm="r"`, `Bearer realm="https://a/token",service="s",scope="repository:a:pull,push"`,
		`Negotiate YII/vw+YG==, Bearer realm=x`, `Basic realm="a\"b`, `,, =,"`, "Digest a=1, b=\"2\\", "Bearer realm\t=\t\"x\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, c := range parseChallenges(header) {
			again := parseChallenges(spell(c))
			if diff := cmp.Diff([]transport.Challenge{c}, again); diff != "" {
				t.Errorf("%q was read as %+v, which reads back differently:\n%s", header, c, diff)
			}
		}
	})
}

// spell writes a challenge with every value in quotes.
func spell(c transport.Challenge) string {
	s := c.Scheme
	for name, value := range c.Parameters {
		s += " " + name + `="`
		for i := range len(value) {
			if value[i] == '"' || value[i] == '\\' {
				s += `\`
			}
			s += value[i : i+1]
		}
		s += `",`
	}
	return s
}
