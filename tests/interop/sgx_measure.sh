#!/usr/bin/env bash
# The measurement code against sgx_measure.py, which shares nothing with it.
set -euo pipefail
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 "$CONCLAVE_SOURCE/tests/interop/sgx_measure.py" "$CONCLAVE_BUILD/tests/test_interop_sgx_measure"
