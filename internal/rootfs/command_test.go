package rootfs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// steps writes what a command needs, one line each.
func steps(all []Step) []string {
	var lines []string
	for _, s := range all {
		lines = append(lines, fmt.Sprintf("%s %s: %s", s.Role, s.Name, where(s.File, s.Err)))
	}
	return lines
}

func TestACommandStartsWhatARuntimeWouldStart(t *testing.T) {
	const glibc = "/lib64/ld-linux-x86-64.so.2"
	amd, arm, dynamic := elf(machineAMD64, ""), elf(machineARM64, ""), elf(machineAMD64, glibc)
	base := []entry{
		{name: "bin/sh -> busybox"},
		{name: "bin/bash -> busybox"},
		{name: "bin/busybox", body: amd},
		{name: "sbin/tini", body: amd},
		{name: "sbin/su-exec", body: amd},
		{name: "usr/bin/env", body: amd},
		{name: "usr/bin/python3", body: dynamic},
		{name: "lib64 -> usr/lib64"},
		{name: "usr/lib64/ld-linux-x86-64.so.2", body: amd},
		{name: "srv/app", body: arm},
		{name: "usr/local/bin/app", body: amd},
		{name: "usr/local/sbin/app", body: arm, mode: 0o644},
		{name: "srv/run.sh", body: "#!/bin/sh -e\nexec true\n"},
		{name: "srv/run.py", body: "#!/usr/bin/env -S python3 -u\n"},
		{name: "srv/bare", body: "echo hello\n"},
		{name: "srv/gone.pl", body: "#!/usr/bin/perl\n"},
		{name: "srv/gosu", body: "#!/bin/sh\n"},
		{name: "srv/wrapped.sh", body: "#!/sbin/tini /bin/sh\n"},
		{name: "srv/bare.sh", body: "#!sh\n"},
		{name: "srv/data", body: amd, mode: 0o644},
		{name: "srv/folder/"},
		{name: "link -> srv/folder"},
		{name: "dangling -> /gone"},
		{name: "srv/up -> /"},
		{name: "srv/endless", body: "#!/usr/bin/env A=1 sh\n"},
		{name: "srv/self", body: "#!/srv/self\n"},
		{name: "srv/nested", body: "#!/srv/run.sh x\n"},
	}
	tests := []struct {
		name string
		cmd  Command
		want []string
	}{
		{"nothing", Command{}, nil},
		{"an empty one", Command{Entrypoint: []string{""}}, nil},
		{"an absolute path", Command{Entrypoint: []string{"/srv/app", "-x"}}, []string{"entrypoint /srv/app: /srv/app arm64"}},
		{"Cmd alone", Command{Cmd: []string{"/srv/app"}}, []string{"entrypoint /srv/app: /srv/app arm64"}},
		{"Cmd as arguments", Command{Entrypoint: []string{"/srv/app"}, Cmd: []string{"/bin/sh"}}, []string{"entrypoint /srv/app: /srv/app arm64"}},
		{"a name in PATH", Command{Cmd: []string{"app"}}, []string{"entrypoint app: /usr/local/bin/app amd64"}},
		{"a PATH of its own", Command{Cmd: []string{"app"}, Env: []string{"PATH=/x:/srv"}}, []string{"entrypoint app: /srv/app arm64"}},
		{"the last PATH", Command{Cmd: []string{"app"}, Env: []string{"PATH=/srv", "PATH=/usr/local/bin"}}, []string{"entrypoint app: /usr/local/bin/app amd64"}},
		{"a name in no PATH", Command{Cmd: []string{"nothing"}}, []string{"entrypoint nothing: missing"}},
		{"not executable where it is", Command{Cmd: []string{"app"}, Env: []string{"PATH=/usr/local/sbin"}}, []string{"entrypoint app: not executable "}},
		{"a path below the working directory", Command{Cmd: []string{"./app"}, WorkingDir: "/srv"}, []string{"entrypoint ./app: /srv/app arm64"}},
		{"a path without one", Command{Cmd: []string{"srv/app"}}, []string{"entrypoint srv/app: /srv/app arm64"}},
		{"a working directory that no layer has", Command{Cmd: []string{"../srv/app"}, WorkingDir: "/var"}, []string{"entrypoint ../srv/app: /srv/app arm64"}},
		{"the same further down", Command{Cmd: []string{"../../srv/app"}, WorkingDir: "var/lib/"}, []string{"entrypoint ../../srv/app: /srv/app arm64"}},
		{"the same below a link", Command{Cmd: []string{"../../app"}, WorkingDir: "/link/x"}, []string{"entrypoint ../../app: /srv/app arm64"}},
		{"the same up again", Command{Cmd: []string{"./app"}, WorkingDir: "/var/../srv"}, []string{"entrypoint ./app: /srv/app arm64"}},
		{"the same behind a link", Command{Cmd: []string{"../srv/app"}, WorkingDir: "/dangling"}, []string{"entrypoint ../srv/app: /srv/app arm64"}},
		{"the same above the root", Command{Cmd: []string{"../../../srv/app"}, WorkingDir: "/var"}, []string{"entrypoint ../../../srv/app: /srv/app arm64"}},
		{"nothing in one", Command{Cmd: []string{"./app"}, WorkingDir: "/var"}, []string{"entrypoint ./app: missing"}},
		{"a missing folder of a name", Command{Cmd: []string{"var/../srv/app"}}, []string{"entrypoint var/../srv/app: missing"}},
		{"a working directory that is a file", Command{Cmd: []string{"../app"}, WorkingDir: "/srv/app"}, []string{"entrypoint ../app: no file"}},
		{"a working directory at the end of a link", Command{Cmd: []string{"../app"}, WorkingDir: "/link/."}, []string{"entrypoint ../app: /srv/app arm64"}},
		{"a PATH below the working directory", Command{Cmd: []string{"app"}, WorkingDir: "/var", Env: []string{"PATH=../srv"}}, []string{"entrypoint app: /srv/app arm64"}},
		{"a PATH that is the working directory", Command{Cmd: []string{"app"}, WorkingDir: "/srv", Env: []string{"PATH=/x:"}}, []string{"entrypoint app: /srv/app arm64"}},
		{"a link to the root", Command{Cmd: []string{"srv/app"}, WorkingDir: "/srv/up"}, []string{"entrypoint srv/app: /srv/app arm64"}},
		{"a dynamic program", Command{Cmd: []string{"python3"}}, []string{
			"entrypoint python3: /usr/bin/python3 amd64", "loader " + glibc + ": /usr/lib64/ld-linux-x86-64.so.2 amd64",
		}},
		{"a script", Command{Cmd: []string{"/srv/run.sh"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a script by env", Command{Cmd: []string{"/srv/run.py"}}, []string{
			"entrypoint /srv/run.py: /srv/run.py script", "interpreter /usr/bin/env: /usr/bin/env amd64",
			"interpreter python3: /usr/bin/python3 amd64", "loader " + glibc + ": /usr/lib64/ld-linux-x86-64.so.2 amd64",
		}},
		{"a script of a script", Command{Cmd: []string{"/srv/nested"}}, []string{
			"entrypoint /srv/nested: /srv/nested script", "interpreter /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a text without interpreter", Command{Cmd: []string{"/srv/bare"}}, []string{"entrypoint /srv/bare: /srv/bare unknown"}},
		{"an interpreter that is gone", Command{Cmd: []string{"/srv/gone.pl"}}, []string{
			"entrypoint /srv/gone.pl: /srv/gone.pl script", "interpreter /usr/bin/perl: missing",
		}},
		{"the shell form", Command{Cmd: []string{"/bin/sh", "-c", "exec app --port 80"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"the shell form with variables", Command{Cmd: []string{"/bin/sh", "-c", "A=1 B=x/y /srv/app; true"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command /srv/app: /srv/app arm64",
		}},
		{"the shell form of what the shell does", Command{Cmd: []string{"/bin/sh", "-c", "cd /srv && ./app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"the shell form of what is expanded", Command{Cmd: []string{"/bin/sh", "-c", "$APP"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"flags before -c", Command{Cmd: []string{"/bin/sh", "-e", "-c", "app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"env as entrypoint", Command{Cmd: []string{"env", "A=1", "app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint app: /usr/local/bin/app amd64",
		}},
		{"env with a PATH of its own", Command{Cmd: []string{"env", "PATH=/srv", "app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint app: /srv/app arm64",
		}},
		{"env without any", Command{Cmd: []string{"env", "-i", "app"}}, []string{"entrypoint env: /usr/bin/env amd64"}},
		{"env without any, and a path", Command{Cmd: []string{"env", "-i", "/srv/app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint /srv/app: /srv/app arm64",
		}},
		{"a shell below env without any", Command{Cmd: []string{"env", "-i", "/bin/sh", "-c", "app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint /bin/sh: /bin/busybox amd64",
		}},
		{"a wrapper", Command{Entrypoint: []string{"/sbin/tini", "-g", "--"}, Cmd: []string{"/srv/app", "-x"}}, []string{
			"entrypoint /sbin/tini: /sbin/tini amd64", "entrypoint /srv/app: /srv/app arm64",
		}},
		{"wrappers of a script", Command{Entrypoint: []string{"tini", "--", "su-exec", "app"}, Cmd: []string{"/srv/run.sh"}}, []string{
			"entrypoint tini: /sbin/tini amd64", "entrypoint su-exec: /sbin/su-exec amd64",
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a wrapper of what is missing", Command{Cmd: []string{"tini", "gone"}}, []string{"entrypoint tini: /sbin/tini amd64", "entrypoint gone: missing"}},
		{"a wrapper in the shell form", Command{Cmd: []string{"/bin/sh", "-c", "exec su-exec a:b app >/log 2>&1"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command su-exec: /sbin/su-exec amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"a wrapper whose arguments are expanded", Command{Cmd: []string{"/bin/sh", "-c", "exec su-exec $USER app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command su-exec: /sbin/su-exec amd64",
		}},
		{"a wrapper that is not understood", Command{Cmd: []string{"tini", "-h", "app"}}, []string{"entrypoint tini: /sbin/tini amd64"}},
		{"a wrapper that is a script", Command{Cmd: []string{"gosu", "app", "app"}, Env: []string{"PATH=/srv"}}, []string{
			"entrypoint gosu: /srv/gosu script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a wrapper as interpreter", Command{Cmd: []string{"/srv/wrapped.sh"}}, []string{
			"entrypoint /srv/wrapped.sh: /srv/wrapped.sh script", "interpreter /sbin/tini: /sbin/tini amd64", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a shell as an applet", Command{Cmd: []string{"busybox", "sh", "-c", "app"}}, []string{
			"entrypoint busybox: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"the shell form with options", Command{Cmd: []string{"/bin/bash", "-eo", "pipefail", "-c", "app"}}, []string{
			"entrypoint /bin/bash: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"the shell form with a profile", Command{Cmd: []string{"/bin/sh", "-lc", "app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"the shell form with a PATH", Command{Cmd: []string{"/bin/sh", "-c", "PATH=/srv app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /srv/app arm64",
		}},
		{"the shell form with lines", Command{Cmd: []string{"/bin/sh", "-c", "\nexec tini --\n/srv/app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command tini: /sbin/tini amd64",
		}},
		{"the shell form with flags of exec", Command{Cmd: []string{"/bin/bash", "-c", "exec -a x app"}}, []string{"entrypoint /bin/bash: /bin/busybox amd64"}},
		{"a shell function", Command{Cmd: []string{"/bin/sh", "-c", "app () { :; }; app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"an interpreter without a path", Command{Cmd: []string{"/srv/bare.sh"}}, []string{
			"entrypoint /srv/bare.sh: /srv/bare.sh script", "interpreter ./sh: missing",
		}},
		{"the same where it is", Command{Cmd: []string{"/srv/bare.sh"}, WorkingDir: "/bin"}, []string{
			"entrypoint /srv/bare.sh: /srv/bare.sh script", "interpreter ./sh: /bin/busybox amd64",
		}},
		{"a slash behind a program", Command{Cmd: []string{"/srv/app/"}}, []string{"entrypoint /srv/app/: no file"}},
		{"no module, and no permission", Command{Cmd: []string{"/srv/data"}}, []string{"entrypoint /srv/data: not executable /srv/data"}},
		{"a module without permission", Command{Cmd: []string{"/srv/data"}, Wasm: true}, []string{"entrypoint /srv/data: /srv/data amd64"}},
		{"a module in the working directory", Command{Cmd: []string{"data"}, Wasm: true, WorkingDir: "/srv"}, []string{"entrypoint data: /srv/data amd64"}},
		{"a path that leads up from a link", Command{Cmd: []string{"/link/../app"}}, []string{"entrypoint /link/../app: /srv/app arm64"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := stackOf(t, false, base)
			got, err := s.Resolve(t.Context(), tt.cmd)
			if diff := cmp.Diff(tt.want, steps(got)); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("a script that interprets itself", func(t *testing.T) {
		s, _ := stackOf(t, false, base)
		got, _ := s.Resolve(t.Context(), Command{Cmd: []string{"/srv/self"}})
		if len(got) > 8 || !strings.HasSuffix(steps(got)[len(got)-1], "loop") {
			t.Errorf("%q", steps(got))
		}
	})
	t.Run("a script that env starts for ever", func(t *testing.T) {
		s, _ := stackOf(t, false, base)
		got, _ := s.Resolve(t.Context(), Command{Cmd: []string{"/srv/endless"}})
		if len(got) > maxSteps+2 || got[len(got)-1].Err != nil {
			t.Errorf("%q", steps(got))
		}
	})
}

func TestAWindowsCommandIsFoundByItsRules(t *testing.T) {
	exe := "MZ" + strings.Repeat("\x00", 100)
	base := []entry{
		{name: "Files/"},
		{name: "Hives/System_Delta", body: "regf"},
		{name: "Files/Windows/System32/cmd.exe", body: exe, mode: 0o644},
		{name: "Files/App/Server.EXE", body: exe, mode: 0o644},
		{name: "Files/root.exe", body: exe},
		{name: "Files/My App/run now.exe", body: exe},
		{name: "Files/tools/run.cmd", body: "@echo off\r\n"},
		{name: "Files/tools/do.vbs", body: "x"},
		{name: "cmd.exe", body: exe},
	}
	found := func(p string) string { return p }
	for name, tt := range map[string]struct {
		cmd  Command
		want []string
	}{
		"a path":                   {Command{Cmd: []string{`C:\app\server.exe`}}, []string{found("/app/server.exe")}},
		"a path without extension": {Command{Cmd: []string{`c:\App\Server`}}, []string{"/App/Server.exe"}},
		"a relative path":          {Command{Cmd: []string{`app\server.exe`}, WorkingDir: `C:\`}, []string{"/app/server.exe"}},
		"the working directory":    {Command{Cmd: []string{`server`}, WorkingDir: `C:\app`}, []string{"/app/server.exe"}},
		"the system's folder":      {Command{Cmd: []string{`cmd`}}, []string{"/Windows/System32/cmd.exe"}},
		"a Path of its own":        {Command{Cmd: []string{`run`}, Env: []string{`Path=C:\nothing;"C:\Tools"`}}, []string{"/Tools/run.cmd"}},
		"an extension of Windows":  {Command{Cmd: []string{"cmd", "/C", `C:\tools\do -x`}}, []string{"/Windows/System32/cmd.exe", "/tools/do.vbs"}},
		"the shell form":           {Command{Cmd: []string{"cmd", "/S", "/C", `C:\app\server.exe -x`}}, []string{"/Windows/System32/cmd.exe", "/app/server.exe"}},
		"what cmd does itself":     {Command{Cmd: []string{"cmd", "/C", `echo x`}}, []string{"/Windows/System32/cmd.exe"}},
		"cmd's own word first":     {Command{Cmd: []string{"cmd", "/S", "/C", `@echo off && C:\app\gone.exe`}}, []string{"/Windows/System32/cmd.exe"}},
		"another folder first":     {Command{Cmd: []string{"cmd", "/S", "/C", `cd\app && gone.exe`}}, []string{"/Windows/System32/cmd.exe"}},
		"a text without echo":      {Command{Cmd: []string{"cmd", "/S", "/C", `@C:\app\server.exe -x`}}, []string{"/Windows/System32/cmd.exe", "/app/server.exe"}},
		"a name with blanks":       {Command{Cmd: []string{"cmd", "/C", `C:\My App\run now.exe`}}, []string{"/Windows/System32/cmd.exe", "/My App/run now.exe"}},
		"the same and arguments":   {Command{Cmd: []string{"cmd", "/C", `C:\My App\run now.exe`, "-x"}}, []string{"/Windows/System32/cmd.exe"}},
		"quotes a runtime escapes": {Command{Cmd: []string{"cmd", "/S", "/C", `"C:\app\server.exe" -x`}}, []string{"/Windows/System32/cmd.exe"}},
		"quotes in a command line": {Command{Cmd: []string{`cmd /S /C ""C:\my app\run now.exe" -x"`}, ArgsEscaped: true}, []string{"/Windows/System32/cmd.exe"}},
		"a flag of a program":      {Command{Cmd: []string{"cmd", "x", "/C", `C:\gone.exe`}}, []string{"/Windows/System32/cmd.exe"}},
		"in the root":              {Command{Cmd: []string{"cmd", "/C", `root -x`}}, []string{"/Windows/System32/cmd.exe", "/root.exe"}},
		"a command line":           {Command{Cmd: []string{`cmd /S /C C:\app\server.exe -x`}, ArgsEscaped: true}, []string{"/Windows/System32/cmd.exe", "/app/server.exe"}},
		"a line with blanks":       {Command{Cmd: []string{`C:\my app\run now.exe -x`}, ArgsEscaped: true}, []string{"/my app/run now.exe"}},
		"a line with quotes":       {Command{Cmd: []string{`"C:\my app\run now" -x`}, ArgsEscaped: true}, []string{"/my app/run now.exe"}},
		"a line of one word":       {Command{Entrypoint: []string{`C:\app\server`}, Cmd: []string{"-x"}, ArgsEscaped: true}, []string{"/app/server.exe"}},
		"a line of nothing":        {Command{Cmd: []string{`C:\gone.exe -x`}, ArgsEscaped: true}, []string{""}},
		"a line that is a name":    {Command{Cmd: []string{`C:\app\server.exe -x`}}, []string{""}},
		"a name nobody has":        {Command{Cmd: []string{"nothing"}}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := stackOf(t, true, base)
			got, err := s.Resolve(t.Context(), tt.cmd)
			var paths []string
			for _, step := range got {
				paths = append(paths, step.File.Path)
			}
			if diff := cmp.Diff(tt.want, paths); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
