add_library(collateral_service STATIC collateral_service.c)
target_include_directories(collateral_service PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(collateral_service PUBLIC attest_forge fake_enclave collateral)

conclave_test(NAME collateral KIND hostile SOURCES hostile/collateral.c LIBRARIES collateral_service)
conclave_test(NAME collateral_amd KIND hostile SOURCES hostile/collateral_amd.c LIBRARIES collateral_service snp_forge)
conclave_test(NAME collateral_renewal KIND unit SOURCES unit/collateral_renewal.c LIBRARIES collateral_service)
conclave_test(NAME collateral KIND unit SOURCES unit/collateral.c LIBRARIES collateral)
conclave_test(NAME collateral KIND fault SOURCES fault/collateral.c LIBRARIES collateral_service os)
conclave_test(NAME collateral_memory KIND fault SOURCES fault/collateral_memory.c LIBRARIES collateral_service)
target_link_options(test_fault_collateral_memory PRIVATE -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray -Wl,--wrap=strndup)
conclave_fuzz(NAME collateral SOURCES fuzz/collateral.c LIBRARIES collateral CORPUS fuzz/corpus/collateral)
conclave_test(NAME collateral KIND vectors SOURCES vectors/collateral.c
	${CMAKE_SOURCE_DIR}/src/cli/refresh.c ${CMAKE_SOURCE_DIR}/src/cli/json.c ${CMAKE_SOURCE_DIR}/src/cli/cli.c
	LIBRARIES collateral_service attest_words os PkgConfig::JANSSON)
# The verb judges as of the present: of what was collected years ago, another one.
target_link_options(test_vectors_collateral PRIVATE -Wl,--wrap=time)

add_executable(collateral_server collateral_server.c)
set_target_properties(collateral_server PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(collateral_server PRIVATE collateral_service os)
conclave_script_test(NAME collateral KIND e2e COMMAND e2e/collateral.sh)
