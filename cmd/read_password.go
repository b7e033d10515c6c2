package cmd

import (
	"bytes"
	"fmt"
	"io"

	"manifest-tool/internal/auth"
)

// maxPassword bounds a password on standard input, in bytes.
const maxPassword = 64 << 10

// readPasswordFrom reads a password: everything up to the end of the input, without
// one final line end. It may have several lines, such as the JSON key of a service
// account of Google. recoded is set if it was UTF-16 or had a byte order mark, as
// PowerShell writes it.
func readPasswordFrom(r io.Reader) (password string, recoded bool, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPassword+1))
	if err != nil {
		return "", false, fmt.Errorf("reading the password from standard input: %w", err)
	}
	text := auth.ToUTF8(data)
	recoded = len(text) != len(data)
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	switch {
	case len(data) > maxPassword:
		return "", recoded, usagef("the password on standard input is longer than %d bytes", maxPassword)
	case len(text) == 0:
		return "", recoded, usagef("--password-stdin is given, but standard input is empty")
	}
	return string(text), recoded, nil
}
