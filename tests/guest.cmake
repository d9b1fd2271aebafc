set(auction ${CMAKE_SOURCE_DIR}/examples/auction/guest)
conclave_test(NAME auction KIND unit LIBRARIES guest_mock
	SOURCES unit/auction.c ${auction}/auction.c ${auction}/amount.c ${auction}/book.c)
conclave_test(NAME mock KIND unit SOURCES unit/mock.c LIBRARIES guest_mock)
conclave_test(NAME init KIND unit SOURCES unit/init.c
	${CMAKE_SOURCE_DIR}/src/cli/init.c ${CMAKE_SOURCE_DIR}/src/cli/cli.c LIBRARIES base)
add_dependencies(test_unit_init guest_sdk)

set(files ${CMAKE_SOURCE_DIR}/src/enclave/files.c)
conclave_test(NAME files KIND unit SOURCES unit/files.c ${files} LIBRARIES base)
conclave_test(NAME files KIND property SOURCES property/files.c ${files} LIBRARIES base)

conclave_script_test(NAME auction KIND e2e COMMAND e2e/auction.sh)
conclave_script_test(NAME init KIND e2e COMMAND e2e/init.sh)
conclave_script_test(NAME wasi KIND e2e COMMAND e2e/wasi.sh)
conclave_test(NAME wasi KIND unit SOURCES unit/wasi.c ${CMAKE_SOURCE_DIR}/src/enclave/wasi.c ${files} LIBRARIES base)
conclave_script_test(NAME rollback KIND e2e COMMAND e2e/rollback.sh)
