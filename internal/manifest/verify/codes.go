package verify

import (
	"fmt"
	"slices"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/suggest"
)

// Code identifies a kind of finding. The meaning of a code never changes.
type Code string

// The codes. docs/verify.md describes the meaning of each and its remedy. A
// constant is named after its value.
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
	CodeIndexOfBlobs       Code = "index-of-blobs"
	CodeIndexNested        Code = "index-nested"
	CodeConfigValue        Code = "config-value"
	CodeLayerNotTar        Code = "layer-not-tar"
	CodeLayerBeyondLimits  Code = "layer-beyond-limits"
	CodePlatformIncomplete Code = "platform-incomplete"
	CodePlatformImpossible Code = "platform-impossible"
	CodePlatformSpelling   Code = "platform-spelling"
	CodeDuplicatePlatform  Code = "duplicate-platform"
	CodePlatformAbsent     Code = "platform-absent"
	CodePlatformUndeclared Code = "platform-undeclared"
	CodeConfigPlatform     Code = "config-platform"
	CodeConfigPlatformOpen Code = "config-platform-open"

	CodeEntrypointMissing       Code = "entrypoint-missing"
	CodeEntrypointNotExecutable Code = "entrypoint-not-executable"
	CodeEntrypointFormat        Code = "entrypoint-format"
	CodeBinaryPlatform          Code = "binary-platform"
	CodeBinaryCompatible        Code = "binary-compatible"
	CodeBinaryVariant           Code = "binary-variant"
	CodeBinaryUnknown           Code = "binary-unknown"
	CodeBinaryStray             Code = "binary-stray"
	CodeBinaryForeign           Code = "binary-foreign"
	CodeImagePlatform           Code = "image-platform"
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

// CodeInfo describes a code.
type CodeInfo struct {
	Code     Code
	Severity Severity
	// Title is a sentence without a full stop.
	Title string
}

// AllCodes returns all codes in the order of docs/verify.md.
func AllCodes() []CodeInfo {
	return slices.Concat(contentCodes(), indexCodes(), programCodes())
}

// contentCodes are about manifests, configs and layers: is all of it there, and
// is it what its digests and types say?
func contentCodes() []CodeInfo {
	return []CodeInfo{
		{CodeChildMissing, SeverityError, "the manifest of an entry is missing"},
		{CodeChildMalformed, SeverityError, "the manifest of an entry is not a valid manifest"},
		{CodeConfigMissing, SeverityError, "the config of an image is missing"},
		{CodeConfigMalformed, SeverityError, "the config of an image is not valid"},
		{CodeConfigValue, SeverityWarning, "the config of an image has an unexpected value, which some runtimes reject"},
		{CodeLayerMissing, SeverityError, "a layer or another blob of an image is missing"},
		{CodeLayerUnreadable, SeverityError, "a layer cannot be decompressed, or is not a tar archive"},
		{CodeLayerBeyondLimits, SeverityInfo, "a layer exceeds a limit of this check and is not looked at"},
		{CodeLayerCompression, SeverityWarning, "the compression of a layer differs from its media type"},
		{CodeLayerNotTar, SeverityInfo, "a layer is not a tar archive and is not checked"},
		{CodeLayerTrailingBytes, SeverityWarning, "a layer has bytes after the end of its archive"},
		{CodeUnreachable, SeverityError, "the request for a manifest, config or blob failed"},
		{CodeDigestMismatch, SeverityError, "the bytes do not match the digest that names them"},
		{CodeSizeMismatch, SeverityError, "the number of bytes differs from the size in the descriptor"},
		{CodeMediaTypeMismatch, SeverityError, "the media type of a manifest differs from that of its entry"},
		{CodeDiffIDMismatch, SeverityError, "a decompressed layer does not match its diff_id in the config"},
		{CodeTOCMismatch, SeverityWarning, "the table of contents of a layer does not match its digest in the manifest"},
		{CodeDescriptorInvalid, SeverityError, "a descriptor is not valid"},
		{CodeDigestUnsupported, SeverityWarning, "the algorithm of a digest is not supported"},
	}
}

// indexCodes are about the entries of an index and their platforms.
func indexCodes() []CodeInfo {
	return []CodeInfo{
		{CodeIndexTooDeep, SeverityError, "indexes are nested too deeply"},
		{CodeIndexEmpty, SeverityError, "an index has no entries, so no node can pull an image"},
		{CodeIndexOfBlobs, SeverityWarning, "the index is a build cache or another index of blobs, not an image"},
		{CodeIndexNested, SeverityInfo, "an entry is an index: some runtimes do not follow nested indexes"},
		{CodeDuplicatePlatform, SeverityWarning, "two entries have the same platform"},
		{CodePlatformAbsent, SeverityError, "no entry has the requested platform"},
		{CodePlatformUndeclared, SeverityInfo, "an entry does not declare its platform"},
		{CodePlatformIncomplete, SeverityWarning, "an entry declares a platform without os or architecture, so most nodes cannot choose it"},
		{CodePlatformImpossible, SeverityWarning, "an entry declares a variant that no node of its architecture has"},
		{CodePlatformSpelling, SeverityWarning, "a platform is not spelled as runtimes that compare text expect it"},
		{CodeConfigPlatform, SeverityError, "the index and the config of the image contradict each other"},
		{CodeConfigPlatformOpen, SeverityWarning, "the config of the image does not set os or architecture"},
	}
}

// programCodes are about the programs in the layers.
func programCodes() []CodeInfo {
	return []CodeInfo{
		{CodeEntrypointMissing, SeverityError, "the program that the image starts is not in it"},
		{CodeEntrypointNotExecutable, SeverityError, "the program that the image starts has no execute permission"},
		{CodeEntrypointFormat, SeverityError, "the kernel does not execute the program that the image starts: exec format error"},
		{CodeBinaryPlatform, SeverityError, "the program that the image starts is for another platform"},
		{CodeBinaryCompatible, SeverityInfo, "a program is for another platform that this one usually supports"},
		{CodeBinaryVariant, SeverityInfo, "a program names a higher variant than that of the platform, but may not require it"},
		{CodeBinaryUnknown, SeverityInfo, "the platform of a program that the image starts cannot be determined"},
		{CodeImagePlatform, SeverityError, "most programs and libraries of the image are for another platform"},
		{CodeBinaryStray, SeverityWarning, "a program that the image does not start is for another platform"},
		{CodeBinaryForeign, SeverityInfo, "programs for another platform are there on purpose, or nothing runs them"},
		{CodeInterpreterMissing, SeverityError, "the interpreter of a script is not in the image, or has no execute permission"},
		{CodeInterpreterPlatform, SeverityError, "the interpreter of a script is for another platform"},
		{CodeLoaderMissing, SeverityError, "the loader of a dynamic program is not in the image, or has no execute permission"},
		{CodeLoaderPlatform, SeverityError, "the loader of a dynamic program is for another platform"},
		{CodeLoaderFloat, SeverityWarning, "a dynamic program and its loader pass floating point numbers in different ways"},
		{CodeCommandMissing, SeverityWarning, "a shell starts a program that is not in the image, or has no execute permission"},
		{CodeCommandPlatform, SeverityError, "a shell, or the script that the image starts, starts a program for another platform"},
		{CodeUnverifiedBytes, SeverityInfo, "a program was checked by bytes that no digest covers"},
		{CodeLayerNotDistributed, SeverityInfo, "a layer is not in the registry because it may not be distributed"},
		{CodeEntrypointUndeclared, SeverityInfo, "the image has neither Entrypoint nor Cmd"},
	}
}

// ParseCodes parses the values of --ignore, comma-separated lists of codes. An
// unknown code is an InputError, with the nearest code as its hint.
func ParseCodes(values []string) ([]Code, error) {
	var codes []Code
	for _, s := range manifest.SplitList(values) {
		if !slices.Contains(Codes(), s) {
			return nil, &manifest.InputError{Err: fmt.Errorf("--ignore: %.60q is not the code of a finding", s), HintText: nearestCode(s)}
		}
		codes = append(codes, Code(s))
	}
	return codes, nil
}

// Codes returns all codes as strings, in the order of AllCodes.
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

// severityOf returns the severity of a code.
func severityOf(c Code) Severity {
	i := slices.IndexFunc(AllCodes(), func(r CodeInfo) bool { return r.Code == c })
	return AllCodes()[i].Severity
}
