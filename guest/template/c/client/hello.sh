#!/bin/sh
# Say hello to the enclave behind a host:
#
#   client/hello.sh 'C:<MRENCLAVE> SEC:INSECURE' Ada [http://127.0.0.1:8080]
#
# The constraint names the enclave that may read the mail: 'make' prints its MRENCLAVE.
# SEC:INSECURE admits the simulated enclaves of a developer's machine; drop it for real ones.
set -eu
constraint=$1 name=$2 url=${3:-http://127.0.0.1:8080}
key=${KEY:-build/client.key}

[ -e "$key" ] || conclave keygen -o "$key" > /dev/null
printf %s "$name" |
	conclave mail send --url "$url" --constraint "$constraint" --key "$key" --topic hello
echo
