package command

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"manifest-tool/internal/rootfs/rootfstest"
)

// TestCmd reads the string after /C. The program after "=>" is started, nothing
// if that is empty.
func TestCmd(t *testing.T) {
	for _, line := range []string{
		`C:\app\app.exe -x => C:\app\app.exe`,
		`@C:\app\app.exe => C:\app\app.exe`,
		`\app\app => \app\app`,
		`.\app && x => .\app`,
		`..\app.exe => ..\app.exe`,
		`app-1.2.exe -a=b => app-1.2.exe`,
		`echoes => echoes`,
		`@ => `,
		`@echo off && C:\app\app.exe => `,
		`@rem app => `,
		`pushd C:\app && app.exe => `,
		`setlocal enabledelayedexpansion && app => `,
		`title x & app => `,
		`rmdir /s /q x => `,
		`cd\app && app.exe => `,
		`cd.. && app.exe => `,
		`CD /d C:\app => `,
		`echo. => `,
		`echo:x => `,
		`:: x => `,
		`:label => `,
		`=prog => `,
		`prog,x => `,
		`prog;x => `,
		`prog/x => `,
		`C:/app/app.exe => `,
		`(app) => `,
		`app&x => `,
		`app>log => `,
		`%APP% => `,
		`!APP! => `,
		`C:\PROGRA~1\app.exe => `,
		`C:app.exe => `,
		`D: => `,
		`\\server\app => `,
		`\\?\C:\app => `,
		`.. => `,
		`"C:\app\app.exe" -x => `,
		`"C:\app.exe -x" => `,
		`""C:\my app\app.exe" -x" => `,
		`"\"C:\app.exe\" -x" => `,
		`"echo x" && C:\app.exe "-x" => `,
		`" => `,
		`"" => `,
	} {
		text, want, _ := strings.Cut(line, "=> ")
		if got := strings.Join(firstCmdProgram(text).argv, "|"); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for _, word := range strings.Fields("assoc break call cd chdir cls color copy date del dir dpath echo endlocal erase exit for ftype goto if keys md mkdir " +
		"mklink move path pause popd prompt pushd rd rem ren rename rmdir set setlocal shift start time title type ver verify vol") {
		if c := firstCmdProgram("@" + strings.ToUpper(word) + " x"); len(c.argv) > 0 {
			t.Errorf("%s is read as a program", word)
		}
	}
}

// TestWindowsUnknownPath searches in a Windows image whose Env has no PATH: the
// registry of Windows may have one.
func TestWindowsUnknownPath(t *testing.T) {
	s := stackOf(t, true, []rootfstest.Entry{{Name: "Files/opt/node.exe", Body: "MZ"}})
	for _, tt := range []struct {
		name string
		env  []string
		want error
	}{
		{"node", nil, ErrUnknownPath},
		{"node.exe", nil, ErrUnknownPath},
		{"node", []string{`Path=C:\opt`}, nil},
		{"node", []string{`PATH=C:\bin`}, fs.ErrNotExist},
		{`C:\bin\node`, nil, fs.ErrNotExist},
		{`bin\node`, nil, fs.ErrNotExist},
	} {
		got, err := Resolve(t.Context(), s, Config{Cmd: []string{tt.name}, Env: tt.env})
		if err != nil || len(got) != 1 || !errors.Is(got[0].Err, tt.want) {
			t.Errorf("%s with %q: %+v, error %v", tt.name, tt.env, got, err)
		}
	}
}
