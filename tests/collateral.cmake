add_library(collateral_service STATIC collateral_service.c)
target_include_directories(collateral_service PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(collateral_service PUBLIC attest_forge fake_enclave collateral)

conclave_test(NAME collateral KIND hostile SOURCES hostile/collateral.c LIBRARIES collateral_service)
conclave_test(NAME collateral KIND unit SOURCES unit/collateral.c LIBRARIES collateral)
conclave_test(NAME collateral KIND fault SOURCES fault/collateral.c LIBRARIES collateral_service os)
conclave_fuzz(NAME collateral SOURCES fuzz/collateral.c LIBRARIES collateral CORPUS fuzz/corpus/collateral)
conclave_test(NAME collateral KIND vectors SOURCES vectors/collateral.c LIBRARIES collateral_service os PkgConfig::JANSSON)

add_executable(collateral_server collateral_server.c)
set_target_properties(collateral_server PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(collateral_server PRIVATE collateral_service os)
conclave_script_test(NAME collateral KIND e2e COMMAND e2e/collateral.sh)
