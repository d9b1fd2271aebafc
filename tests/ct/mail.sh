#!/bin/bash
# Usage: ct/mail.sh PROGRAM: run it under memcheck, where every use of a secret in a branch or an address is
# an error; then once more with such a branch, to see that it would be found. 77: no valgrind.
set -euo pipefail

command -v valgrind >/dev/null || {
	echo "skipped: valgrind is not installed"
	exit 77
}
memcheck=(valgrind --quiet --error-exitcode=9 "--suppressions=$CONCLAVE_SOURCE/tests/ct/mail.supp")

"${memcheck[@]}" "$1"
status=0
"${memcheck[@]}" "$1" branch >/dev/null 2>&1 || status=$?
[[ $status -eq 9 ]] || {
	echo "a branch on a secret went unnoticed (status $status)"
	exit 1
}
