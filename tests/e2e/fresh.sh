#!/usr/bin/env bash
# An attestation made for the question: a host that passes an older one off is found out.
. "$(dirname "$0")/lib.sh"
run 0 conclave init my-enclave
run 0 conclave build my-enclave
start_host my-enclave/build/my-enclave.enclave
run 0 conclave attestation --fresh --save first "$url"
run 0 conclave attestation --fresh --save second "$url"
! cmp -s first second || fail "two questions had one answer"
grep -q EIIN first || fail "no nonce in the answer"
run 0 conclave attestation first
run 0 conclave attestation "$url" --save plain
! grep -q EIIN plain || fail "others are served somebody's nonce"

# The nonce is bound: cut off or altered, the evidence is nobody's.
head -c -40 first >cut
run 3 conclave attestation cut
says "the binding of the keys to the quote"
cp first altered
printf '\x00\x01' | dd of=altered bs=1 seek=$(($(stat -c %s altered) - 2)) conv=notrunc status=none
run 3 conclave attestation altered
says "the binding of the keys to the quote"
run 2 conclave attestation --fresh first
says "--fresh needs a URL"

# Mail under a policy, each time attested for it.
code=$(sed -n 's/.*"code_hash": "\(.*\)".*/\1/p' <<<"$(conclave attestation --json "$url")")
conclave keygen >/dev/null
mail=(conclave mail send --url "$url" --key conclave.key --topic hello --fresh --policy)
echo "{\"version\": 1, \"mode\": \"simulation\", \"nonce_required\": true, \"sgx\": {\"accept\": [{\"mrenclave\": \"$code\"}]}}" >policy.json
run 0 "${mail[@]}" policy.json <<<Ada
prints "Ada"
run 0 "${mail[@]}" policy.json <<<Bob
prints "Bob"
run 3 conclave mail send --url "$url" --key conclave.key --policy policy.json <<<Ada
says "the policy refuses the enclave: nonce_required is no nonce was asked for"
sed "s/$code/${code//[0-9]/1}/" policy.json >other.json
run 3 "${mail[@]}" other.json <<<Ada
says "the policy refuses the enclave: sgx.accept"
sed 's/simulation/release/' policy.json >release.json
run 3 "${mail[@]}" release.json <<<Ada
says "the policy refuses the enclave: mode"
run 3 conclave mail send --url "$url" --key conclave.key <<<Ada # nothing else is trusted
echo '{"version": 1}' >empty.json
run 1 "${mail[@]}" empty.json <<<Ada
says "empty.json:"

# A host that replays what it said before: one file for every question.
python3 - first port.old <<'PYTHON' >/dev/null 2>&1 &
import http.server, os, sys
body = open(sys.argv[1], 'rb').read()
class Replay(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(('127.0.0.1', 0), Replay)
open(sys.argv[2] + '.new', 'w').write(str(server.server_port))
os.rename(sys.argv[2] + '.new', sys.argv[2])
server.serve_forever()
PYTHON
processes+=($!)
wait_for port.old
old=http://127.0.0.1:$(cat port.old)
run 0 conclave attestation "$old"
run 3 conclave attestation --fresh "$old"
says "it is not new: it does not hold the nonce that was sent"
run 3 conclave mail send --url "$old" --key conclave.key --fresh --policy policy.json <<<Ada
says "the policy refuses the enclave: nonce is"
