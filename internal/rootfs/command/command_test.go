package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/rootfs/rootfstest"
)

func TestResolve(t *testing.T) {
	const glibc = "/lib64/ld-linux-x86-64.so.2"
	amd, arm, dynamic := rootfstest.ELF(rootfstest.AMD64, ""), rootfstest.ELF(rootfstest.ARM64, ""), rootfstest.ELF(rootfstest.AMD64, glibc)
	base := []rootfstest.Entry{
		{Name: "bin/sh -> busybox"},
		{Name: "bin/bash -> busybox"},
		{Name: "bin/busybox", Body: amd},
		{Name: "sbin/tini", Body: amd},
		{Name: "sbin/su-exec", Body: amd},
		{Name: "usr/bin/env", Body: amd},
		{Name: "usr/bin/python3", Body: dynamic},
		{Name: "lib64 -> usr/lib64"},
		{Name: "usr/lib64/ld-linux-x86-64.so.2", Body: amd},
		{Name: "srv/app", Body: arm},
		{Name: "usr/local/bin/app", Body: amd},
		{Name: "usr/local/sbin/app", Body: arm, Mode: 0o644},
		{Name: "srv/run.sh", Body: "#!/bin/sh -e\nexec true\n"},
		{Name: "srv/env.sh", Body: "#!/usr/bin/env bash\n"},
		{Name: "srv/run.py", Body: "#!/usr/bin/env -S python3 -u\n"},
		{Name: "srv/bare", Body: "echo hello\n"},
		{Name: "srv/gone.pl", Body: "#!/usr/bin/perl\n"},
		{Name: "srv/gosu", Body: "#!/bin/sh\n"},
		{Name: "srv/wrapped.sh", Body: "#!/sbin/tini /bin/sh\n"},
		{Name: "srv/bare.sh", Body: "#!sh\n"},
		{Name: "srv/data", Body: amd, Mode: 0o644},
		{Name: "srv/folder/"},
		{Name: "link -> srv/folder"},
		{Name: "dangling -> /gone"},
		{Name: "srv/up -> /"},
		{Name: "srv/endless", Body: "#!/usr/bin/env A=1 sh\n"},
		{Name: "srv/self", Body: "#!/srv/self\n"},
		{Name: "srv/nested", Body: "#!/srv/run.sh x\n"},
	}
	tests := []struct {
		name string
		cmd  Config
		want []string
	}{
		{"nothing", Config{}, nil},
		{"an empty one", Config{Entrypoint: []string{""}}, nil},
		{"an absolute path", Config{Entrypoint: []string{"/srv/app", "-x"}}, []string{"entrypoint /srv/app: /srv/app arm64"}},
		{"Cmd alone", Config{Cmd: []string{"/srv/app"}}, []string{"entrypoint /srv/app: /srv/app arm64"}},
		{"Cmd as arguments", Config{Entrypoint: []string{"/srv/app"}, Cmd: []string{"/bin/sh"}}, []string{"entrypoint /srv/app: /srv/app arm64"}},
		{"a name in PATH", Config{Cmd: []string{"app"}}, []string{"entrypoint app: /usr/local/bin/app amd64"}},
		{"a PATH of its own", Config{Cmd: []string{"app"}, Env: []string{"PATH=/x:/srv"}}, []string{"entrypoint app: /srv/app arm64"}},
		{"the last PATH", Config{Cmd: []string{"app"}, Env: []string{"PATH=/srv", "PATH=/usr/local/bin"}}, []string{"entrypoint app: /usr/local/bin/app amd64"}},
		{"a name in no PATH", Config{Cmd: []string{"nothing"}}, []string{"entrypoint nothing: missing"}},
		{"not executable where it is", Config{Cmd: []string{"app"}, Env: []string{"PATH=/usr/local/sbin"}}, []string{"entrypoint app: not executable "}},
		{"a path below the working directory", Config{Cmd: []string{"./app"}, WorkingDir: "/srv"}, []string{"entrypoint ./app: /srv/app arm64"}},
		{"a path without one", Config{Cmd: []string{"srv/app"}}, []string{"entrypoint srv/app: /srv/app arm64"}},
		{"a working directory that no layer has", Config{Cmd: []string{"../srv/app"}, WorkingDir: "/var"}, []string{"entrypoint ../srv/app: /srv/app arm64"}},
		{"the same further down", Config{Cmd: []string{"../../srv/app"}, WorkingDir: "var/lib/"}, []string{"entrypoint ../../srv/app: /srv/app arm64"}},
		{"the same below a link", Config{Cmd: []string{"../../app"}, WorkingDir: "/link/x"}, []string{"entrypoint ../../app: /srv/app arm64"}},
		{"the same up again", Config{Cmd: []string{"./app"}, WorkingDir: "/var/../srv"}, []string{"entrypoint ./app: /srv/app arm64"}},
		{"the same behind a link", Config{Cmd: []string{"../srv/app"}, WorkingDir: "/dangling"}, []string{"entrypoint ../srv/app: /srv/app arm64"}},
		{"the same above the root", Config{Cmd: []string{"../../../srv/app"}, WorkingDir: "/var"}, []string{"entrypoint ../../../srv/app: /srv/app arm64"}},
		{"nothing in one", Config{Cmd: []string{"./app"}, WorkingDir: "/var"}, []string{"entrypoint ./app: missing"}},
		{"a missing folder of a name", Config{Cmd: []string{"var/../srv/app"}}, []string{"entrypoint var/../srv/app: missing"}},
		{"a working directory that is a file", Config{Cmd: []string{"../app"}, WorkingDir: "/srv/app"}, []string{"entrypoint ../app: no file"}},
		{"a working directory at the end of a link", Config{Cmd: []string{"../app"}, WorkingDir: "/link/."}, []string{"entrypoint ../app: /srv/app arm64"}},
		{"a PATH below the working directory", Config{Cmd: []string{"app"}, WorkingDir: "/var", Env: []string{"PATH=../srv"}}, []string{"entrypoint app: /srv/app arm64"}},
		{"a PATH that is the working directory", Config{Cmd: []string{"app"}, WorkingDir: "/srv", Env: []string{"PATH=/x:"}}, []string{"entrypoint app: /srv/app arm64"}},
		{"a link to the root", Config{Cmd: []string{"srv/app"}, WorkingDir: "/srv/up"}, []string{"entrypoint srv/app: /srv/app arm64"}},
		{"a dynamic program", Config{Cmd: []string{"python3"}}, []string{
			"entrypoint python3: /usr/bin/python3 amd64", "loader " + glibc + ": /usr/lib64/ld-linux-x86-64.so.2 amd64",
		}},
		{"a script", Config{Cmd: []string{"/srv/run.sh"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a script by env", Config{Cmd: []string{"/srv/run.py"}}, []string{
			"entrypoint /srv/run.py: /srv/run.py script", "interpreter /usr/bin/env: /usr/bin/env amd64",
			"interpreter python3: /usr/bin/python3 amd64", "loader " + glibc + ": /usr/lib64/ld-linux-x86-64.so.2 amd64",
		}},
		{"a script of a script", Config{Cmd: []string{"/srv/nested"}}, []string{
			"entrypoint /srv/nested: /srv/nested script", "interpreter /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a text without interpreter", Config{Cmd: []string{"/srv/bare"}}, []string{"entrypoint /srv/bare: /srv/bare unknown"}},
		{"an interpreter that is gone", Config{Cmd: []string{"/srv/gone.pl"}}, []string{
			"entrypoint /srv/gone.pl: /srv/gone.pl script", "interpreter /usr/bin/perl: missing",
		}},
		{"the shell form", Config{Cmd: []string{"/bin/sh", "-c", "exec app --port 80"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"the shell form with variables", Config{Cmd: []string{"/bin/sh", "-c", "A=1 B=x/y /srv/app; true"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command /srv/app: /srv/app arm64",
		}},
		{"the shell form of what the shell does", Config{Cmd: []string{"/bin/sh", "-c", "cd /srv && ./app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"the shell form of what is expanded", Config{Cmd: []string{"/bin/sh", "-c", "$APP"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"flags before -c", Config{Cmd: []string{"/bin/sh", "-e", "-c", "app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"env as entrypoint", Config{Cmd: []string{"env", "A=1", "app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint app: /usr/local/bin/app amd64",
		}},
		{"env with a PATH of its own", Config{Cmd: []string{"env", "PATH=/srv", "app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint app: /srv/app arm64",
		}},
		{"env without any", Config{Cmd: []string{"env", "-i", "app"}}, []string{"entrypoint env: /usr/bin/env amd64"}},
		{"env without any, and a path", Config{Cmd: []string{"env", "-i", "/srv/app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint /srv/app: /srv/app arm64",
		}},
		{"a shell below env without any", Config{Cmd: []string{"env", "-i", "/bin/sh", "-c", "app"}}, []string{
			"entrypoint env: /usr/bin/env amd64", "entrypoint /bin/sh: /bin/busybox amd64",
		}},
		{"a wrapper", Config{Entrypoint: []string{"/sbin/tini", "-g", "--"}, Cmd: []string{"/srv/app", "-x"}}, []string{
			"entrypoint /sbin/tini: /sbin/tini amd64", "entrypoint /srv/app: /srv/app arm64",
		}},
		{"wrappers of a script", Config{Entrypoint: []string{"tini", "--", "su-exec", "app"}, Cmd: []string{"/srv/run.sh"}}, []string{
			"entrypoint tini: /sbin/tini amd64", "entrypoint su-exec: /sbin/su-exec amd64",
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a wrapper of what is missing", Config{Cmd: []string{"tini", "gone"}}, []string{"entrypoint tini: /sbin/tini amd64", "entrypoint gone: missing"}},
		{"a wrapper in the shell form", Config{Cmd: []string{"/bin/sh", "-c", "exec su-exec a:b app >/log 2>&1"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command su-exec: /sbin/su-exec amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"a wrapper whose arguments are expanded", Config{Cmd: []string{"/bin/sh", "-c", "exec su-exec $USER app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command su-exec: /sbin/su-exec amd64",
		}},
		{"a wrapper that is not understood", Config{Cmd: []string{"tini", "-h", "app"}}, []string{"entrypoint tini: /sbin/tini amd64"}},
		{"a wrapper that is a script", Config{Cmd: []string{"gosu", "app", "app"}, Env: []string{"PATH=/srv"}}, []string{
			"entrypoint gosu: /srv/gosu script", "interpreter /bin/sh: /bin/busybox amd64", "assumed command app: /srv/app arm64",
		}},
		{"what a shell script ends with", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"app", "-x"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64", "assumed command app: /usr/local/bin/app amd64",
		}},
		{"the same below a wrapper, and a wrapper below it", Config{Entrypoint: []string{"tini", "--", "/srv/env.sh"}, Cmd: []string{"su-exec", "app", "./app"}, WorkingDir: "/srv"}, []string{
			"entrypoint tini: /sbin/tini amd64", "entrypoint /srv/env.sh: /srv/env.sh script", "interpreter /usr/bin/env: /usr/bin/env amd64", "interpreter bash: /bin/busybox amd64",
			"assumed command su-exec: /sbin/su-exec amd64", "assumed command ./app: /srv/app arm64",
		}},
		{"the same of a dynamic program", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"python3"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
			"assumed command python3: /usr/bin/python3 amd64", "assumed loader " + glibc + ": /usr/lib64/ld-linux-x86-64.so.2 amd64",
		}},
		{"the same of a shell form", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"/bin/sh", "-c", "/srv/app"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
			"assumed command /bin/sh: /bin/busybox amd64", "assumed command /srv/app: /srv/app arm64",
		}},
		{"a script that a shell reads", Config{Entrypoint: []string{"/bin/sh", "-e", "/srv/bare"}, Cmd: []string{"/srv/app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "assumed command /srv/app: /srv/app arm64",
		}},
		{"a flag of a shell script", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"-x", "app"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a script of a shell script", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"/srv/gone.pl"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"what a shell script does not find", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"server"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"an argument of another script", Config{Entrypoint: []string{"/srv/run.py"}, Cmd: []string{"app"}}, []string{
			"entrypoint /srv/run.py: /srv/run.py script", "interpreter /usr/bin/env: /usr/bin/env amd64",
			"interpreter python3: /usr/bin/python3 amd64", "loader " + glibc + ": /usr/lib64/ld-linux-x86-64.so.2 amd64",
		}},
		{"a wrapper as interpreter", Config{Cmd: []string{"/srv/wrapped.sh"}}, []string{
			"entrypoint /srv/wrapped.sh: /srv/wrapped.sh script", "interpreter /sbin/tini: /sbin/tini amd64", "interpreter /bin/sh: /bin/busybox amd64",
		}},
		{"a shell as an applet", Config{Cmd: []string{"busybox", "sh", "-c", "app"}}, []string{
			"entrypoint busybox: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"the shell form with options", Config{Cmd: []string{"/bin/bash", "-eo", "pipefail", "-c", "app"}}, []string{
			"entrypoint /bin/bash: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"the shell form with a profile", Config{Cmd: []string{"/bin/sh", "-lc", "app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"the shell form with a PATH", Config{Cmd: []string{"/bin/sh", "-c", "PATH=/srv app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /srv/app arm64",
		}},
		{"the shell form with lines", Config{Cmd: []string{"/bin/sh", "-c", "\nexec tini --\n/srv/app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command tini: /sbin/tini amd64",
		}},
		{"the shell form with flags of exec", Config{Cmd: []string{"/bin/bash", "-c", "exec -a x app"}}, []string{"entrypoint /bin/bash: /bin/busybox amd64"}},
		{"a shell function", Config{Cmd: []string{"/bin/sh", "-c", "app () { :; }; app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"an interpreter without a path", Config{Cmd: []string{"/srv/bare.sh"}}, []string{
			"entrypoint /srv/bare.sh: /srv/bare.sh script", "interpreter ./sh: missing",
		}},
		{"the same where it is", Config{Cmd: []string{"/srv/bare.sh"}, WorkingDir: "/bin"}, []string{
			"entrypoint /srv/bare.sh: /srv/bare.sh script", "interpreter ./sh: /bin/busybox amd64",
		}},
		{"a slash behind a program", Config{Cmd: []string{"/srv/app/"}}, []string{"entrypoint /srv/app/: no file"}},
		{"no module, and no permission", Config{Cmd: []string{"/srv/data"}}, []string{"entrypoint /srv/data: not executable /srv/data"}},
		{"a module without permission", Config{Cmd: []string{"/srv/data"}, Wasm: true}, []string{"entrypoint /srv/data: /srv/data amd64"}},
		{"a module in the working directory", Config{Cmd: []string{"data"}, Wasm: true, WorkingDir: "/srv"}, []string{"entrypoint data: /srv/data amd64"}},
		{"a builtin before the program", Config{Cmd: []string{"/bin/sh", "-c", "set -e; exec app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command app: /usr/local/bin/app amd64",
		}},
		{"another directory, and an absolute path", Config{Cmd: []string{"/bin/sh", "-c", "cd /tmp && /srv/app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command /srv/app: /srv/app arm64",
		}},
		{"a script that is gone", Config{Cmd: []string{"sh", "-e", "/gone.sh", "app"}}, []string{
			"entrypoint sh: /bin/busybox amd64", "assumed command /gone.sh: missing", "assumed command app: /usr/local/bin/app amd64",
		}},
		{"a program as a script", Config{Cmd: []string{"sh", "/srv/data"}}, []string{
			"entrypoint sh: /bin/busybox amd64", "assumed command /srv/data: /srv/data amd64",
		}},
		{"a script below the working directory", Config{Cmd: []string{"sh", "./gone.sh"}}, []string{"entrypoint sh: /bin/busybox amd64"}},
		{"a script that the kernel has", Config{Cmd: []string{"sh", "/dev/stdin"}}, []string{"entrypoint sh: /bin/busybox amd64"}},
		{"a script from the standard input", Config{Cmd: []string{"sh", "-s", "/gone.sh"}}, []string{"entrypoint sh: /bin/busybox amd64"}},
		{"a script of a shell that is assumed", Config{Entrypoint: []string{"/srv/run.sh"}, Cmd: []string{"sh", "/gone.sh"}}, []string{
			"entrypoint /srv/run.sh: /srv/run.sh script", "interpreter /bin/sh: /bin/busybox amd64", "assumed command sh: /bin/busybox amd64",
		}},
		{"a string that starts its arguments", Config{Entrypoint: []string{"/bin/sh", "-c", "umask 027; exec \"$@\"", "--"}, Cmd: []string{"/srv/app", "-x"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "assumed command /srv/app: /srv/app arm64",
		}},
		{"the same without a name", Config{Entrypoint: []string{"/bin/sh", "-c", "exec \"$@\""}, Cmd: []string{"/srv/app"}}, []string{"entrypoint /bin/sh: /bin/busybox amd64"}},
		{"a string that passes its arguments on", Config{Entrypoint: []string{"/bin/sh", "-c", "cat \"$@\"", "--"}, Cmd: []string{"/srv/app"}}, []string{
			"entrypoint /bin/sh: /bin/busybox amd64", "command cat: missing",
		}},
		{"a path that leads up from a link", Config{Cmd: []string{"/link/../app"}}, []string{"entrypoint /link/../app: /srv/app arm64"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := stackOf(t, false, base)
			got, err := Resolve(t.Context(), s, tt.cmd)
			if diff := cmp.Diff(tt.want, steps(got)); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("a script that interprets itself", func(t *testing.T) {
		s := stackOf(t, false, base)
		got, _ := Resolve(t.Context(), s, Config{Cmd: []string{"/srv/self"}})
		if len(got) > 8 || !strings.HasSuffix(steps(got)[len(got)-1], "loop") {
			t.Errorf("%q", steps(got))
		}
	})
	t.Run("a script that env starts for ever", func(t *testing.T) {
		s := stackOf(t, false, base)
		got, _ := Resolve(t.Context(), s, Config{Cmd: []string{"/srv/endless"}})
		if len(got) > maxSteps+2 || got[len(got)-1].Err != nil {
			t.Errorf("%q", steps(got))
		}
	})
}

func TestResolveWindows(t *testing.T) {
	exe := "MZ" + strings.Repeat("\x00", 100)
	base := []rootfstest.Entry{
		{Name: "Files/"},
		{Name: "Hives/System_Delta", Body: "regf"},
		{Name: "Files/Windows/System32/cmd.exe", Body: exe, Mode: 0o644},
		{Name: "Files/App/Server.EXE", Body: exe, Mode: 0o644},
		{Name: "Files/root.exe", Body: exe},
		{Name: "Files/My App/run now.exe", Body: exe},
		{Name: "Files/tools/run.cmd", Body: "@echo off\r\n"},
		{Name: "Files/tools/do.vbs", Body: "x"},
		{Name: "cmd.exe", Body: exe},
	}
	found := func(p string) string { return p }
	for name, tt := range map[string]struct {
		cmd  Config
		want []string
	}{
		"a path":                   {Config{Cmd: []string{`C:\app\server.exe`}}, []string{found("/app/server.exe")}},
		"a path without extension": {Config{Cmd: []string{`c:\App\Server`}}, []string{"/App/Server.exe"}},
		"a relative path":          {Config{Cmd: []string{`app\server.exe`}, WorkingDir: `C:\`}, []string{"/app/server.exe"}},
		"the working directory":    {Config{Cmd: []string{`server`}, WorkingDir: `C:\app`}, []string{"/app/server.exe"}},
		"the system's folder":      {Config{Cmd: []string{`cmd`}}, []string{"/Windows/System32/cmd.exe"}},
		"a Path of its own":        {Config{Cmd: []string{`run`}, Env: []string{`Path=C:\nothing;"C:\Tools"`}}, []string{"/Tools/run.cmd"}},
		"an extension of Windows":  {Config{Cmd: []string{"cmd", "/C", `C:\tools\do -x`}}, []string{"/Windows/System32/cmd.exe", "/tools/do.vbs"}},
		"the shell form":           {Config{Cmd: []string{"cmd", "/S", "/C", `C:\app\server.exe -x`}}, []string{"/Windows/System32/cmd.exe", "/app/server.exe"}},
		"what cmd does itself":     {Config{Cmd: []string{"cmd", "/C", `echo x`}}, []string{"/Windows/System32/cmd.exe"}},
		"cmd's own word first":     {Config{Cmd: []string{"cmd", "/S", "/C", `@echo off && C:\app\gone.exe`}}, []string{"/Windows/System32/cmd.exe"}},
		"another folder first":     {Config{Cmd: []string{"cmd", "/S", "/C", `cd\app && gone.exe`}}, []string{"/Windows/System32/cmd.exe"}},
		"a text without echo":      {Config{Cmd: []string{"cmd", "/S", "/C", `@C:\app\server.exe -x`}}, []string{"/Windows/System32/cmd.exe", "/app/server.exe"}},
		"a name with blanks":       {Config{Cmd: []string{"cmd", "/C", `C:\My App\run now.exe`}}, []string{"/Windows/System32/cmd.exe", "/My App/run now.exe"}},
		"the same and arguments":   {Config{Cmd: []string{"cmd", "/C", `C:\My App\run now.exe`, "-x"}}, []string{"/Windows/System32/cmd.exe"}},
		"quotes a runtime escapes": {Config{Cmd: []string{"cmd", "/S", "/C", `"C:\app\server.exe" -x`}}, []string{"/Windows/System32/cmd.exe"}},
		"quotes in a command line": {Config{Cmd: []string{`cmd /S /C ""C:\my app\run now.exe" -x"`}, ArgsEscaped: true}, []string{"/Windows/System32/cmd.exe"}},
		"a flag of a program":      {Config{Cmd: []string{"cmd", "x", "/C", `C:\gone.exe`}}, []string{"/Windows/System32/cmd.exe"}},
		"in the root":              {Config{Cmd: []string{"cmd", "/C", `root -x`}}, []string{"/Windows/System32/cmd.exe", "/root.exe"}},
		"a command line":           {Config{Cmd: []string{`cmd /S /C C:\app\server.exe -x`}, ArgsEscaped: true}, []string{"/Windows/System32/cmd.exe", "/app/server.exe"}},
		"a line with blanks":       {Config{Cmd: []string{`C:\my app\run now.exe -x`}, ArgsEscaped: true}, []string{"/my app/run now.exe"}},
		"a line with quotes":       {Config{Cmd: []string{`"C:\my app\run now" -x`}, ArgsEscaped: true}, []string{"/my app/run now.exe"}},
		"a line of one word":       {Config{Entrypoint: []string{`C:\app\server`}, Cmd: []string{"-x"}, ArgsEscaped: true}, []string{"/app/server.exe"}},
		"a line of nothing":        {Config{Cmd: []string{`C:\gone.exe -x`}, ArgsEscaped: true}, []string{""}},
		"a line that is a name":    {Config{Cmd: []string{`C:\app\server.exe -x`}}, []string{""}},
		"a name nobody has":        {Config{Cmd: []string{"nothing"}}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			s := stackOf(t, true, base)
			got, err := Resolve(t.Context(), s, tt.cmd)
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
