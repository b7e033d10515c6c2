package reference

import "testing"

func TestParseRegistry(t *testing.T) {
	for text, want := range map[string]string{
		"r.example": "r.example", "R.Example:5000": "r.example:5000", "localhost": "localhost", "localhost:5000": "localhost:5000",
		"127.0.0.1:5000": "127.0.0.1:5000", "[::1]:5000": "[::1]:5000", "https://r.example/": "r.example", "docker://r.example:5000": "r.example:5000", "http://r.example/v2/": "r.example",
		"docker.io": "index.docker.io", "index.docker.io": "index.docker.io", "https://index.docker.io/v1/": "index.docker.io",
		"": "", "r.example/team": "", "r.example:http": "", "r.example:99999": "", "a b": "", "https://": "", "u@r.example": "", "r.example?x": "",
	} {
		got, err := ParseRegistry(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseRegistry(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}
