# The runtime. enclave_world.c stands in for the CPU, the builder and the guest.
set(enclave_world enclave_world.c)
conclave_test(NAME enclave_turn KIND unit SOURCES unit/enclave_turn.c ${enclave_world} LIBRARIES enclave_hosted)

# Against a real image on the soft machine; each program builds it first.
function(conclave_hostile_test name)
	conclave_test(NAME ${name} KIND hostile SOURCES hostile/${name}.c hostile_world.c LIBRARIES image_build machine mail)
	add_dependencies(test_hostile_${name} enclave image_sdk guest_sdk)
endfunction()
conclave_hostile_test(guest)
conclave_hostile_test(entry)
conclave_hostile_test(turn)
