package output

import (
	"slices"
	"strings"
	"unicode/utf8"

	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/reference"
)

// Sanitizer makes text from outside safe to print: error messages that may
// repeat a secret of the run, a password that was typed into a name, a whole
// page, or control characters. The zero value and nil know no secrets.
type Sanitizer struct {
	redact func(string) string
}

// SetRedact sets the function that removes the secrets of the run from a
// string. Call it once, before the first request is sent.
func (s *Sanitizer) SetRedact(redact func(string) string) { s.redact = redact }

// Text removes secrets and typed passwords from an error message and limits its
// length. The result still needs escaping, which Line and all output formats do.
func (s *Sanitizer) Text(message string) string {
	if s != nil && s.redact != nil {
		message = s.redact(message)
	}
	return limitLength(splitCommands(reference.RedactUserinfoInText(message)))
}

// splitCommands splits what GitHub Actions, Azure Pipelines and TeamCity take for a
// command anywhere in a line, so that a registry cannot set the outputs of a step, for
// instance. Source: ActionCommand.TryParse of actions/runner.
func splitCommands(message string) string {
	return strings.NewReplacer("##[", "## [", "##vso[", "## vso[", "##teamcity[", "## teamcity[").Replace(message)
}

// Line is Text, escaped for a line on a terminal.
func (s *Sanitizer) Line(message string) string { return Escape(s.Text(message)) }

// tags returns a copy of the results of tags with sanitized errors.
func (s *Sanitizer) tags(all []push.TagResult) []push.TagResult {
	all = slices.Clone(all)
	for i := range all {
		all[i].Error = s.Text(all[i].Error)
	}
	return all
}

// platformTags returns a copy of the results of tags with sanitized errors.
func (s *Sanitizer) platformTags(all []push.PlatformTag) []push.PlatformTag {
	all = slices.Clone(all)
	for i := range all {
		tag := &all[i]
		tag.Error = s.Text(tag.Error)
	}
	return all
}

// plan returns a copy of a plan with sanitized errors.
func (s *Sanitizer) plan(p push.PlanResult) push.PlanResult {
	p.Targets = slices.Clone(p.Targets)
	for i := range p.Targets {
		tags := slices.Clone(p.Targets[i].Tags)
		for k := range tags {
			tags[k].Error = s.Text(tags[k].Error)
		}
		p.Targets[i].Tags = tags
	}
	return p
}

// verification returns a copy of a result whose error texts are sanitized: those
// of images and programs, and those that findings quote.
func (s *Sanitizer) verification(v verify.Result) verify.Result {
	v.Images = slices.Clone(v.Images)
	for i := range v.Images {
		image := &v.Images[i]
		image.Error = s.Text(image.Error)
		image.Findings = s.findings(image.Findings)
		image.Entries = slices.Clone(image.Entries)
		for j := range image.Entries {
			entry := &image.Entries[j]
			entry.Programs = slices.Clone(entry.Programs)
			for k := range entry.Programs {
				entry.Programs[k].Detail = s.Text(entry.Programs[k].Detail)
			}
		}
	}
	return v
}

func (s *Sanitizer) findings(all []verify.Finding) []verify.Finding {
	all = slices.Clone(all)
	for i := range all {
		all[i].Actual, all[i].Message = s.Text(all[i].Actual), s.Text(all[i].Message)
	}
	return all
}

// maxMessageLen limits an error message, in bytes: a registry may respond with a
// whole page.
const maxMessageLen = 8 << 10

// limitLength shortens a message that is too long, between two characters.
func limitLength(message string) string {
	if len(message) <= maxMessageLen {
		return message
	}
	end := maxMessageLen
	for end > maxMessageLen-utf8.UTFMax && !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + "..."
}
