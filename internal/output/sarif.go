package output

import "manifest-tool/internal/manifest/verify"

// The parts of a SARIF 2.1.0 log that findings need. Source: OASIS, "Static
// Analysis Results Interchange Format (SARIF) Version 2.1.0"; numbers in
// comments are its sections.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	// sarifRun is a run (3.14).
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	// sarifRule is a reportingDescriptor (3.49).
	sarifRule struct {
		ID      string      `json:"id"`
		Short   sarifText   `json:"shortDescription"`
		Default sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	// sarifInvocation (3.20) lists references that could not be read.
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	// sarifResult is a result (3.27).
	sarifResult struct {
		RuleID      string            `json:"ruleId"`
		RuleIndex   int               `json:"ruleIndex"`
		Level       string            `json:"level"`
		Message     sarifText         `json:"message"`
		Locations   []sarifLocation   `json:"locations"`
		Fingerprint map[string]string `json:"partialFingerprints"`
		Properties  sarifProperties   `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifProperties struct {
		Expected string `json:"expected,omitempty"`
		Actual   string `json:"actual,omitempty"`
		Evidence string `json:"evidence"`
	}
)

// sarif writes findings for code scanning services.
func (p Printer) sarif(v verify.Result) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "manifest-tool", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	index := map[verify.Code]int{}
	for i, r := range verify.AllCodes() {
		index[r.Code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: string(r.Code), Short: sarifText{r.Title}, Default: sarifConfig{sarifLevel(r.Severity)},
		})
	}
	call := sarifInvocation{Successful: true}
	for _, image := range v.Images {
		if image.Error != "" {
			call.Successful = false
			call.Notifications = append(call.Notifications, sarifNotification{"error", sarifText{image.Name + ": " + image.Error}})
		}
		for _, f := range image.Findings {
			run.Results = append(run.Results, sarifOf(image, f, index[f.Code]))
		}
	}
	run.Invocations = []sarifInvocation{call}
	data, err := encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
	if err != nil {
		return err
	}
	return p.write(data)
}

func sarifOf(image verify.Image, f verify.Finding, rule int) sarifResult {
	at := sarifLocation{Physical: sarifPhysical{sarifArtifact{uriOf(image.Name)}}}
	about := string(f.Code) + " " + f.Field + " " + f.Subject
	if f.Entry != nil {
		name := f.Entry.Platform + "@" + f.Entry.Digest.String()
		at.Logical = []sarifLogical{{Name: name, Kind: "member"}}
		about += " " + f.Entry.Platform
	}
	return sarifResult{
		RuleID: string(f.Code), RuleIndex: rule, Level: sarifLevel(f.Severity), Message: sarifText{f.Message},
		Locations: []sarifLocation{at}, Fingerprint: map[string]string{"finding/v1": fingerprint(image.Name, about)},
		Properties: sarifProperties{Expected: f.Expected, Actual: f.Actual, Evidence: f.Evidence},
	}
}

// sarifLevel is a severity in SARIF's words (3.27.10).
func sarifLevel(s verify.Severity) string {
	if s == verify.SeverityInfo {
		return "note"
	}
	return string(s)
}
