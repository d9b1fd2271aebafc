# The runtime. enclave_world.c stands in for the CPU, the builder and the guest.
set(enclave_world enclave_world.c)
conclave_test(NAME enclave_turn KIND unit SOURCES unit/enclave_turn.c ${enclave_world} LIBRARIES enclave_hosted)
