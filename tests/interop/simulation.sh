#!/bin/bash
# OpenSSL's opinion of the simulation platform's certificates and CRLs, as they stand in the program.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# text NAME: the contents of NAME_text in simulation.c.
text() {
	sed -n "/^static const char $1_text\[\] =/,/;\$/p" "$CONCLAVE_SOURCE/src/machine/soft/simulation.c" |
		sed -n 's/^\t"\(.*\)\\n";\{0,1\}$/\1/p'
}
text tcb_signing_chain >tcb_signing_chain
text root_ca_crl >root.crl
text pck_crl >pck.crl
for svn in 1 2 3; do
	text pck_chain_$svn >pck_chain
	csplit -s -z -f pck. pck_chain '/BEGIN/' '{*}'
	mv pck.00 pck$svn.00
done
mv pck2.00 pck.00
text revoked_pck_crl >revoked.crl
csplit -s -z -f tcb. tcb_signing_chain '/BEGIN/' '{*}'
[ -s pck.02 ] && [ -s tcb.01 ] && [ -s root.crl ] && [ -s pck.crl ]
cat root.crl pck.crl >crls

openssl verify -x509_strict -crl_check_all -CRLfile crls -CAfile pck.02 -untrusted pck.01 -ignore_critical pck.00
openssl verify -x509_strict -crl_check_all -CRLfile crls -CAfile pck.02 tcb.00
cmp pck.02 tcb.01
for certificate in pck1.00 pck3.00; do
	openssl verify -x509_strict -crl_check_all -CRLfile crls -CAfile pck.02 -untrusted pck.01 -ignore_critical $certificate
done
cat root.crl revoked.crl >revoking
openssl verify -x509_strict -crl_check_all -CRLfile revoking -CAfile pck.02 -untrusted pck.01 -ignore_critical pck3.00
! openssl verify -crl_check_all -CRLfile revoking -CAfile pck.02 -untrusted pck.01 -ignore_critical pck.00 2>&1 | grep -v 'certificate revoked' | grep -q OK
openssl crl -in root.crl -CAfile pck.02 -noout 2>&1 | grep -q 'verify OK'
openssl x509 -in pck.00 -noout -checkend 1000000000 >/dev/null # thirty years
