package verify

import (
	"fmt"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/suggest"
	"slices"
)

// Code names a kind of finding; it never changes its meaning.
type Code string

// The codes. docs/verify.md says what to do about each.
const (
	CodeChildMissing       Code = "child-missing"
	CodeChildMalformed     Code = "child-malformed"
	CodeConfigMissing      Code = "config-missing"
	CodeConfigMalformed    Code = "config-malformed"
	CodeLayerMissing       Code = "layer-missing"
	CodeLayerUnreadable    Code = "layer-unreadable"
	CodeLayerCompression   Code = "layer-compression"
	CodeLayerTrailingBytes Code = "layer-trailing-bytes"
	CodeUnreachable        Code = "unreachable"
	CodeDigestMismatch     Code = "digest-mismatch"
	CodeSizeMismatch       Code = "size-mismatch"
	CodeMediaTypeMismatch  Code = "media-type-mismatch"
	CodeDiffIDMismatch     Code = "diff-id-mismatch"
	CodeTOCMismatch        Code = "toc-mismatch"
	CodeDescriptorInvalid  Code = "descriptor-invalid"
	CodeDigestUnsupported  Code = "digest-unsupported"
	CodeIndexTooDeep       Code = "index-too-deep"
	CodeIndexEmpty         Code = "index-empty"
	CodeDuplicatePlatform  Code = "duplicate-platform"
	CodePlatformAbsent     Code = "platform-absent"
	CodePlatformUndeclared Code = "platform-undeclared"
	CodeConfigPlatform     Code = "config-platform"
	CodeConfigPlatformOpen Code = "config-platform-open"

	CodeEntrypointMissing       Code = "entrypoint-missing"
	CodeEntrypointNotExecutable Code = "entrypoint-not-executable"
	CodeBinaryPlatform          Code = "binary-platform"
	CodeBinaryCompatible        Code = "binary-compatible"
	CodeBinaryUnknown           Code = "binary-unknown"
	CodeBinaryStray             Code = "binary-stray"
	CodeInterpreterMissing      Code = "interpreter-missing"
	CodeInterpreterPlatform     Code = "interpreter-platform"
	CodeLoaderMissing           Code = "loader-missing"
	CodeLoaderPlatform          Code = "loader-platform"
	CodeLoaderFloat             Code = "loader-float"
	CodeCommandMissing          Code = "command-missing"
	CodeCommandPlatform         Code = "command-platform"
	CodeUnverifiedBytes         Code = "unverified-bytes"
	CodeLayerNotDistributed     Code = "layer-not-distributed"
	CodeEntrypointUndeclared    Code = "entrypoint-undeclared"
)

// CodeInfo says what a code means.
type CodeInfo struct {
	Code     Code
	Severity Severity
	// Title is a sentence without a full stop.
	Title string
}

// AllCodes returns all codes, in the order of the three evidences.
func AllCodes() []CodeInfo {
	return []CodeInfo{
		{CodeChildMissing, SeverityError, "the manifest of an entry is missing"},
		{CodeChildMalformed, SeverityError, "the manifest of an entry cannot be read as one"},
		{CodeConfigMissing, SeverityError, "the config of an image is missing"},
		{CodeConfigMalformed, SeverityError, "the config of an image cannot be read as one"},
		{CodeLayerMissing, SeverityError, "a layer or another blob of an image is missing"},
		{CodeLayerUnreadable, SeverityError, "a layer cannot be unpacked, or only beyond the limits"},
		{CodeLayerCompression, SeverityWarning, "a layer is packed otherwise than its media type says"},
		{CodeLayerTrailingBytes, SeverityWarning, "a layer has bytes behind the end of its archive"},
		{CodeUnreachable, SeverityError, "a manifest, config or blob could not be asked for"},
		{CodeDigestMismatch, SeverityError, "the bytes have another digest than the one they are named by"},
		{CodeSizeMismatch, SeverityError, "the bytes are more or fewer than their descriptor says"},
		{CodeMediaTypeMismatch, SeverityError, "a manifest is of another type than its entry says"},
		{CodeDiffIDMismatch, SeverityError, "a layer unpacks to other bytes than the config says"},
		{CodeTOCMismatch, SeverityWarning, "a layer's table of contents is not the one that the manifest vouches for"},
		{CodeDescriptorInvalid, SeverityError, "a descriptor cannot be true"},
		{CodeDigestUnsupported, SeverityWarning, "a digest is of a kind that this tool does not know"},
		{CodeIndexTooDeep, SeverityError, "indexes are nested too deep to be followed"},
		{CodeIndexEmpty, SeverityError, "an index has no entries, so that no node finds an image in it"},
		{CodeDuplicatePlatform, SeverityWarning, "two entries are for the same platform"},
		{CodePlatformAbsent, SeverityError, "no entry is for the platform that was asked for"},
		{CodePlatformUndeclared, SeverityInfo, "an entry does not say which platform it is for"},
		{CodeConfigPlatform, SeverityError, "the index and the image's config contradict each other"},
		{CodeConfigPlatformOpen, SeverityWarning, "the image's config does not say its os or architecture"},
		{CodeEntrypointMissing, SeverityError, "the program that the image starts is not in it"},
		{CodeEntrypointNotExecutable, SeverityError, "the program that the image starts may not be executed"},
		{CodeBinaryPlatform, SeverityError, "the program that the image starts is for another platform"},
		{CodeBinaryCompatible, SeverityInfo, "a program is for another platform that usually runs here too"},
		{CodeBinaryUnknown, SeverityInfo, "of a program that the image starts nobody can say what it runs on"},
		{CodeBinaryStray, SeverityWarning, "programs that the image does not start are for another platform"},
		{CodeInterpreterMissing, SeverityError, "the interpreter of a script is not in the image, or may not be executed"},
		{CodeInterpreterPlatform, SeverityError, "the interpreter of a script is for another platform"},
		{CodeLoaderMissing, SeverityError, "the loader of a dynamic program is not in the image, or may not be executed"},
		{CodeLoaderPlatform, SeverityError, "the loader of a dynamic program is for another platform"},
		{CodeLoaderFloat, SeverityWarning, "a dynamic program and its loader pass floating point numbers in different ways"},
		{CodeCommandMissing, SeverityWarning, "a shell is told to start a program that is not in the image, or may not be executed"},
		{CodeCommandPlatform, SeverityError, "a shell is told to start a program for another platform"},
		{CodeUnverifiedBytes, SeverityInfo, "a program was judged by bytes that no digest vouches for"},
		{CodeLayerNotDistributed, SeverityInfo, "a layer is left out because it may not be distributed"},
		{CodeEntrypointUndeclared, SeverityInfo, "the image does not say which program it starts"},
	}
}

// ParseCodes reads the values of --ignore, comma lists of codes; one nobody
// knows is an InputError.
func ParseCodes(values []string) ([]Code, error) {
	var codes []Code
	for _, s := range manifest.SplitList(values) {
		if !slices.Contains(Codes(), s) {
			return nil, &manifest.InputError{Err: fmt.Errorf("--ignore: unknown value %.60q: it is the code of a finding", s), HintText: nearestCode(s)}
		}
		codes = append(codes, Code(s))
	}
	return codes, nil
}

// Codes returns all codes as texts, in the order of Rules.
func Codes() []string {
	var all []string
	for _, r := range AllCodes() {
		all = append(all, string(r.Code))
	}
	return all
}

func nearestCode(s string) string {
	if near := suggest.Closest(s, Codes()); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "docs/verify.md lists the codes"
}

// severityOf is the severity of a code.
func severityOf(c Code) Severity {
	i := slices.IndexFunc(AllCodes(), func(r CodeInfo) bool { return r.Code == c })
	return AllCodes()[i].Severity
}
