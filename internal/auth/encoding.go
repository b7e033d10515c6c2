package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"unicode/utf16"
)

// ToUTF8 returns text as UTF-8 without a byte order mark. Programs on Windows,
// PowerShell in particular, write UTF-8 with a byte order mark, or UTF-16.
func ToUTF8(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian)
	case bytes.HasPrefix(data, []byte("{\x00")):
		return fromUTF16(data, binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\x00{")):
		return fromUTF16(data, binary.BigEndian)
	}
	return data
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	var units []uint16
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// withAuths returns a file of the format of .dockercfg, whose top level is the
// value of auths, as a config file. Kubernetes has secrets of both formats
// (kubernetes.io/dockercfg). old is set for the format of .dockercfg.
func withAuths(data []byte) (config []byte, old bool) {
	var entries map[string]json.RawMessage
	if json.Unmarshal(data, &entries) != nil || len(entries) == 0 {
		return data, false
	}
	for _, entry := range entries {
		var login struct{ Auth, Username, Password string }
		if json.Unmarshal(entry, &login) != nil || !isAuth(login.Auth) && (login.Username == "" || login.Password == "") {
			return data, false
		}
	}
	return append(append([]byte(`{"auths":`), bytes.TrimSpace(data)...), '}'), true
}

// isAuth reports whether a string is the base64 form of user:password.
func isAuth(s string) bool {
	decoded, err := base64.StdEncoding.DecodeString(s)
	return err == nil && strings.Contains(string(decoded), ":")
}
