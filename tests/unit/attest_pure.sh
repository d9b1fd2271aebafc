#!/bin/bash
# The verifier is pure: it asks for nothing but mem* (clang says bcmp for some of it) and our own base and crypto, so that it links into an enclave.
set -euo pipefail
allowed='^(mem(cmp|cpy|move|set|chr)|bcmp|read(er)?_.*|writer?_.*|hex_.*|sha(256|384|512)(_.*)?|p256_verify|p384_verify(_pieces)?|rsa(4096_pss|2048)_verify|_.*)$'
own=$(nm --defined-only "$CONCLAVE_BUILD/lib/libattest.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
foreign=$(nm -u "$CONCLAVE_BUILD/lib/libattest.a" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u |
	grep -vxF "$own" | grep -vE "$allowed" || true)
[ -n "$own" ] || { echo "no symbols in libattest.a"; exit 1; }
[ -z "$foreign" ] || { printf 'the verifier asks for:\n%s\n' "$foreign"; exit 1; }
