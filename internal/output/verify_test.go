package output

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// someVerification has entries of every verdict and findings of every severity.
func someVerification() verify.Result {
	amd, arm := &platform.Platform{OS: "linux", Architecture: "amd64"}, &platform.Platform{OS: "linux", Architecture: "arm64"}
	name := func(p *platform.Platform, digit string) *verify.EntryRef {
		return &verify.EntryRef{Platform: platform.Format(*p), Digest: sha(digit)}
	}
	entry := func(digit string, p *platform.Platform, verdict verify.EntryVerdict, programs ...verify.Program) verify.Entry {
		return verify.Entry{
			Digest: sha(digit), MediaType: ocispec.MediaTypeImageManifest, Kind: manifest.KindImage, Parent: sha("0"),
			Declared: p, Configured: p, Programs: programs, Verdict: verdict,
		}
	}
	program := func(role, path, built string, fit executable.Compatibility) verify.Program {
		return verify.Program{Role: role, Name: path, Path: path, Layer: sha("a").String(), Platform: built, Compatibility: fit, Detail: "ELF64"}
	}
	right := entry("1", amd, verify.VerdictOK, program("entrypoint", "/app", "linux/amd64", executable.FitNative))
	wrong := entry("2", arm, verify.VerdictFailed,
		program("entrypoint", "/run", "script", executable.FitUnknown), program("interpreter", "/bin/sh", "amd64", executable.FitIncompatible))
	wrong.Counts = []verify.ProgramCount{
		{Platform: "arm64", Compatibility: executable.FitNative, Count: 12}, {Platform: "amd64", Compatibility: executable.FitIncompatible, Count: 2, Paths: []string{"/bin/a", "/bin/sh"}},
	}
	gone := entry("3", arm, verify.VerdictMissing)
	gone.Configured = nil
	attestation := entry("4", &platform.Platform{OS: "unknown", Architecture: "unknown"}, verify.VerdictOK)
	attestation.Kind = manifest.KindAttestation
	image := verify.Image{
		Name: "reg.example/app:1", Digest: sha("0"), MediaType: ocispec.MediaTypeImageIndex,
		Entries: []verify.Entry{right, wrong, gone, attestation},
		Findings: []verify.Finding{
			{Code: verify.CodePlatformAbsent, Severity: verify.SeverityError, Expected: "linux/s390x", Actual: "linux/amd64", Evidence: "the entries", Message: "m1"},
			{Code: verify.CodeInterpreterPlatform, Severity: verify.SeverityError, Entry: name(arm, "2"), Field: "architecture", Subject: "/bin/sh", Expected: "arm64", Actual: "amd64", Evidence: "interpreter of /run", Message: "m2"},
			{Code: verify.CodeBinaryStray, Severity: verify.SeverityWarning, Entry: name(arm, "2"), Expected: "linux/arm64", Actual: "linux/amd64 in 2 more files", Paths: []string{"/opt/a", "/opt/b"}, Evidence: "the rules", Message: "m6"},
			{Code: verify.CodeDuplicatePlatform, Severity: verify.SeverityWarning, Entry: name(arm, "3"), Expected: "one entry", Actual: "two", Evidence: "the entries", Message: "m3"},
			{Code: verify.CodeChildMissing, Severity: verify.SeverityError, Entry: name(arm, "3"), Subject: sha("3").String(), Evidence: "GET of the manifest", Message: "m4"},
			{Code: verify.CodeUnverifiedBytes, Severity: verify.SeverityInfo, Entry: name(amd, "1"), Subject: "/app", Evidence: "the table", Message: "m5"},
		},
	}
	failed := verify.Image{Name: "reg.example/gone:1", Error: "not found", Entries: []verify.Entry{}, Findings: []verify.Finding{}}
	return verify.Result{
		Schema: verify.Schema, Images: []verify.Image{image, failed},
		Summary: verify.FindingCounts{Errors: 3, Warnings: 2, Infos: 1},
	}
}

// hostileVerification has hostile text wherever text comes from outside.
func hostileVerification() verify.Result {
	v := someVerification()
	p := hostilePlatform()
	image := &v.Images[0]
	image.MediaType, image.Digest = hostile, hostile
	e := &image.Entries[1]
	e.Digest, e.Declared, e.Configured = hostile, &p, &p
	e.Programs[1].Name, e.Programs[1].Path, e.Programs[1].Platform, e.Programs[1].Detail = hostile, hostile, hostile, hostile
	e.Counts[1].Platform, e.Counts[1].Paths = hostile, []string{hostile}
	f := &image.Findings[1]
	name := e.Name()
	f.Entry = &name
	f.Subject, f.Expected, f.Actual, f.Evidence, f.Message = hostile, hostile, hostile, hostile, hostile
	v.Images[1].Error = hostile
	return v
}

func verifyResults() []result {
	odd := hostileVerification()
	odd.Images[0].Digest = sha("0") // it is computed
	none := verify.Result{Schema: verify.Schema, Images: []verify.Image{}}
	return []result{{"verify", "findings", someVerification()}, {"verify", "hostile", odd}, {"verify", "nothing", none}}
}

// verificationIn is a verification as it is written.
func verificationIn(t *testing.T, p Printer, v verify.Result) []byte {
	t.Helper()
	var out bytes.Buffer
	p.Out = &out
	if err := p.PrintVerification(v); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestVerificationGoldens(t *testing.T) {
	for name, v := range map[string]verify.Result{"": someVerification(), "hostile-": hostileVerification()} {
		for format, p := range map[string]Printer{"text": {}, "color": {Color: true}, "json": {Format: Format{kind: asJSON}}} {
			checkGolden(t, "../verify/"+name+format, verificationIn(t, p, v))
		}
		checkGolden(t, "../verify/"+name+"sarif.json", verificationIn(t, Printer{Format: Format{kind: asSARIF}}, v))
		checkGolden(t, "../verify/"+name+"junit.xml", verificationIn(t, Printer{Format: Format{kind: asJUnit}}, v))
	}
}

func TestFault40HostileLayersDriveNoTerminal(t *testing.T) {
	for name, format := range map[string]kind{"text": asText, "json": asJSON, "sarif": asSARIF, "junit": asJUnit} {
		for _, c := range string(verificationIn(t, Printer{Format: Format{kind: format}}, hostileVerification())) {
			if c != '\n' && isUnsafe(c) {
				t.Errorf("%s: it has the character %U", name, c)
				break
			}
		}
	}
}

// TestEveryCodeIsDocumented holds page and schema to the codes that there are.
func TestEveryCodeIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../../docs/schema/verify.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Finding struct {
				Properties struct {
					Code struct{ Enum []string } `json:"code"`
				} `json:"properties"`
			} `json:"finding"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, r := range verify.AllCodes() {
		codes = append(codes, string(r.Code))
		row := "| `" + string(r.Code) + "` | " + string(r.Severity) + " |"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/verify.md has no row %q", row)
		}
	}
	rows := regexp.MustCompile("(?m)^\\| `[a-z-]+` \\| (error|warning|info) \\|").FindAllString(string(page), -1)
	if got := len(rows); got != len(codes) {
		t.Errorf("docs/verify.md has %d rows, there are %d codes", got, len(codes))
	}
	listed := schema.Defs.Finding.Properties.Code.Enum
	slices.Sort(codes)
	slices.Sort(listed)
	if diff := cmp.Diff(codes, listed); diff != "" {
		t.Errorf("the schema's codes (-want +got):\n%s", diff)
	}
}

// TestSARIFFollowsItsRules checks what SARIF 2.1.0 asks of the objects that are
// written; the numbers are its sections.
func TestSARIFFollowsItsRules(t *testing.T) {
	for _, v := range []verify.Result{someVerification(), hostileVerification(), {}} {
		var log struct {
			Schema  string `json:"$schema"`
			Version string
			Runs    []struct {
				Tool struct {
					Driver struct {
						Name  string
						Rules []struct {
							ID string `json:"id"`
						}
					}
				}
				Invocations []struct {
					ExecutionSuccessful        *bool
					ToolExecutionNotifications []struct{ Message struct{ Text string } }
				}
				Results []struct {
					RuleID    string `json:"ruleId"`
					RuleIndex int
					Level     string
					Message   struct{ Text string }
					Locations []struct {
						PhysicalLocation struct {
							ArtifactLocation struct {
								URI string `json:"uri"`
							}
						}
					}
					PartialFingerprints map[string]string
				}
			}
		}
		decoder := json.NewDecoder(bytes.NewReader(verificationIn(t, Printer{Format: Format{kind: asSARIF}}, v)))
		if err := decoder.Decode(&log); err != nil {
			t.Fatal(err)
		}
		if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 { // 3.13
			t.Fatalf("%+v", log)
		}
		run := log.Runs[0]
		if run.Tool.Driver.Name == "" || run.Results == nil { // 3.19.8, 3.14.23
			t.Errorf("tool %+v", run.Tool.Driver.Name)
		}
		for _, i := range run.Invocations {
			if failed := slices.ContainsFunc(v.Images, func(i verify.Image) bool { return i.Error != "" }); i.ExecutionSuccessful == nil || *i.ExecutionSuccessful == failed { // 3.20.14
				t.Errorf("%+v", i)
			}
		}
		seen := map[string]bool{}
		for _, r := range run.Results {
			if r.Message.Text == "" || !slices.Contains([]string{"none", "note", "warning", "error"}, r.Level) { // 3.11.8, 3.27.10
				t.Errorf("%+v", r)
			}
			if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID { // 3.27.6
				t.Errorf("rule %d is not %s", r.RuleIndex, r.RuleID)
			}
			for _, l := range r.Locations {
				u, err := url.Parse(l.PhysicalLocation.ArtifactLocation.URI) // 3.4.3, RFC 3986
				if err != nil || u.Scheme == "" {
					t.Errorf("URI %q: %v", l.PhysicalLocation.ArtifactLocation.URI, err)
				}
			}
			mark := r.PartialFingerprints["finding/v1"]
			if mark == "" || seen[mark] { // 3.27.17
				t.Errorf("fingerprint %q of %s", mark, r.RuleID)
			}
			seen[mark] = true
		}
		if len(v.Images) > 0 && len(run.Results) != v.Summary.Sum() {
			t.Errorf("%d results", len(run.Results))
		}
	}
}

func TestJUnitIsXMLThatCounts(t *testing.T) {
	for _, v := range []verify.Result{someVerification(), hostileVerification()} {
		raw := verificationIn(t, Printer{Format: Format{kind: asJUnit}}, v)
		var report struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Suites   []struct {
				Cases []struct {
					Failures []struct{} `xml:"failure"`
					Error    *struct{}  `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(raw, &report); err != nil {
			t.Fatal(err)
		}
		cases, failures, errors := 0, 0, 0
		for _, s := range report.Suites {
			for _, c := range s.Cases {
				cases++
				if len(c.Failures) > 0 {
					failures++
				}
				if c.Error != nil {
					errors++
				}
			}
		}
		if cases != report.Tests || failures != report.Failures || errors != report.Errors || failures != 4 || errors != 1 {
			t.Errorf("%d cases, %d failures, %d errors: %+v", cases, failures, errors, report)
		}
		if _, err := io.ReadAll(bytes.NewReader(raw)); err != nil || !bytes.HasPrefix(raw, []byte(xml.Header)) {
			t.Error("it is no XML document")
		}
	}
}
