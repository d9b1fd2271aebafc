#!/usr/bin/env bash
# How much there is to trust: lines of code compiled into every enclave, bytes of runtime in an image, bytes of a verifier.
set -euo pipefail
source=${CONCLAVE_SOURCE:?} build=${CONCLAVE_BUILD:?}
figure() {
	printf '{"bench":"sizes","figure":"%s","value":%s,"unit":"%s","better":"lower","wanted":%s}\n' "$1" "$2" "$3" "$4"
}
figure trusted_lines "$("$source/tools/trusted-lines.sh" | awk '$2 == "total" { print $1 }')" lines 6000
figure runtime_bytes "$(size "$build/share/conclave/runtime.o" | awk 'NR == 2 { print $1 + $2 }')" bytes $((400 * 1024))
# What quote_verify brings with it, libcrypto aside.
verifier=$(mktemp)
trap 'rm -f "$verifier"' EXIT
ld -r -u quote_verify -o "$verifier" "$build/lib/libattest.a" "$build/lib/libbase.a"
figure quote_verifier_bytes "$(size "$verifier" | awk 'NR == 2 { print $1 + $2 }')" bytes $((64 * 1024))
