package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"manifest-tool/internal/errtext"
)

// templatePrefix begins the output format with a template.
const templatePrefix = "template="

// Check validates a string as the value of a setting.
func (s Setting) Check(text string) error {
	_, err := s.parse(text)
	return err
}

// parse reads one value as it is written in the file, a variable or a flag.
func (s Setting) parse(text string) (any, error) {
	switch s.Kind {
	case KindBool:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%.60q is neither true nor false", text)
		}
		return on, nil
	case KindInt:
		n, err := strconv.Atoi(text)
		if errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("%.60s is out of range: it must be from 0 to %d", text, MaxNumber)
		}
		if err != nil {
			return nil, fmt.Errorf("%.60q is not a number", text)
		}
		return n, s.check(n)
	case Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("%.60q is not a duration, such as 90s, 10m or 1h30m", text)
		}
		return d, s.check(d)
	case Hosts, Mirrors, Names, Namespaces, Networks:
		list := strings.Split(text, ",")
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
		return list, s.check(list)
	}
	return text, s.check(text)
}

// check validates a value of the right type.
func (s Setting) check(value any) error {
	switch v := value.(type) {
	case int:
		if v < 0 || v > MaxNumber {
			return fmt.Errorf("%d is out of range: it must be from 0 to %d", v, MaxNumber)
		}
	case time.Duration:
		if v < 0 {
			return fmt.Errorf("%s is negative", v)
		}
	case string:
		return s.checkText(v)
	case []string:
		for _, item := range v {
			if err := s.checkText(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s Setting) checkText(v string) error {
	switch s.Kind {
	case KindEnum:
		if !slices.Contains(s.Choices, v) {
			return fmt.Errorf("unknown value %.60q: it is %s", v, joinOr(s.Choices))
		}
	case Format:
		if !slices.Contains(s.Choices, v) && !strings.HasPrefix(v, templatePrefix) {
			return fmt.Errorf("unknown value %.60q: it is %s", v, joinOr(append(slices.Clone(s.Choices), templatePrefix+"TEXT")))
		}
	case Host, Hosts:
		return checkName(v, hostName(), "the name of a host, with or without a port")
	case Names:
		if !namePair().MatchString(v) {
			return fmt.Errorf("%.60q is not ARCH=NAME or ARCH/VARIANT=NAME, such as amd64=x86_64", v)
		}
	case Mirrors, Namespaces:
		return checkName(v, mirrorName(), "HOST[:PORT][/PATH]")
	case Pattern:
		return checkName(v, patternName(), "HOST, HOST:PORT or *.DOMAIN")
	case Address:
		return checkAddress(v)
	case Networks:
		_, err := ParseNetwork(v)
		return err
	case URL:
		return checkURL(v)
	}
	return nil
}

func joinOr(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// ErrUserinfo is the error for a host with a user or a password before its name,
// as in a URL.
var ErrUserinfo = errtext.WithHint(errors.New("a user or a password does not belong before the name of a host"),
	"leave it out, and log in with manifest-tool login or pass --username with --password-stdin")

// checkName rejects a string that is not the name of a registry, with advice for
// common mistakes.
func checkName(v string, form *regexp.Regexp, want string) error {
	if form.MatchString(v) && portOf(v) <= 65535 {
		return nil
	}
	switch {
	case strings.Contains(v, "@"):
		return ErrUserinfo // without the value, which may contain the password
	case strings.Contains(v, "://"):
		return fmt.Errorf("%.60q is not %s: leave out %s", v, want, v[:strings.Index(v, "://")+3])
	}
	return fmt.Errorf("%.60q is not %s", v, want)
}

// The forms of names, compiled when a setting first needs them.
const (
	label  = `[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`
	domain = label + `(?:\.` + label + `)*`
	port   = `(?::([0-9]{1,5}))?`
	host   = `(?:` + domain + `|\[[0-9A-Fa-f:.]+\])`
	// A mirror's host must look like one, or it would read as a repository.
	mirror = `(?:` + label + `(?:\.` + label + `)+` + port + `|(?:` + domain + `|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})|localhost)`
	path   = `(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*`
)

func namePair() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?=[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
}
func hostName() *regexp.Regexp   { return regexp.MustCompile(`^` + host + port + `$`) }
func mirrorName() *regexp.Regexp { return regexp.MustCompile(`^` + mirror + path + `$`) }
func patternName() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\*\.` + domain + `|` + host + port + `)$`)
}

// portOf returns the port in a name, 0 if there is none.
func portOf(name string) int {
	name, _, _ = strings.Cut(name, "/")
	_, after, ok := strings.Cut(name[strings.LastIndex(name, "]")+1:], ":")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(after)
	if err != nil {
		return 0
	}
	return n
}
