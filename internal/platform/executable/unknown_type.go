package executable

import (
	"bytes"
	"unicode/utf8"
)

// describeUnknown describes a file that is not a program of a known format, by its
// first bytes. The description is only shown.
func describeUnknown(head []byte) string {
	if len(head) == 0 {
		return "an empty file"
	}
	for _, known := range []struct{ magic, name string }{
		{"!<arch>\n", "an ar archive"},
		{"!<thin>\n", "a thin ar archive"},
		{"BC\xc0\xde", "LLVM bitcode"},
		{"\xde\xc0\x17\x0b", "LLVM bitcode"},
		{"PK\x03\x04", "a zip archive"},
		{"\x1f\x8b", "gzip data"},
		{"\x28\xb5\x2f\xfd", "zstd data"},
		{"\xfd7zXZ\x00", "xz data"},
		{"BZh", "bzip2 data"},
		{"\x27\x05\x19\x56", "a U-Boot image"},
		{"\x01\xdf\x00", "an XCOFF file"},
		{"\x01\xf7\x00", "an XCOFF64 file"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return known.name
		}
	}
	text := isText(head[:min(len(head), 512)])
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf#!")):
		return "text with a byte order mark before its #! line"
	case text && bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n\f"), []byte("#!")):
		return "text with a blank before its #! line"
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "text in UTF-16"
	case text:
		return "text without a #! line"
	}
	return "data of no known format"
}

// isText reports whether bytes are UTF-8 without control characters, but for a
// character that is cut off at the end.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 && len(b) >= utf8.UTFMax || r < ' ' && r != '\n' && r != '\t' && r != '\r' && r != '\f' && r != '\x1b' {
			return false
		}
		b = b[n:]
	}
	return true
}
