#!/usr/bin/env bash
# What the builder lets a guest import is what the runtime defines, name by name.
set -euo pipefail
: "${CONCLAVE_SOURCE:?}" "${CONCLAVE_BUILD:?}"
listed() { sed -n "s/^\t{$1, \"\([a-z_]*\)\".*/\1/p" "$CONCLAVE_SOURCE/src/image/wasm.c" | sort; }
defined() { nm --defined-only "$CONCLAVE_BUILD/share/conclave/runtime.o" | sed -n "s/.* T w2c_$1_\([a-z_]*\)$/\1/p" | sort; }
diff <(listed CONCLAVE) <(defined conclave)
diff <(listed WASI) <(defined wasi__snapshot__preview1)
[ "$(listed WASI | wc -l)" -gt 20 ]
