#!/usr/bin/env bash
# Install what building, testing and running need, on Debian 12: packages with apt, wasm2c with npm. Safe to run again; asks for nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
	gcc libc6-dev binutils make cmake ninja-build pkg-config git ca-certificates
	libsodium-dev libbearssl-dev libipsec-mb-dev libssl-dev libsqlite3-dev libmicrohttpd-dev libcurl4-openssl-dev libjansson-dev
	libcmocka-dev clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 openssl curl python3 gdb valgrind mandoc
)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
	as_root=()
	[ "$(id -u)" -eq 0 ] || as_root=(sudo)
	echo "setup: installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get update -q
	"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

if ! cmp -s tools/wabt/package-lock.json tools/wabt/node_modules/.conclave-lock; then
	echo "setup: installing wasm2c (wabt 1.0.39)"
	npm ci --prefix tools/wabt --no-audit --no-fund --loglevel=error
	cp tools/wabt/package-lock.json tools/wabt/node_modules/.conclave-lock
fi
