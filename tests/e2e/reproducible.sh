#!/usr/bin/env bash
# The same project gives the same bytes: in another folder, as another user, with another umask, locale, time zone, time and environment.
set -eu
. "$CONCLAVE_SOURCE/tests/e2e/lib.sh"
. "$CONCLAVE_SOURCE/tests/e2e/build_lib.sh"

openssl genrsa -3 -out key.pem 3072 2>/dev/null
chmod 755 "$work"
chmod 644 key.pem
project here arguments '["one"]'
printf '#include <stdio.h>\nvoid other(void) { printf("%%s %%d\\n", __FILE__, __LINE__); }\n' >here/guest/other.c
run 0 conclave build --key key.pem here

# Another order in the folder: files made in the reverse order.
there="another place/with a longer name"
mkdir -p "$there/guest"
cp here/guest/other.c "$there/guest/"
cp here/guest/small.c "$there/guest/"
cp here/enclave.json "$there/"
touch -d 2001-01-01 "$there"/guest/*.c
build=(env -i PATH="$PATH" HOME=/nonexistent LC_ALL=tr_TR.UTF-8 LANG=de_DE TZ=Asia/Kathmandu SOURCE_DATE_EPOCH=1 MAKEFLAGS=-j7 NODE_OPTIONS=
	CPATH=/nonexistent GCC_COLORS=always conclave build --key "$work/key.pem")
as=()
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as[@]}" test -x "$CONCLAVE_BUILD/bin/conclave" || as=()
	[ ${#as[@]} -eq 0 ] || chown -R 65534:65534 "another place"
fi
[ ${#as[@]} -gt 0 ] || echo "(as the same user: no other one can read $CONCLAVE_BUILD)"
cd "$there"
(umask 077 && "${as[@]}" "${build[@]}") >"$work/stdout" 2>"$work/stderr" || { cd "$work"; fail "the second build"; }
cd "$work"
cmp here/build/small.enclave "$there/build/small.enclave" || fail "two builds differ"
! grep -aq "$work" here/build/small.enclave || fail "the image names the folder where it was made"
