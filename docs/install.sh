#!/bin/sh
# Installs manifest-tool from its releases, without root's rights if it must:
#
#     curl -fsSL https://github.com/OWNER/manifest-tool/releases/latest/download/install.sh | sh
#     sh install.sh --version 1.2.0 --prefix /opt/manifest-tool
#
# It downloads the archive for this machine, compares its SHA-256 with the list of
# the release, and copies the program, its manual pages and its completions.
# The copy in a release has the address of its releases; elsewhere it is the
# variable RELEASES. docs/install.md describes other ways to install.
set -eu

releases=${RELEASES:-}

say() { printf 'install.sh: %s\n' "$*" >&2; }
fail() {
	say "$@"
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

usage() {
	cat <<'END'
usage: install.sh [--version VERSION] [--prefix DIR]
  --version VERSION  the release to install; the default is the latest
  --prefix DIR       install into DIR/bin and DIR/share; the default is
                     /usr/local, or ~/.local if that cannot be written to
END
}

# wrong_usage stops at a command line that is not valid.
wrong_usage() {
	say "$@"
	usage >&2
	exit 2
}

# system prints the operating system and the architecture as archives name them.
system() {
	case "$(uname -s)" in
	Linux) os=linux ;;
	Darwin) os=darwin ;;
	FreeBSD) os=freebsd ;;
	NetBSD) os=netbsd ;;
	OpenBSD) os=openbsd ;;
	*) fail "there is no installation for $(uname -s) with this script: download an archive from $releases" ;;
	esac
	machine=$(uname -m)
	case "$machine" in
	x86_64 | amd64) arch=amd64 ;;
	aarch64 | arm64 | evbarm) arch=arm64 ;;
	i?86) arch=386 ;;
	armv5*) arch=armv5 ;;
	armv6*) arch=armv6 ;;
	armv7* | armv8l) arch=armv7 ;;
	loongarch64) arch=loong64 ;;
	mips64) arch=$(little_endian mips64le) ;;
	ppc64le | riscv64 | s390x) arch=$machine ;;
	*) fail "no release has a program for $machine" ;;
	esac
	# A shell under Rosetta reports x86_64.
	if [ "$os/$arch" = darwin/amd64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then arch=arm64; fi
	echo "$os-$arch"
}

# little_endian prints its argument on a machine that stores the low byte first.
# Linux has one name for both.
little_endian() {
	if [ "$(printf '\001\000' | od -An -tu2 | tr -d ' ')" = 1 ]; then echo "$1"; else echo "mips64"; fi
}

# fetch downloads a URL into a file. curl does not follow https to http; wget has no
# option for that.
fetch() {
	if have curl; then
		case "$1" in
		https:*) curl -fsSL --proto '=https' --proto-redir '=https' -o "$2" "$1" ;;
		*) curl -fsSL -o "$2" "$1" ;;
		esac
	elif have wget; then
		wget -q -O "$2" "$1"
	else
		fail "curl or wget is needed"
	fi || fail "downloading $1 failed"
}

# checksum prints the SHA-256 of a file, and nothing without a program for it.
checksum() {
	if have sha256sum; then
		sha256sum "$1"
	elif have shasum; then
		shasum -a 256 "$1"
	elif have sha256; then
		sha256 -q "$1"
	elif have openssl; then
		openssl dgst -r -sha256 "$1"
	fi | cut -d ' ' -f 1
}

# copy installs a file under a name with a mode. A program that runs is replaced,
# not overwritten.
copy() {
	if ! {
		mkdir -p "$(dirname "$2")" &&
			cp "$1" "$2.new$$" &&
			chmod "$3" "$2.new$$" &&
			mv -f "$2.new$$" "$2"
	}; then
		fail "copying to $2 failed: use --prefix, or run as root"
	fi
}

# default_prefix prints where to install if no option says so.
default_prefix() {
	if [ -w /usr/local/bin ] || { [ ! -e /usr/local/bin ] && [ -w /usr/local ]; }; then
		echo /usr/local
	else
		echo "${HOME:?is not set: use --prefix}/.local"
	fi
}

# install_from copies the files of an unpacked archive below a prefix.
install_from() {
	copy "$1/manifest-tool" "$2/bin/manifest-tool" 755
	for page in "$1"/man/*.1; do
		if [ -e "$page" ]; then copy "$page" "$2/share/man/man1/${page##*/}" 644; fi
	done
	copy "$1/completions/manifest-tool.bash" "$2/share/bash-completion/completions/manifest-tool" 644
	copy "$1/completions/manifest-tool.zsh" "$2/share/zsh/site-functions/_manifest-tool" 644
	copy "$1/completions/manifest-tool.fish" "$2/share/fish/vendor_completions.d/manifest-tool.fish" 644
}

main() {
	version='' prefix=''
	while [ $# -gt 0 ]; do
		case "$1" in
		-h | --help)
			usage
			exit
			;;
		--version=?*) version=${1#*=} ;;
		--prefix=?*) prefix=${1#*=} ;;
		--version | --prefix)
			# An empty value is a variable that is not set: it does not mean the default.
			[ -n "${2:-}" ] || wrong_usage "$1 has no value"
			if [ "$1" = --version ]; then version=$2; else prefix=$2; fi
			shift
			;;
		--version= | --prefix=) wrong_usage "${1%=} has no value" ;;
		*) wrong_usage "unknown option $1" ;;
		esac
		shift
	done
	[ -n "$releases" ] || fail "set RELEASES to the address of the releases, such as https://github.com/OWNER/manifest-tool/releases"

	from=$releases/latest/download
	if [ -n "$version" ]; then from=$releases/download/v${version#v}; fi
	system=$(system)
	prefix=${prefix:-$(default_prefix)}
	work=$(mktemp -d) || fail "making a temporary directory failed: set TMPDIR"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM

	fetch "$from/checksums.txt" "$work/checksums.txt"
	line=$(grep -E "^[0-9a-f]{64}  manifest-tool-[^/ ]*-$system\.tar\.gz\$" "$work/checksums.txt") ||
		fail "the release at $from has no program for $system"
	want=${line%% *} archive=${line##* }
	fetch "$from/$archive" "$work/$archive"
	got=$(checksum "$work/$archive")
	[ -n "$got" ] || fail "sha256sum, shasum, sha256 or openssl is needed"
	[ "$got" = "$want" ] || fail "$from/$archive has SHA-256 $got, and checksums.txt has $want: nothing was installed"

	mkdir "$work/files"
	tar -xzf "$work/$archive" -C "$work/files" || fail "unpacking $archive failed: tar and gzip are needed, and space in $work. Nothing was installed"
	install_from "$work/files" "$prefix"
	installed=$("$prefix/bin/manifest-tool" version) || fail "$prefix/bin/manifest-tool was installed, and does not start on this machine"
	echo "installed $installed as $prefix/bin/manifest-tool"
	case ":$PATH:" in
	*":$prefix/bin:"*) ;;
	*) say "$prefix/bin is not in PATH" ;;
	esac
}

# The last lines: a shell runs nothing of the group before it has read its end, so
# nothing happens if the download of this script breaks off.
{
	main "$@"
}
