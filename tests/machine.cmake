# The soft machine, with enclaves written in assembly and laid out by hand.
add_library(tiny_enclave STATIC machine/tiny.c machine/tiny.S)
target_include_directories(tiny_enclave PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(tiny_enclave PUBLIC machine PkgConfig::CMOCKA)

conclave_test(NAME soft_enter KIND unit SOURCES unit/soft_enter.c LIBRARIES tiny_enclave)
conclave_test(NAME soft_build KIND unit SOURCES unit/soft_build.c LIBRARIES tiny_enclave)
conclave_test(NAME soft_keys KIND unit SOURCES unit/soft_keys.c LIBRARIES tiny_enclave)
conclave_test(NAME soft_state KIND unit SOURCES unit/soft_state.c LIBRARIES tiny_enclave)
conclave_script_test(NAME gdb KIND e2e COMMAND e2e/gdb.sh)
conclave_test(NAME soft_steps KIND hostile SOURCES hostile/soft_steps.c LIBRARIES tiny_enclave)
