# SPDX-License-Identifier: GPL-2.0
# Verbs only: kbuild reads Kbuild. Variables, where they apply:
#   KDIR=<kernel build directory>  LLVM=1
#   DESTDIR=  PREFIX=/usr/local
#   VARIANT=vtd|pt|amd|noiommu|verified|lowmem|swiotlb  KERNEL=6.12|6.1  SAMPLE=edu|serial|faulty
#   MACHINE=smmu|smmu-noncoherent|smmu-serial|plain|plain-noncoherent|raspi

.PHONY: all samples install uninstall dkms dkms-remove \
	run check check-qemu check-arm64 coverage check-runner check-lint check-builds check-dkms \
	style setup clean help

# wdmdma/wdmdma.ko, in the tree
all:
	@kdir=$$(tools/kdir) && $(MAKE) -C "$$kdir" M="$(CURDIR)" modules

# the same, and the ported drivers under samples/
samples:
	@kdir=$$(tools/kdir) && $(MAKE) -C "$$kdir" M="$(CURDIR)" SAMPLES=1 modules

# without dkms, for ported drivers to be built against: tools/install tells what goes where
install:
	@tools/install module

uninstall:
	@tools/install remove

dkms:
	@tools/install dkms

dkms-remove:
	@tools/install dkms-remove

run:
	@tools/vm/run qemu "$(or $(VARIANT),vtd)" "$(or $(KERNEL),6.12)" "$(or $(SAMPLE),edu)"

check:
	@tools/vm/run uml

check-qemu:
	@tools/vm/run smp

check-arm64:
	@tools/vm/check_arm64 $(MACHINE)

coverage:
	@tools/vm/run coverage

check-runner:
	@tools/vm/check_runner

# part of check-runner
check-lint:
	@tools/lint_test

check-builds:
	@tools/check_builds

check-dkms:
	@tools/dkms/check

style:
	@tools/style

setup:
	@tools/setup all

clean:
	@! kdir=$$(tools/kdir 2>/dev/null) || $(MAKE) -C "$$kdir" M="$(CURDIR)" clean
	@rm -rf build wdmdma/Module.symvers

help:
	@cat tools/help.txt
