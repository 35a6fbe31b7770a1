# shellcheck shell=bash
# What the scripts under tools/ share. Sourced, after set -euo pipefail.

# shellcheck disable=SC2034 # used by those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A make that runs one of these scripts exports its jobserver, which only
# recipes marked as sub-makes can use; LLVM= and KDIR= arrive as variables.
unset MAKEFLAGS MFLAGS MAKELEVEL

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# release_of KDIR: what `uname -r` says under that kernel. Not kernelrelease: Debian's 6.1 answers
# that with the upstream version.
release_of() { sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$1/include/generated/utsrelease.h"; }

# What is slow to make and the same for every checkout lives here.
cache_dir() {
	local home=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
	local dir=${WDMDMA_CACHE:-${home:+$home/wdmdma}}
	[[ $dir ]] || die "no HOME: set WDMDMA_CACHE to a directory"
	mkdir -p "$dir"
	(cd "$dir" && pwd -P)
}

# step NAME COMMAND...: one line for each step of a check; what a failed one printed follows its
# line. The command is run as a condition: -e does not hold in it.
passed=0 failed=0
step() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		printf 'ok %s\n' "$name"
		passed=$((passed + 1))
	else
		printf 'FAILED %s\n' "$name"
		printf '%s\n' "$output" | head -n 60 | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

sum_of_steps() {
	printf '%d passed, %d failed\n' "$passed" "$failed"
	[[ $failed -eq 0 ]]
}
