#!/usr/bin/env bash
# Every manual page is well-formed, refers only to pages that exist, and every verb and every public function has one.
. "$(dirname "$0")/../e2e/lib.sh"
command -v mandoc >/dev/null || skip "no mandoc here"

pages=("$CONCLAVE_SOURCE"/docs/man/*.[1-9] "$CONCLAVE_BUILD"/docs/man/*.1)
for page in "${pages[@]}"; do
	mandoc -Tlint -W warning "$page" >lint 2>&1 || fail "$(cat lint)"
	while read -r _ name section _; do
		[[ $name != *conclave* || "${pages[*]} " == *"/$name.$section "* ]] || fail "$page: no $name($section)"
	done < <(grep '^\.Xr' "$page")
done

verbs=$(conclave --help | sed -n 's/^  \([a-z][a-z]*\)  *.*/\1/p')
[ "$(wc -w <<<"$verbs")" -ge 4 ] || fail "conclave --help lists no verbs"
for verb in $verbs; do
	[ -s "$CONCLAVE_BUILD/docs/man/conclave-$verb.1" ] || fail "no page for conclave $verb"
	grep -q "^\.It Cm $verb\$" "$CONCLAVE_SOURCE/docs/man/conclave.1" || fail "conclave(1) does not name $verb"
done

for function in $(grep -ohE '\bconclave_[a-z0-9_]+\(' "$CONCLAVE_SOURCE"/include/conclave/*.h | tr -d '(' | sort -u); do
	grep -qE "^\.(F[no]|Nm) $function( |\$)" "$CONCLAVE_SOURCE"/docs/man/*.3 || fail "no manual page has $function"
done
for error in $(grep -oE '\bCONCLAVE_ERROR_[A-Z0-9_]+' "$CONCLAVE_SOURCE/include/conclave/error.h" | grep -v _H$ | sort -u); do
	grep -q "^\.It Dv $error " "$CONCLAVE_SOURCE/docs/man/conclave_error.3" || fail "conclave_error(3) does not have $error"
done
