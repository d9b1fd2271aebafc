# The runtime. enclave_world.c stands in for the CPU, the builder and the guest.
set(enclave_world enclave_world.c)
conclave_test(NAME enclave_turn KIND unit SOURCES unit/enclave_turn.c ${enclave_world} LIBRARIES enclave_hosted)
conclave_test(NAME enclave_boundary KIND unit SOURCES unit/enclave_boundary.c ${enclave_world} LIBRARIES enclave_hosted)
conclave_test(NAME enclave_peers KIND unit SOURCES unit/enclave_peers.c ../src/enclave/peers.c LIBRARIES crypto)
conclave_test(NAME enclave_support KIND unit SOURCES unit/enclave_support.c)
conclave_test(NAME enclave_mail KIND property SOURCES property/enclave_mail.c ${enclave_world} LIBRARIES enclave_hosted)
conclave_test(NAME enclave_order KIND property SOURCES property/enclave_order.c ${enclave_world} LIBRARIES enclave_hosted)
conclave_test(NAME enclave_padding KIND property SOURCES property/enclave_padding.c ${enclave_world} LIBRARIES enclave_hosted)
conclave_fuzz(NAME enclave_turn SOURCES fuzz/enclave_turn.c ${enclave_world} LIBRARIES enclave_hosted PkgConfig::CMOCKA
	CORPUS fuzz/corpus/enclave_turn)

# Against a real image on the soft machine; each program builds it first.
function(conclave_hostile_test name)
	conclave_test(NAME ${name} KIND hostile SOURCES hostile/${name}.c hostile_world.c LIBRARIES image_build machine mail)
	add_dependencies(test_hostile_${name} enclave image_sdk guest_sdk)
endfunction()
conclave_hostile_test(guest)
conclave_hostile_test(entry)
conclave_hostile_test(turn)
conclave_hostile_test(mail)
conclave_hostile_test(format)
# The entry stub and mail once more, with the runtime that uses AVX-512.
foreach(name entry mail)
	conclave_test(NAME ${name}_vaes KIND hostile SOURCES hostile/${name}.c hostile_world.c LIBRARIES image_build machine mail)
	add_dependencies(test_hostile_${name}_vaes enclave image_sdk guest_sdk)
	target_compile_definitions(test_hostile_${name}_vaes PRIVATE HOSTILE_VAES)
endforeach()
conclave_test(NAME config KIND hostile SOURCES hostile/config.c LIBRARIES image_sample image_build)
