# shellcheck shell=bash
# How a guest is made and run. Sourced, after tools/lib.sh.

vm=$root/tools/vm
timeout=${WDMDMA_TIMEOUT:-300}

# initramfs OUT SOURCE...: a guest's whole file system, as OUT. A source is a module, for
# /modules, or a directory, for the root. $busybox is the guest's, or the host's.
initramfs() {
	local out=$1 stage=${1%.gz}.d source
	shift
	rm -rf "$stage"
	mkdir -p "$stage"/{bin,dev,proc,sys,modules}
	cp "${busybox:-$(command -v busybox)}" "$stage/bin/busybox"
	install -m 755 "$vm/init" "$stage/init"
	for source; do
		if [[ -d $source ]]; then cp -r "$source/." "$stage/"; else cp "$source" "$stage/modules/"; fi
	done
	(cd "$stage" && find . | cpio -o -H newc -R 0:0 --quiet) | gzip -1 >"$out"
	rm -rf "$stage"
}

# guest LOG COMMAND...: run it with a time limit; its output goes to LOG and
# through, ended by its exit status, which the judge wants to see.
guest() {
	local log=$1 status=0
	shift
	{
		# --foreground would leave a guest's child processes behind
		timeout --kill-after=5 "$timeout" "$@" </dev/null 2>&1 || status=$?
		# User-Mode Linux sometimes aborts while it cleans up, when its guest has ended well.
		if [[ $status -eq 134 ]] && sleep 1 && grep -q 'reboot: Power down' "$log"; then
			status=0
		fi
		printf '\nwdmdma-vm: exit %d\n' "$status"
	} | tee "$log"
}
