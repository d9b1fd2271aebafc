#!/bin/bash
# conclave verify over real evidence of every platform and format: see verify_vendors.py.
. "$(dirname "$0")/lib.sh"
evidence=${CONCLAVE_VECTORS:-$CONCLAVE_SOURCE/../shared/vectors}/evidence
[ -d "$evidence" ] || skip "no $evidence (CONCLAVE_VECTORS names the folder)"
python3 "$CONCLAVE_SOURCE/tests/e2e/verify_vendors.py" "$evidence"
