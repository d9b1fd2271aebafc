#!/usr/bin/env bash
# The installed tree, moved to where it was not configured for: headers, libraries, pkg-config, man pages, programs.
. "$(dirname "$0")/lib.sh"

from_cache() { sed -n "s/^$1:[A-Z]*=//p" "$CONCLAVE_BUILD/CMakeCache.txt"; }
cc=$(from_cache CMAKE_C_COMPILER)
sanitize=$(from_cache CONCLAVE_SANITIZE)
flags=(-Wall -Wextra -Wpedantic -Werror ${sanitize:+"-fsanitize=$sanitize"})

DESTDIR=$work/root cmake --install "$CONCLAVE_BUILD" --prefix /opt/conclave >install.log 2>&1 || fail "cmake --install: $(tail -3 install.log)"
tree=$work/root/opt/conclave
export PATH="$tree/bin:$PATH"
[ "$(command -v conclave)" = "$tree/bin/conclave" ] || fail "bin/conclave is not installed"
lib=$(dirname "$(find "$tree" -name conclave.pc)")/..
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib

# Only what is meant to be seen is seen.
for library in "$lib"/libconclave.so "$lib"/libconclave.a; do
	[ "$library" = "${library%.so}" ] && dynamic=() || dynamic=(-D)
	hidden=$(nm "${dynamic[@]}" --defined-only --extern-only "$library" | awk 'NF == 3 && $3 !~ /^conclave_/ { print $3 }')
	[ -z "$hidden" ] || fail "$library shows $hidden"
done
objdump -p "$lib/libconclave.so" | grep -q 'SONAME *libconclave\.so\.[0-9]' || fail "no soname"

# Each header alone, as C11, as C23 and as C++.
for header in "$tree"/include/conclave/*.h; do
	name=conclave/$(basename "$header")
	for language in 'c -std=c11' 'c -std=gnu2x' 'c++ -std=c++17'; do
		compiler=$cc
		[[ $language != c++* ]] || compiler=$(command -v g++ || command -v clang++ || command -v clang++-14 || true)
		[ -n "$compiler" ] || continue
		read -ra words <<<"$language"
		echo "#include <$name>" |
			"$compiler" -x "${words[@]}" -Wall -Wextra -Werror -fsyntax-only "-I$tree/include" - || fail "$name as $language"
	done
done

# The example, against the shared and the static library.
source=$CONCLAVE_SOURCE/examples/client-c/client.c
read -ra shared < <(pkg-config --cflags --libs conclave)
read -ra compile < <(pkg-config --cflags conclave)
read -ra static < <(pkg-config --static --libs conclave)
"$cc" "${flags[@]}" "$source" "${shared[@]}" -o client-shared || fail "does not compile against the shared library"
"$cc" "${flags[@]}" "${compile[@]}" "$source" "${static[@]/#-lconclave/-l:libconclave.a}" -o client-static || fail "does not compile against the static library"
readelf -d client-shared | grep -q libconclave.so || fail "client-shared does not use the shared library"
! readelf -d client-static | grep -q libconclave.so || fail "client-static uses the shared library"

start_fake_host
for client in ./client-shared ./client-static; do
	run 0 "$client" "$url" "$fake_constraint" default "echo hello"
	prints "verified: "
	prints "reply: hello"
	run 1 "$client" "$url" "C:$(printf '33%.0s' {1..32})" default "echo hello"
	says "CONSTRAINT"
done

# The other example: a body that is not held in memory.
"$cc" "${flags[@]}" "$CONCLAVE_SOURCE/examples/client-c/send_file.c" "${shared[@]}" -o send_file || fail "send_file.c does not compile"
{ printf 'measure ' && head -c 5000000 /dev/zero; } >body
run 0 ./send_file "$url" "$fake_constraint" default <body
prints "reply: 5000008 $(sha256sum body | cut -d' ' -f1)"
says "4 MiB"

# The installed programs find their SDK: from nothing to an answer out of a real image.
unset CONCLAVE_SDK
run 0 conclave init my-enclave
run 0 conclave build my-enclave
measurement=$(sed -n 's/^MRENCLAVE *//p' stdout)
[ ${#measurement} -eq 64 ] || fail "conclave build prints no MRENCLAVE"
start_host my-enclave/build/my-enclave.enclave
for client in ./client-shared ./client-static; do
	run 0 "$client" "$url" "C:$measurement SEC:INSECURE" hello Ada
	prints "verified: "
	prints "reply: "
	prints "Ada"
	run 1 "$client" "$url" "C:$measurement" hello Ada
	says "CONSTRAINT"
done
