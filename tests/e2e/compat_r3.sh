#!/usr/bin/env bash
# `serve --compat r3` with a real image: the very bytes that R3's clients read, R3's REST shapes, and no sealed refusal for a client
# that does not say it reads them.
. "$(dirname "$0")/lib.sh"

cp -R "$CONCLAVE_SOURCE/tests/guests/echo" echo
run 0 conclave build echo -o echo.enclave
measurement=$(awk '$1 == "MRENCLAVE" { print $2 }' stdout)
start_host echo.enclave --data data --compat r3

# Type 2, 489 bytes (conclave's own form has a quote and collateral: kilobytes), with R3's headers.
curl -sf -D headers -o info "$url/attestation" || fail "no attestation"
[ "$(stat -c %s info)" -eq 489 ] || fail "the attestation has $(stat -c %s info) bytes"
[ "$(head -c 3 info)" = EII ] && [ "$(od -An -tu1 -j 87 -N 1 info)" -eq 2 ] || fail "not R3's simulation form"
grep -qi '^cache-control: no-store,no-cache,must-revalidate' headers || fail "no Cache-Control: $(cat headers)"
grep -qi '^content-type: application/octet-stream' headers || fail "no Content-Type: $(cat headers)"
run 0 conclave attestation --constraint "C:$measurement SEC:INSECURE" info
prints "Mode: SIMULATION"
run 3 conclave attestation --constraint "C:$measurement SEC:STALE" info

# Mail as R3's client posts it.
conclave keygen -o alice.key >/dev/null
echo hello >body
run 0 conclave mail seal --url "$url" --key alice.key --constraint "C:$measurement SEC:INSECURE" --file body -o sealed
status=$(curl -s -o reply -w '%{http_code}' -H 'Correlation-ID: ALICE' --data-binary @sealed "$url/deliver-mail")
[ "$status" = 200 ] && [ -s reply ] || fail "deliver-mail: $status"
status=$(curl -s -o reply -w '%{http_code}' -H 'Correlation-ID: ALICE' --data-binary @body "$url/deliver-mail")
[ "$status $(cat reply)" = '400 {"error":"MAIL_DECRYPTION","message":null}' ] || fail "altered mail: $status $(cat reply)"
status=$(curl -s -o reply -w '%{http_code}' -H 'Correlation-ID: ALICE' --data-binary @sealed "$url/deliver-mail")
[ "$status $(cat reply)" = '400 {"error":"ENCLAVE_EXCEPTION","message":null}' ] || fail "replayed mail: $status $(cat reply)"
