package display

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"manifest-tool/internal/output"
	"manifest-tool/internal/progress"
)

// TestProgressJSON compares the lines with their schema and with each other.
func TestProgressJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := Start(Options{Mode: "json", Notices: output.Notices{Out: &out}})
		r := run{Progress: p}
		r.Tracker().Start(progress.Transfer{Action: progress.ActionCopy, Digest: sha("b"), From: "src", To: "dst", Size: 500}).Skip(progress.StateMounted)
		r.copyFor("a", 1e6, 2*time.Second)
		p.Close(true)

		var kinds []string
		var last progress.Event
		bytes := map[int]int64{}
		for _, e := range readEvents(t, out.String()) {
			kind := e.Event
			if b := e.Blob; b != nil {
				kind += " " + string(b.State)
				if b.Bytes < bytes[b.ID] || b.Bytes > b.Size {
					t.Errorf("%+v: fewer bytes than before, or too many", b)
				}
				bytes[b.ID] = b.Bytes
			}
			kinds, last = append(kinds, kind), e
		}
		want := []string{"blob mounted", "blob active", "total", "blob active", "total", "blob copied", "end"}
		if diff := cmp.Diff(want, kinds); diff != "" {
			t.Errorf("events (-want +got):\n%s\n%s", diff, out.String())
		}
		yes := true
		total := &progress.EventTotal{Blobs: 2, Ended: 2, Skipped: 1, Bytes: 1_000_500, Size: 1_000_500, Moved: 1_000_000, Rate: last.Total.Rate, Seconds: 1.999, Succeeded: &yes}
		if diff := cmp.Diff(total, last.Total); diff != "" {
			t.Errorf("the end (-want +got):\n%s", diff)
		}
	})
}

// readEvents reads lines, each of which must be an object that is valid by the schema.
func readEvents(t *testing.T, lines string) []progress.Event {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../../../docs/schema/progress.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []progress.Event
	for line := range strings.Lines(lines) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var e progress.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}
