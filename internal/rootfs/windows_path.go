package rootfs

import "strings"

// CleanWindowsPath converts a Windows path to one below the root of the image:
// C:\app\x and \\?\C:\app\x become /app/x, whatever the drive. A relative path
// stays relative.
func CleanWindowsPath(p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	p = strings.TrimPrefix(p, "//?/")
	if len(p) >= 2 && p[1] == ':' {
		p = "/" + strings.TrimPrefix(p[2:], "/")
	}
	return p
}
