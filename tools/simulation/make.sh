#!/bin/bash
# Make the simulation platform: certificates, CRLs, TCB info and QE identity of the same shapes as
# Intel's, under a root of our own whose PRIVATE KEYS ARE PUBLISHED in keys/. Whoever verifies under
# this root learns nothing but that the format is right; the verifier calls it SIMULATION, INSECURE.
#
# usage: tools/simulation/make.sh
#
# Writes src/machine/soft/simulation.c (what the soft machine quotes with) and
# tests/simulation_keys.h (what tests forge with), and prints the root's public key, which is pinned
# in src/attest/roots.c. Keys are made once and kept; ECDSA signatures differ from run to run, so
# run it only to change something, and commit what it writes.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

start=20250101000000Z end=20991231235959Z
iso_start=2025-01-01T00:00:00Z iso_end=2099-12-31T23:59:59Z
fmspc=53494d000000 pceid=0000 pcesvn=13
vendor='Conclave Simulation'

for name in root platform pck tcb; do
	[ -f "$here/keys/$name.pem" ] ||
		openssl ecparam -name prime256v1 -genkey -noout -out "$here/keys/$name.pem"
done

# -- certificates and CRLs, with `openssl ca`: one small database for each of the two CAs --

oid=1.2.840.113741.1.13.1
# configure SVN: of a platform all of whose components have this security version
configure() {
	cat <<-EOF
	[ca]
	default_md = sha256
	policy = policy
	unique_subject = no
	string_mask = utf8only
	copy_extensions = none
	[policy]
	commonName = supplied
	organizationName = supplied
	localityName = supplied
	stateOrProvinceName = supplied
	countryName = supplied
	[root]
	basicConstraints = critical,CA:TRUE,pathlen:1
	keyUsage = critical,keyCertSign,cRLSign
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid:always
	[platform]
	basicConstraints = critical,CA:TRUE,pathlen:0
	keyUsage = critical,keyCertSign,cRLSign
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid:always
	[tcb]
	basicConstraints = critical,CA:FALSE
	keyUsage = critical,digitalSignature,nonRepudiation
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid:always
	[crl]
	authorityKeyIdentifier = keyid:always
	[pck]
	basicConstraints = critical,CA:FALSE
	keyUsage = critical,digitalSignature,nonRepudiation
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid:always
	$oid = ASN1:SEQUENCE:sgx
	[sgx]
	a = SEQUENCE:sgx_ppid
	b = SEQUENCE:sgx_tcb
	c = SEQUENCE:sgx_pceid
	d = SEQUENCE:sgx_fmspc
	e = SEQUENCE:sgx_type
	[sgx_ppid]
	a = OID:$oid.1
	b = FORMAT:HEX,OCTETSTRING:$(printf '00%.0s' {1..16})
	[sgx_pceid]
	a = OID:$oid.3
	b = FORMAT:HEX,OCTETSTRING:$pceid
	[sgx_fmspc]
	a = OID:$oid.4
	b = FORMAT:HEX,OCTETSTRING:$fmspc
	[sgx_type]
	a = OID:$oid.5
	b = ENUMERATED:1
	[sgx_tcb]
	a = OID:$oid.2
	b = SEQUENCE:sgx_tcb_parts
	[sgx_tcb_parts]
	EOF
	for i in {1..18}; do echo "p$i = SEQUENCE:sgx_tcb_part_$i"; done
	for i in {1..16}; do printf '[sgx_tcb_part_%d]\na = OID:%s\nb = INTEGER:%d\n' $i "$oid.2.$i" "$1"; done
	printf '[sgx_tcb_part_17]\na = OID:%s\nb = INTEGER:%d\n' "$oid.2.17" $pcesvn
	printf '[sgx_tcb_part_18]\na = OID:%s\nb = FORMAT:HEX,OCTETSTRING:%s\n' "$oid.2.18" "$(printf "0$1%.0s" {1..16})"
}
configure 2 >openssl.cnf

subject() { echo "/CN=$vendor SGX $1/O=$vendor/L=Nowhere/ST=ZZ/C=ZZ"; }

# issue NAME "COMMON NAME" SERIAL ISSUER [options]
issue() {
	local name=$1 common_name=$2 serial=$3 issuer=$4
	shift 4
	: >db.txt
	echo "$serial" >serial
	printf '[ca]\ndatabase = db.txt\nserial = serial\nnew_certs_dir = .\n' >ca.cnf
	sed 1d openssl.cnf >>ca.cnf
	openssl req -new -utf8 -key "$here/keys/$name.pem" -subj "$(subject "$common_name")" -out "$name.csr" \
		-config <(printf '[req]\ndistinguished_name = dn\nstring_mask = utf8only\n[dn]\n')
	openssl ca -config ca.cnf -name ca -batch -notext -preserveDN -startdate $start -enddate $end \
		-extensions "$name" -keyfile "$here/keys/$issuer.pem" -in "$name.csr" -out "$name.crt" "$@" 2>log ||
		{ cat log >&2; exit 1; }
}

# revocation_list ISSUER [SERIAL…]: the serial numbers are on it
revocation_list() {
	: >db.txt
	for serial in "${@:2}"; do printf 'R\t%s\t250601000000Z\t%s\tunknown\t/CN=x\n' "$end" "$serial" >>db.txt; done
	echo 01 >crlnumber
	printf '[ca]\ndatabase = db.txt\ncrlnumber = crlnumber\n' >ca.cnf
	sed 1d openssl.cnf >>ca.cnf
	openssl ca -config ca.cnf -name ca -gencrl -crlexts crl -crl_lastupdate $start -crl_nextupdate $end \
		-keyfile "$here/keys/$1.pem" -cert "$1.crt" -out "$1.crl" 2>log || { cat log >&2; exit 1; }
}

issue root 'Root CA' 5301 root -selfsign
issue platform 'PCK Platform CA' 5302 root -cert root.crt
issue tcb 'TCB Signing' 5304 root -cert root.crt
# A platform has another certificate after each microcode update.
for svn in 1 2 3; do
	configure $svn >openssl.cnf
	issue pck 'PCK Certificate' 531$svn platform -cert platform.crt
	mv pck.crt pck$svn.crt
done
revocation_list root
revocation_list platform 5311 5312
mv platform.crl revoked_pck.crl
revocation_list platform

# -- signed JSON --

# sign NAME FILE: {"NAME":…,"signature":"…"}; the signature is r || s over the object's bytes
sign() {
	local signature
	signature=$(openssl dgst -sha256 -sign "$here/keys/tcb.pem" "$2" | openssl asn1parse -inform DER |
		sed -n 's/.*INTEGER *://p' | while read -r n; do printf '%064s' "$n" | tr ' ' 0; done | tr A-F a-f)
	printf '{"%s":%s,"signature":"%s"}' "$1" "$(cat "$2")" "$signature"
}

advisories() { [ $# -eq 0 ] || printf ',"advisoryIDs":[%s]' "$(printf '"%s",' "$@" | sed 's/,$//')"; }

level() { # level SVN PCESVN DATE STATUS [ADVISORY…]
	printf '{"tcb":{"sgxtcbcomponents":[%s],"pcesvn":%d},"tcbDate":"%s","tcbStatus":"%s"%s}' \
		"$(for _ in {1..16}; do printf '{"svn":%d},' "$1"; done | sed 's/,$//')" "$2" "$3" "$4" "$(advisories "${@:5}")"
}

qe_level() { # qe_level ISVSVN DATE STATUS [ADVISORY…]
	printf '{"tcb":{"isvsvn":%d},"tcbDate":"%s","tcbStatus":"%s"%s}' "$1" "$2" "$3" "$(advisories "${@:4}")"
}

# tcb_info NAME EVALUATION ISSUED UNTIL LEVEL…
tcb_info() {
	printf '{"id":"SGX","version":3,"issueDate":"%s","nextUpdate":"%s","fmspc":"%s","pceId":"%s","tcbType":0,"tcbEvaluationDataNumber":%d,"tcbLevels":[%s]}' \
		"$3" "$4" $fmspc $pceid "$2" "$(IFS=,; echo "${*:5}")" >tcb_info.json
	sign tcbInfo tcb_info.json >"$1.tcb_info"
}

# qe_identity NAME EVALUATION ISSUED UNTIL LEVEL…
qe_identity() {
	printf '{"id":"QE","version":2,"issueDate":"%s","nextUpdate":"%s","tcbEvaluationDataNumber":%d,"miscselect":"00000000","miscselectMask":"FFFFFFFF","attributes":"11000000000000000000000000000000","attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"%s","isvprodid":1,"tcbLevels":[%s]}' \
		"$3" "$4" "$2" "${qe_mrsigner^^}" "$(IFS=,; echo "${*:5}")" >qe_identity.json
	sign enclaveIdentity qe_identity.json >"$1.qe_identity"
}

hash() { printf '%s' "$1" | openssl dgst -sha256 -r | cut -c1-64; }
qe_mrenclave=$(hash 'Conclave Simulation quoting enclave')
qe_mrsigner=$(hash 'Conclave Simulation quoting enclave signer')

# -- scenarios: what the vendor says of the platform; the components of a new soft machine are 2 --

old_level=$(level 1 5 2024-01-01T00:00:00Z OutOfDate)
good_level=$(level 2 $pcesvn $iso_start UpToDate)
good_qe=$(qe_level 1 $iso_start UpToDate)
update=2026-01-01T00:00:00Z # when the updates of a recovery came out

tcb_info up_to_date 1 $iso_start $iso_end "$good_level" "$old_level"
qe_identity up_to_date 1 $iso_start $iso_end "$good_qe"

# one NAME STATUS ADVISORY: an advisory that a microcode update alone does not answer
one() { tcb_info "$1" 2 $update $iso_end "$(level 2 $pcesvn $update "$2" "$3")" "$old_level"; }
one sw_hardening_needed SWHardeningNeeded SIM-SA-00001
one configuration_needed ConfigurationNeeded SIM-SA-00002
one configuration_and_sw_hardening_needed ConfigurationAndSWHardeningNeeded SIM-SA-00003

# recovery NAME STATUS ADVISORY: an update is out, and this is what platforms without it are now
recovery() {
	tcb_info "$1" 3 $update $iso_end "$(level 3 $pcesvn $update UpToDate)" \
		"$(level 2 $pcesvn $iso_start "$2" "$3")" "$(level 1 5 2024-01-01T00:00:00Z "$2" "$3")"
}
recovery out_of_date OutOfDate SIM-SA-00004
recovery out_of_date_configuration_needed OutOfDateConfigurationNeeded SIM-SA-00005
recovery revoked Revoked SIM-SA-00006

qe_identity qe_out_of_date 3 $update $iso_end "$(qe_level 2 $update UpToDate)" "$(qe_level 1 $iso_start OutOfDate SIM-SA-00007)"
tcb_info stale 1 $iso_start 2025-02-01T00:00:00Z "$good_level" "$old_level"
qe_identity stale 1 $iso_start 2025-02-01T00:00:00Z "$good_qe"

# -- what the program needs, as C --

view() { # view NAME: after the literal; sizeof counts the NUL that C adds
	printf ';\nconst struct bytes simulation_%s = {(const uint8_t *)%s_text, sizeof(%s_text) - 1};\n' "$1" "$1" "$1"
}
scenario() { # scenario NAME CRL TCB_INFO QE_IDENTITY SUMMARY
	printf '\t{"%s", "%s",\n\t\tVIEW(%s_crl_text), VIEW(%s_tcb_info_text), VIEW(%s_qe_identity_text)},\n' "$1" "$5" "$2" "$3" "$4"
}
pem_text() { # pem_text NAME FILE…
	printf '\nstatic const char %s_text[] =' "$1"
	cat "${@:2}" | sed 's/.*/\n\t"&\\n"/' | sed '/^$/d' | sed '1s/^/\n/' | head -c -1
}
json_text() { # json_text NAME FILE
	printf '\nstatic const char %s_text[] =\n' "$1"
	{ cat "$2"; echo; } | fold -w 72 | sed 's/"/\\"/g; s/.*/\t"&"/' | head -c -1
}
array() { # array HEX
	sed 's/../0x&, /g' <<<"$1" | fold -s -w 72 | sed 's/ *$//; s/^/\t/'
}
public_key() { openssl ec -in "$here/keys/$1.pem" -pubout -outform DER 2>log | tail -c 64 | od -An -v -tx1 | tr -d ' \n'; }
private_key() { openssl ec -in "$here/keys/$1.pem" -outform DER 2>log | tail -c +8 | head -c 32 | od -An -v -tx1 | tr -d ' \n'; }

{
	cat <<-'EOF'
	/* Made by tools/simulation/make.sh; do not edit. A simulation: every private key is published. */
	/* clang-format off */
	#include "machine/soft/simulation.h"
	EOF
	# Intel's chains end with a NUL byte inside a quote: the one that C adds.
	for svn in 1 2 3; do pem_text pck_chain_$svn pck$svn.crt platform.crt root.crt; echo ';'; done
	printf 'const struct bytes simulation_pck_chains[SIMULATION_SVN_MAX] = {\n'
	for svn in 1 2 3; do printf '\t{(const uint8_t *)pck_chain_%d_text, sizeof(pck_chain_%d_text)},\n' $svn $svn; done
	printf '};\n'
	pem_text pck_crl_issuer_chain platform.crt root.crt; view pck_crl_issuer_chain
	pem_text root_ca_crl root.crl; view root_ca_crl
	pem_text tcb_signing_chain tcb.crt root.crt; view tcb_signing_chain
	pem_text pck_crl platform.crl; echo ';'
	pem_text revoked_pck_crl revoked_pck.crl; echo ';'
	for file in *.tcb_info; do json_text "${file%.*}_tcb_info" "$file"; echo ';'; done
	for file in *.qe_identity; do json_text "${file%.*}_qe_identity" "$file"; echo ';'; done
	printf '\n#define VIEW(text) {(const uint8_t *)(text), sizeof(text) - 1}\n\n'
	printf 'const struct simulation_scenario simulation_scenarios[SIMULATION_SCENARIOS] = {\n'
	scenario up-to-date pck up_to_date up_to_date 'nothing to be done'
	scenario sw-hardening-needed pck sw_hardening_needed up_to_date 'SWHardeningNeeded: enclaves must defend themselves'
	scenario configuration-needed pck configuration_needed up_to_date 'ConfigurationNeeded: the machine must be set up otherwise'
	scenario configuration-and-sw-hardening-needed pck configuration_and_sw_hardening_needed up_to_date 'both'
	scenario out-of-date pck out_of_date up_to_date 'OutOfDate below SVN 3: a TCB recovery has begun'
	scenario out-of-date-configuration-needed pck out_of_date_configuration_needed up_to_date 'the same, and to be set up otherwise'
	scenario revoked pck revoked up_to_date 'Revoked below SVN 3'
	scenario revoked-pck revoked_pck up_to_date up_to_date 'the PCK certificates below SVN 3 are on the revocation list'
	scenario qe-out-of-date pck up_to_date qe_out_of_date 'the quoting enclave is OutOfDate'
	scenario stale pck stale stale 'TCB info and QE identity have expired: nobody fetched newer ones'
	printf '};\n'
	printf '\nconst struct p256_secret simulation_pck_key = {{\n%s\n}};\n' "$(array "$(private_key pck)")"
	printf '\nconst uint8_t simulation_qe_mrenclave[32] = {\n%s\n};\n' "$(array "$qe_mrenclave")"
	printf '\nconst uint8_t simulation_qe_mrsigner[32] = {\n%s\n};\n' "$(array "$qe_mrsigner")"
} >"$top/src/machine/soft/simulation.c"

{
	cat <<-'EOF'
	/* Made by tools/simulation/make.sh; do not edit. The published private keys of the simulation. */
	/* clang-format off */
	#ifndef TESTS_SIMULATION_KEYS_H
	#define TESTS_SIMULATION_KEYS_H

	#include "crypto/crypto.h"
	EOF
	for name in root platform pck tcb; do
		printf '\nstatic const struct p256_secret simulation_%s_secret = {{\n%s\n}};\n' $name "$(array "$(private_key $name)")"
	done
	printf '\n#endif\n'
} >"$top/tests/simulation_keys.h"

echo 'The root key, for src/attest/roots.c:'
array "$(public_key root)"
