# What a guest sees: its files, WASI, the SDK and its mock, new projects, and the auction.
set(enclave ${CMAKE_SOURCE_DIR}/src/enclave)
set(auction ${CMAKE_SOURCE_DIR}/examples/auction/guest)
set(cli ${CMAKE_SOURCE_DIR}/src/cli)

conclave_test(NAME files KIND unit SOURCES unit/files.c ${enclave}/files.c ${enclave}/blocks.c LIBRARIES base)
conclave_test(NAME files KIND property SOURCES property/files.c ${enclave}/files.c ${enclave}/blocks.c LIBRARIES base)
conclave_test(NAME wasi KIND unit SOURCES unit/wasi.c ${enclave}/wasi.c ${enclave}/files.c ${enclave}/blocks.c LIBRARIES base)
conclave_script_test(NAME wasi KIND e2e COMMAND e2e/wasi.sh)
conclave_script_test(NAME rollback KIND e2e COMMAND e2e/rollback.sh)

conclave_test(NAME mock KIND unit SOURCES unit/mock.c LIBRARIES guest_mock)
conclave_test(NAME init KIND unit SOURCES unit/init.c ${cli}/init.c ${cli}/cli.c LIBRARIES os base)
add_dependencies(test_unit_init guest_sdk)
conclave_script_test(NAME init KIND e2e COMMAND e2e/init.sh)

conclave_test(NAME digest KIND unit SOURCES unit/digest.c guests/digest/guest/digest.c LIBRARIES guest_mock crypto)
conclave_test(NAME auction KIND unit LIBRARIES guest_mock
	SOURCES unit/auction.c ${auction}/auction.c ${auction}/amount.c ${auction}/book.c)
conclave_script_test(NAME auction KIND e2e COMMAND e2e/auction.sh)
