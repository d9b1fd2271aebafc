#!/usr/bin/env bash
# conclave build and inspect as people use them: what they print, what they leave behind, and every refusal with its words.
set -eu
. "$CONCLAVE_SOURCE/tests/e2e/lib.sh"
. "$CONCLAVE_SOURCE/tests/e2e/build_lib.sh"

echo "-- a project becomes an image, signed by a development key that is made on the way"
project small arguments '["one"]'
run 0 conclave build small
[ ! -s stderr ] || fail "it complains"
image=$(fact image) plain=$(fact MRENCLAVE) signer=$(fact MRSIGNER)
[ "$image" = small/build/small.enclave ] || fail "image is $image"
prints "mode       development: may run with DEBUG"
[ "$(stat -c %a config/conclave/development-key.pem)" = 600 ] || fail "the development key is not private"
[ "$(ls small/build)" = small.enclave ] || fail "left behind: $(ls small/build)"
readelf -lW "$image" >headers || fail "readelf does not read it"
grep -q "LOAD .* RW" headers && ! grep -q "LOAD .* RWE" headers || fail "segments: $(cat headers)"
[ "$(readelf -rW "$image" | grep -c R_X86_64)" = "$(readelf -rW "$image" | grep -c R_X86_64_RELATIVE)" ] || fail "foreign relocations"
echo hello | conclave run "$image" >answer 2>stderr || fail "it does not run"
[ "$(cat answer)" = hello ] || fail "it answers $(cat answer)"

echo "-- inspect says the same of it, and its measurement is that of an independent implementation"
run 0 conclave inspect "$image"
[ "$(fact MRENCLAVE)" = "$plain" ] || fail "inspect measures $(fact MRENCLAVE)"
prints "signature   valid, for exactly this measurement"
prints "argument    one"
prints "padding     average"
prints "  conclave.answer"
run 0 conclave inspect --json "$image"
python3 -c 'import json, sys; d = json.load(open("stdout")); assert d["mrenclave"] == sys.argv[1] and d["configuration"]["arguments"] == ["one"] and d["configuration"]["padding"] == "average"' "$plain"
printf '%s\n%s\n%s\n' "$plain" "$signer" "$plain" >wanted
python3 "$CONCLAVE_SOURCE/tests/interop/measure.py" "$image" | cmp - wanted || fail "the independent measurement differs"

echo "-- what is measured changes MRENCLAVE, what is not does not"
run 0 conclave build small -a two -o two.enclave
[ "$(fact MRENCLAVE)" != "$plain" ] || fail "another argument, the same MRENCLAVE"
[ "$(fact MRSIGNER)" = "$signer" ] || fail "another development key"
run 0 conclave build small -a one -o one.enclave
cmp one.enclave "$image" || fail "the same argument, another image"
run 0 conclave build small --debug --keep-intermediate -o debug.enclave
[ "$(fact MRENCLAVE)" = "$plain" ] || fail "--debug changes MRENCLAVE"
readelf -SW debug.enclave | grep -q debug_line || fail "--debug: no line tables"
[ -s small/build/intermediate/guest.wasm ] || fail "--keep-intermediate keeps nothing"
project metered arguments '["one"]' limits '{"fuel": 1000000}'
run 0 conclave build metered
[ "$(fact MRENCLAVE)" != "$plain" ] || fail "fuel does not matter"
echo hello | conclave run metered/build/small.enclave >answer 2>stderr || fail "it does not run with fuel"

echo "-- an altered image is noticed"
cp one.enclave altered.enclave
printf 'X' | dd of=altered.enclave bs=1 seek=5000 conv=notrunc status=none
run 3 conclave inspect altered.enclave
prints "for ANOTHER MEASUREMENT"
run 3 conclave run altered.enclave </dev/null
says "altered after it was signed"
head -c 10000 one.enclave >cut.enclave
run 1 conclave inspect cut.enclave
says "cut.enclave: not an enclave image"

echo "-- release: never with DEBUG"
openssl genrsa -3 -out key.pem 3072 2>/dev/null
openssl rsa -in key.pem -pubout -out key.pub.pem 2>/dev/null
run 0 conclave build --release-key key.pem -o release.enclave small
prints "mode       release: refuses DEBUG"
[ "$(fact MRENCLAVE)" = "$plain" ] || fail "who signs changes MRENCLAVE"
run 3 conclave run release.enclave </dev/null
says "refuses the DEBUG attribute"

echo "-- signing elsewhere, in two steps, gives the same image"
run 0 conclave build --signing-material material -o offline.enclave small
prints "mode       unsigned"
[ "$(stat -c %s material)" = 256 ] || fail "material has $(stat -c %s material) bytes"
run 0 conclave inspect offline.enclave
prints "signature   none yet"
run 1 conclave run --no-debug offline.enclave </dev/null
says "not signed yet"
openssl dgst -sha256 -sign key.pem -out signature material
cp offline.enclave tampered.enclave
printf 'X' | dd of=tampered.enclave bs=1 seek=5000 conv=notrunc status=none
run 3 conclave build --signature signature --public-key key.pub.pem -o tampered.enclave small
says "altered since"
# Nor is one whose page plan lies where SIGSTRUCT will be written.
cp offline.enclave tampered.enclave
python3 - tampered.enclave <<'END'
import struct, sys
image = bytearray(open(sys.argv[1], "rb").read())
table, = struct.unpack_from("<Q", image, 40)
count, names = struct.unpack_from("<HH", image, 60)
headers = [(table + 64 * i, *struct.unpack_from("<IIQQQQ", image, table + 64 * i)) for i in range(count)]
name = lambda header: image[headers[names][5] + header[1]:].split(b"\0", 1)[0].decode()
found = {name(header): header for header in headers}
at, size = found[".conclave.pages"][5:7]
q1 = found[".conclave.sigstruct"][5] + 1040
image[q1 : q1 + size] = image[at : at + size]
struct.pack_into("<Q", image, found[".conclave.pages"][0] + 24, q1)
open(sys.argv[1], "wb").write(image)
END
run 1 conclave build --signature signature --public-key key.pub.pem -o tampered.enclave small
says "page plan"
run 0 conclave build --signature signature --public-key key.pub.pem -o offline.enclave small
cmp offline.enclave release.enclave || fail "signed elsewhere differs from signed here"
openssl genrsa -3 -out other.pem 3072 2>/dev/null
openssl rsa -in other.pem -pubout -out other.pub.pem 2>/dev/null
run 3 conclave build --signature signature --public-key other.pub.pem -o offline.enclave small
says "the signature is not by this key"
run 1 conclave build --signature material --public-key key.pub.pem -o offline.enclave small
says "the signature has 256 bytes, must have 384"
openssl genrsa -out f4.pem 3072 2>/dev/null
run 1 conclave build --key f4.pem small
says "RSA-3072 and exponent 3, this key is another"

echo "-- mistakes are named with their place and remedy"
project heap heap 100000
run 1 conclave build heap
says 'heap/enclave.json:3: "heap" must be a multiple of 64 KiB, got 100000'
cd heap
run 1 conclave build
says 'build: enclave.json:3: "heap"'
cd ..
project tiny heap '"64k"'
run 1 conclave build tiny
says 'of memory at its start, "heap" in enclave.json is 64 KiB: raise it'
project lanes lanes 64 stack '"64m"'
run 1 conclave build lanes
says 'lower "lanes", "stack", "window" or "files"'
project syntax
echo 'int on_call(' >>syntax/guest/small.c
run 1 conclave build syntax
says "guest/small.c:"
says "error:"
[ -z "$(ls syntax/build)" ] || fail "a failed build leaves $(ls syntax/build)"
project warned
echo 'void warned(void) { int unused_by_all = 1; }' >>warned/guest/small.c
run 0 conclave build warned
says "guest/small.c:"
says "unused variable 'unused_by_all'"
project imports
echo 'int nowhere(void); int also_here(void) { return nowhere(); } __attribute__((export_name("x"))) int x(void) { return also_here(); }' >>imports/guest/small.c
run 1 conclave build imports
says "nowhere"
project sockets
cat >>sockets/guest/small.c <<'END'
__attribute__((import_module("wasi_snapshot_preview1"), import_name("sock_accept"))) int sock_accept(int, int, int);
__attribute__((export_name("x"))) int x(void) { return sock_accept(0, 0, 0); }
END
run 1 conclave build sockets
says "import wasi_snapshot_preview1.sock_accept does not exist; an enclave has no sockets"
project frame
{
	echo 'static volatile long long cell[3000]; __attribute__((noinline, export_name("x"))) int deep(int n) {'
	for ((i = 0; i < 3000; i++)); do echo "long long v$i = cell[$i];"; done
	echo 'cell[0] = n; long long sum = n == 0 ? 1 : deep(n - 1);'
	for ((i = 0; i < 3000; i++)); do echo "sum = sum * 31 + v$i;"; done
	echo 'return (int)sum; }'
} >>frame/guest/small.c
run 1 conclave build frame
says "error: the frame size of"
project empty
rm empty/guest/small.c
run 1 conclave build empty
says "no C sources there"
run 1 conclave build nowhere
says "nowhere/enclave.json: No such file"
run 2 conclave build --key a --release-key b small
run 2 conclave build --signature a small
run 2 conclave build --date 20261301 small
run 2 conclave build small small
run 2 conclave inspect

echo "-- a module from any other compiler"
project module guest '"guest/any.wasm"'
cp small/build/intermediate/guest.wasm module/guest/any.wasm
run 0 conclave build module -a one
[ "$(fact MRENCLAVE)" = "$plain" ] || fail "the same module, another MRENCLAVE"

echo "-- no instruction that enclaves do not have gets in, whoever brings it"
cp -r "$CONCLAVE_BUILD/share/conclave" sdk
printf '.globl sneaky\n.type sneaky, @function\nsneaky: nop\ncpuid\nret\n.section .note.GNU-stack\n' >sneaky.S
gcc -c sneaky.S -o sneaky.o
mv sdk/runtime.o honest.o
ld -r honest.o sneaky.o -o sdk/runtime.o
CONCLAVE_SDK=$work/sdk run 1 conclave build small -o sneaky.enclave
says "cpuid in <sneaky> at 0x"
