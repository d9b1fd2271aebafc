#!/usr/bin/env bash
# libconclave-mail as others have it: installed elsewhere, found by pkg-config, shared and static, alone and with libconclave; the
# example seals and opens.
. "$(dirname "$0")/lib.sh"

from_cache() { sed -n "s/^$1:[A-Z]*=//p" "$CONCLAVE_BUILD/CMakeCache.txt"; }
cc=$(from_cache CMAKE_C_COMPILER)
sanitize=$(from_cache CONCLAVE_SANITIZE)
flags=(-std=gnu11 -Wall -Wextra -Wpedantic -Werror ${sanitize:+"-fsanitize=$sanitize"})

DESTDIR=$work/root cmake --install "$CONCLAVE_BUILD" --prefix /opt/conclave >install.log 2>&1 || fail "cmake --install: $(tail -3 install.log)"
lib=$(dirname "$(find "$work/root" -name conclave-mail.pc)")/..
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
for library in "$lib"/libconclave-mail.so "$lib"/libconclave-mail.a; do
	[ "$library" = "${library%.so}" ] && dynamic=() || dynamic=(-D)
	hidden=$(nm "${dynamic[@]}" --defined-only --extern-only "$library" |
		awk 'NF == 3 && $3 !~ /^conclave_(mail|error)_/ { print $3 }')
	[ -z "$hidden" ] || fail "$library shows $hidden"
done

source=$CONCLAVE_SOURCE/examples/mail-c/mail.c
read -ra shared < <(pkg-config --cflags --libs conclave-mail)
read -ra compile < <(pkg-config --cflags conclave-mail)
read -ra static < <(pkg-config --static --libs conclave-mail)
"$cc" "${flags[@]}" "$source" "${shared[@]}" -o mail-shared || fail "does not compile against the shared library"
"$cc" "${flags[@]}" "${compile[@]}" "$source" "${static[@]/#-lconclave-mail/-l:libconclave-mail.a}" -o mail-static ||
	fail "does not compile against the static library"
readelf -d mail-shared | grep -q libconclave-mail.so || fail "mail-shared does not use the shared library"
! readelf -d mail-static | grep -q libconclave-mail.so || fail "mail-static uses the shared library"

# Both libraries in one program, statically.
cat >both.c <<'END'
#include <conclave/client.h>
#include <conclave/mail.h>
int main(void)
{
	unsigned char key[CONCLAVE_MAIL_KEY_SIZE];
	conclave_client_free(0);
	return conclave_mail_key_generate(key) == CONCLAVE_OK && conclave_error_name(CONCLAVE_OK) != 0 ? 0 : 1;
}
END
read -ra static_both < <(pkg-config --static --libs conclave-mail conclave)
static_both=("${static_both[@]/%-lconclave-mail/-l:libconclave-mail.a}")
"$cc" "${flags[@]}" "${compile[@]}" both.c "${static_both[@]/%-lconclave/-l:libconclave.a}" -o both || fail "both libraries do not link"
run 0 ./both

run 0 ./mail-shared keygen alice.key
alice=$(cat stdout)
run 0 ./mail-static keygen bob.key
bob=$(cat stdout)
run 1 ./mail-static keygen bob.key
head -c 1000000 /dev/urandom >letter
for sealer in ./mail-shared ./mail-static; do
	"$sealer" seal alice.key "$bob" letters <letter >letter.mail || fail "$sealer does not seal"
	for opener in ./mail-shared ./mail-static; do
		run 0 "$opener" open bob.key opened <letter.mail
		[ "$(cat stdout)" = "$alice" ] || fail "another sender: $(cat stdout)"
		cmp letter opened || fail "$opener opened something else"
	done
done
rm opened

# What is cut, altered or not for us leaves nothing behind.
head -c -1 letter.mail >cut.mail
run 1 ./mail-shared open bob.key opened <cut.mail
grep -q "ends too early" stderr || fail "not said: truncated"
run 1 ./mail-shared open alice.key opened <letter.mail
[ ! -e opened ] || fail "a file was left behind"

# Letters of one size class have one size.
for size in 257 400 512; do
	head -c "$size" letter | ./mail-static seal alice.key "$bob" letters | wc -c
done | sort -u >sizes
[ "$(wc -l <sizes)" -eq 1 ] || fail "the length of a mail tells the letter's: $(cat sizes)"

# Every function has its place in the manual.
for function in $(grep -oE '\bconclave_mail_[a-z_]+\(' "$CONCLAVE_SOURCE/include/conclave/mail.h" | tr -d '(' | sort -u); do
	grep -qE "^\.F[no] $function\b" "$CONCLAVE_SOURCE/docs/man/conclave_mail.3" || fail "conclave_mail(3) has no $function"
done
