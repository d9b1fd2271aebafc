#!/bin/bash
# A debugger stops inside an enclave, at a function of the guest: docs/spec/machine.md, "Under gdb".
. "$(dirname "$0")/lib.sh"
command -v gdb >/dev/null || skip "no gdb"
run 0 conclave init my-enclave
run 0 conclave build my-enclave
image=$work/my-enclave/build/my-enclave.enclave
cat >script <<END
set pagination off
set confirm off
break soft_switch
run run --text ping $image
conclave-enclaves
conclave-symbols $image
break on_call
delete 1
continue
printf "stopped in the enclave: %d\n", \$rip - (unsigned long)soft_ranges[0].base < soft_ranges[0].size
bt 1
continue
END
gdb -q -batch -x "$CONCLAVE_SOURCE/tools/gdb/conclave.py" -x script "$CONCLAVE_BUILD/bin/conclave" >stdout 2>stderr || fail "gdb ended with $?: $(tail -5 stderr)"
grep -q ptrace stderr && skip "this container forbids ptrace"
prints 'symbols of '
prints 'stopped in the enclave: 1'
prints 'in on_call ()'
prints 'ping'
prints 'exited normally'
