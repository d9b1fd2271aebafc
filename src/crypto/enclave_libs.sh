#!/bin/bash
# Usage: enclave_libs.sh small OUT.o LIBSODIUM.a LIBBEARSSL.a
#        enclave_libs.sh vaes  OUT.o LIBSODIUM.a LIBBEARSSL.a LIBIPSEC_MB.a
# Takes from static libraries exactly the objects that crypto_enclave.c and aes_gcm_small.c or aes_gcm_vaes.c need and
# links them into one. The same libraries give the same bytes.
#
# BearSSL's objects contain CPUID in functions that ask whether AES-NI is there; nothing of ours
# calls them. An enclave must not contain the instruction: it traps inside one, and the image builder
# refuses it. Each is replaced by UD2, of the same two bytes, which traps in the same way.
set -euo pipefail
export LC_ALL=C

aes=$1 out=$2 sodium=$(realpath "$3") bearssl=$(realpath "$4")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sodium_objects=(libsodium_la-{ed25519_ref10,x25519_ref10,hash_sha256_cp,hash_sha512_cp,keypair,open,sign,verify}.o)
bearssl_roots=(br_ec_p256_m31 br_ecdsa_i31_vrfy_raw)
aes_objects=()

# What crypto_enclave.c calls; every other symbol becomes local.
exports=(crypto_hash_sha256{_init,_update,_final} crypto_hash_sha512
	crypto_scalarmult_curve25519_ref10_implementation
	crypto_sign_ed25519{_seed_keypair,_detached,_verify_detached}
	br_ec_p256_m31 br_ecdsa_i31_vrfy_raw)

case $aes in
small)
	bearssl_roots+=(br_aes_x86ni_ctr_init br_ghash_pclmul br_gcm_init)
	exports+=(br_aes_x86ni_ctr_init br_ghash_pclmul br_gcm_{init,reset,aad_inject,flip,run,get_tag})
	;;
vaes)
	aes_objects=(aes256_gcm_by48_api_vaes_avx512.o aes_keyexp_256.o)
	exports+=(aes_keyexp_256_enc_avx512 aes_gcm_{precomp,enc,dec}_256_vaes_avx512)
	(cd "$work" && ar x "$(realpath "$5")" "${aes_objects[@]}")
	;;
esac

(cd "$work" && ar x "$sodium" "${sodium_objects[@]}")
(cd "$work" && ld -r -o linked.o "${sodium_objects[@]}" "${aes_objects[@]}" "${bearssl_roots[@]/#/--undefined=}" "$bearssl")

objcopy --strip-debug --remove-section=.comment --remove-section=.eh_frame --remove-section=.note.gnu.property \
	"${exports[@]/#/--keep-global-symbol=}" "$work/linked.o" "$work/libs.o"

# section name -> place in the file, as bash's associative array
declare -A place
while read -r _ name _ _ _ offset _; do
	place[$name]=$((16#$offset))
done < <(objdump -h "$work/libs.o" | grep -E '^ +[0-9]+ \.')

section=
while read -r first rest; do
	case $first in
	Disassembly) section=${rest#of section } section=${section%:} ;;
	*:)
		[[ $rest == '0f a2 '*cpuid* ]] || continue
		printf '\x0f\x0b' | dd of="$work/libs.o" bs=1 seek=$((place[$section] + 16#${first%:})) conv=notrunc status=none
		;;
	esac
done < <(objdump -d -w "$work/libs.o")

forbidden='syscall|sysenter|sysexit|sysret|int|int3|into|cpuid|rdtscp?|rdpmc|in|ins[bwl]|out|outs[bwl]|hlt|[rw][df][sg]sbase|xgetbv|vmcall|vmfunc|getsec|invd|iret[qd]?'
if objdump -d -w --no-show-raw-insn "$work/libs.o" | grep -E "^ +[0-9a-f]+:[[:space:]]+(rep[nez]* )?($forbidden)([[:space:]]|\$)"; then
	echo "enclave_libs.sh: instructions that must not be in an enclave, in $sodium or $bearssl" >&2
	exit 1
fi
mv "$work/libs.o" "$out"
