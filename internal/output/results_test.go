package output

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"manifest-tool/internal/auth"
	settings "manifest-tool/internal/config"
	"manifest-tool/internal/manifest/diff"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/probe"
	"manifest-tool/internal/progress"
	"manifest-tool/internal/version"
)

// result is a result of a command, which is named as its schema is.
type result struct {
	command, name string
	value         any
}

// print writes the result as its command does.
func (r result) print(p Printer) error {
	switch v := r.value.(type) {
	case inspect.Inspection:
		return p.PrintInspection(v)
	case inspect.TagList:
		return p.PrintTags(v, true)
	case push.Result:
		return p.PrintPush([]push.Result{v})
	case push.PlanResult:
		return p.PrintPlan(v)
	case inspect.QueryResult:
		return p.PrintQuery(v)
	case resolve.Resolution:
		return p.PrintResolution(v)
	case diff.Result:
		return p.PrintDiff(v)
	case verify.Result:
		return p.PrintVerification(v)
	case auth.LoginResult:
		return p.PrintLogin(v)
	case auth.LogoutResult:
		return p.PrintLogout(v)
	case auth.Explanation:
		return p.PrintExplanation(v)
	case settings.Report:
		return p.PrintSettings(v)
	case settings.CheckResult:
		return p.PrintCheck(v)
	case probe.Report:
		return p.PrintRegistryReport(v)
	case version.Result:
		return p.PrintVersion(v)
	case progress.Event: // of --progress, which has a format of its own
		return p.render(v, func(*text) {})
	}
	return fmt.Errorf("no command gives a %T", r.value)
}

// in is the result in a format.
func (r result) in(t *testing.T, format string) string {
	t.Helper()
	f, err := ParseFormat(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.print(Printer{Out: &out, Format: f}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// data is what programs get of the result.
func (r result) data() reflect.Value {
	if in, ok := r.value.(inspect.Inspection); ok {
		return reflect.ValueOf(in.Result())
	}
	return reflect.ValueOf(r.value)
}

// results are results of every command that has --output, with every field of
// theirs set in one at least.
func results() []result {
	unchanged := pushed(nil)
	unchanged.Unchanged = true
	all := []result{
		{"tags", "none", inspect.TagList{Schema: "tags/v1", Repository: "reg.example/app", Tags: []inspect.Tag{}}},
		{"tags", "some", tagList()},
		{"push", "done", pushed(nil)},
		{"push", "partly", pushed(errors.New("denied"))},
		{"push", "unchanged", unchanged},
		{"push", "tagged", taggedImages()},
		{"plan", "new", plan()},
		{"plan", "unchanged", unchangedPlan()},
		{"inspect", "referring", referring()},
		{"version", "dev", version.New("dev", "unknown", "")},
		{"version", "release", version.New("1.0.0", "e83c5163", "2026-11-30T12:00:00Z")},
	}
	for name, in := range fixtures() {
		all = append(all, result{"inspect", name, in})
	}
	return slices.Concat(all, asked(), verifyResults(), loginResults(), settingsResults(), registryResults(), progressResults())
}

// progressResults are lines of --progress json.
func progressResults() []result {
	yes := true
	blob := progress.EventBlob{
		ID: 1, Action: progress.ActionRead, State: progress.StateActive, Digest: sha("a"), From: "src", To: "dst", Part: true, Bytes: 5, Size: 10, Rate: 2,
	}
	total := progress.EventTotal{Blobs: 9, Ended: 8, Skipped: 2, Failed: 1, Bytes: 5, Size: 10, Moved: 4, Rate: 2, Seconds: 1.5, Succeeded: &yes}
	now := time.Unix(1e9, 0).UTC()
	return []result{
		{"progress", "blob", progress.Event{Schema: progress.Schema, Event: "blob", Time: now, Blob: &blob}},
		{"progress", "end", progress.Event{Schema: progress.Schema, Event: "end", Time: now, Total: &total}},
	}
}
