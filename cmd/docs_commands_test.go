package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

const program = "manifest-tool"

// TestCommandLinesInText checks the command lines in the sentences of each page: each
// command and flag must exist.
func TestCommandLinesInText(t *testing.T) {
	span := regexp.MustCompile("`(manifest-tool [a-z-][^`]+)`")
	checked := 0
	for _, page := range writtenPages(t) {
		raw, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range span.FindAllSubmatchIndex(raw, -1) {
			b := docBlock{page: page, line: 1 + strings.Count(string(raw[:found[0]]), "\n"), language: "text"}
			if bytes.HasPrefix(raw[found[2]:], []byte("manifest-tool failed")) {
				continue // the start of an error
			}
			text := strings.Join(strings.Fields(string(raw[found[2]:found[3]])), " ")
			checked += b.checkCommands(t, withoutBrackets(text))
		}
	}
	if checked < 5 {
		t.Errorf("%d command lines were found", checked)
	}
}

// checkLines checks each command line of this program in a block of another language,
// and returns their number.
func (b docBlock) checkLines(t *testing.T) (checked int) {
	t.Helper()
	starts := regexp.MustCompile(`(^|[\s'"|(/])manifest-tool [a-z-]`)
	for i, line := range strings.Split(b.text, "\n") {
		at := starts.FindStringIndex(line)
		if at == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		command := line[at[0]+strings.Index(line[at[0]:], program):]
		in := docBlock{page: b.page, line: b.line + 1 + i, language: "text"}
		checked += in.checkCommands(t, withoutBrackets(strings.TrimRight(command, `'"\ `)))
	}
	return checked
}

// checkGroovy checks the scripts of a Jenkinsfile, and returns the number of calls.
func (b docBlock) checkGroovy(t *testing.T) (checked int) {
	t.Helper()
	for _, script := range regexp.MustCompile(`(?s)\bsh '''(.*?)'''`).FindAllStringSubmatch(b.text, -1) {
		checked += b.checkCommands(t, script[1])
	}
	return checked
}

// withoutBrackets removes the brackets of a synopsis.
func withoutBrackets(command string) string {
	return regexp.MustCompile(`\[(-[^]]*|[A-Z.]+)\]`).ReplaceAllString(command, "$1")
}

// checkCommands checks every call of this program in a shell script, and returns their
// number.
func (b docBlock) checkCommands(t *testing.T, script string) (checked int) {
	t.Helper()
	script = regexp.MustCompile(`\$\{\{.*?\}\}`).ReplaceAllString(script, "EXPRESSION") // of GitHub
	parsed, err := syntax.NewParser().Parse(strings.NewReader(script), b.page)
	if err != nil {
		t.Errorf("%s:%d: not a script of the shell: %v\n%s", b.page, b.line, err, script)
		return 1
	}
	syntax.Walk(parsed, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		words, certain := literals(call.Args)
		if len(words) > 1 && words[0] == "make" && certain {
			checked += b.checkMake(t, words[1:])
		}
		at := slices.IndexFunc(words, isProgram)
		if at < 0 || at > 0 && !startsProgram(words[:at]) {
			return true
		}
		checked++
		err := checkCommandLine(words[at+1:], certain && at == 0 && b.language != "text")
		if err != nil {
			t.Errorf("%s:%d: %s: %v", b.page, b.line, strings.Join(words, " "), err)
		}
		return true
	})
	return checked
}

// checkMake checks that the targets of a call of make exist, and returns their number.
func (b docBlock) checkMake(t *testing.T, words []string) (checked int) {
	t.Helper()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range words {
		if strings.HasPrefix(target, "-") || strings.Contains(target, "=") {
			continue
		}
		checked++
		if !strings.Contains(string(makefile), "\n"+target+": ") {
			t.Errorf("%s:%d: the Makefile has no target %s", b.page, b.line, target)
		}
	}
	return checked
}

// isProgram reports whether a word is the path of this program, or an image of it.
func isProgram(word string) bool {
	name, _, _ := strings.Cut(path.Base(word), ":")
	return name == program
}

// startsProgram reports whether the words before a program are a command that starts it.
func startsProgram(words []string) bool {
	if words[0] == "docker" || words[0] == "podman" {
		return len(words) > 1 && words[1] == "run"
	}
	return slices.Contains([]string{"env", "exec", "nice", "sudo", "time", "timeout", "xargs"}, words[0])
}

// literals returns the values of words. Of a word that the shell expands the value is
// not certain.
func literals(args []*syntax.Word) (words []string, certain bool) {
	certain = true
	for _, arg := range args {
		word, ok := literal(arg.Parts)
		words, certain = append(words, word), certain && ok
	}
	return words, certain
}

func literal(parts []syntax.WordPart) (value string, certain bool) {
	certain = true
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			value += strings.ReplaceAll(strings.ReplaceAll(p.Value, "\\\n", ""), `\`, "")
		case *syntax.SglQuoted:
			value += p.Value
		case *syntax.DblQuoted:
			inner, ok := literal(p.Parts)
			value, certain = value+inner, certain && ok
		default:
			value, certain = value+"EXPANSION", false
		}
	}
	return value, certain
}

// checkCommandLine checks that the commands and flags of a command line exist and, if
// the words are certain, their values and the number of arguments.
func checkCommandLine(words []string, certain bool) error {
	root, _ := build(Deps{})
	c, rest, err := root.Find(normalizeArgs(root, words))
	if err != nil {
		return err
	}
	c.InitDefaultHelpFlag()
	err = c.ParseFlags(rest)
	if err != nil && (certain || !strings.Contains(err.Error(), "invalid argument")) {
		return err
	}
	if c.HasSubCommands() && c.Runnable() && len(c.Flags().Args()) == 0 && len(words) > 0 && !certain {
		return nil // the name of a group of commands
	}
	if certain || c.HasSubCommands() {
		return c.ValidateArgs(c.Flags().Args())
	}
	return nil
}

// TestCheckCommandLine shows what is found.
func TestCheckCommandLine(t *testing.T) {
	for line, want := range map[string]error{
		"inspect --raw a:1":                nil,
		"-o json query a b":                nil,
		"help exit-codes":                  nil,
		"completion bash":                  nil,
		"inspct a:1":                       errors.New("unknown command"),
		"push from-nothing a":              errors.New("unknown command"),
		"inspect --rawer a:1":              errors.New("unknown flag"),
		"inspect -z a:1":                   errors.New("unknown shorthand"),
		"inspect a:1 b:1":                  errors.New("takes only"),
		"verify --jobs many a:1":           errors.New("invalid argument"),
		"push from-spec":                   errors.New("needs"),
		"test-registry --only indexes a:1": nil,
	} {
		err := checkCommandLine(strings.Fields(line), true)
		if (err == nil) != (want == nil) || err != nil && !strings.Contains(fmt.Sprint(err), want.Error()) {
			t.Errorf("%s: %v, want %v", line, err, want)
		}
	}
}
