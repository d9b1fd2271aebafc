#!/usr/bin/env bash
# The compiled handshake and cache under memcheck for each compiler and optimisation level that they are shipped with: some twenty seconds, so
# only with `ctest -C slow`. ct/mail and ct/mail_enclave always run, as the build compiles them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
src=$CONCLAVE_SOURCE/src
# Version 4, because valgrind 3.19 cannot read what clang writes by itself.
flags=(-gdwarf-4 -std=gnu2x -D_GNU_SOURCE "-I$src" "-I$CONCLAVE_SOURCE/include")
sources=("$CONCLAVE_SOURCE/tests/ct/mail.c" "$src"/mail/*.c "$src"/base/*.c
	"$src"/crypto/{crypto_os,hmac,x25519_check}.c)
read -ra libraries < <(pkg-config --libs libsodium libcrypto)

tested=0
for compiler in gcc-12 clang-14; do
	command -v $compiler >/dev/null || {
		echo "$compiler: not here"
		continue
	}
	for level in 1 2 3; do
		$compiler "${flags[@]}" -O$level "${sources[@]}" "${libraries[@]}" -lIPSec_MB -o "$work/ct"
		bash "$CONCLAVE_SOURCE/tests/ct/mail.sh" "$work/ct" >"$work/out" 2>&1 || {
			status=$?
			cat "$work/out"
			[ $status -ne 77 ] || exit 77
			echo "$compiler -O$level: not constant-time"
			exit 1
		}
		echo "$compiler -O$level: constant-time"
		tested=$((tested + 1))
	done
done
# Half of them are no answer to the question.
[ $tested -eq 6 ] || exit 77
