# The SGX architecture: measurement, SIGSTRUCT, EINIT, EREPORT, EGETKEY.
conclave_test(NAME sgx_keys KIND unit SOURCES unit/sgx_keys.c LIBRARIES sgx)

add_executable(test_interop_sgx_measure interop/sgx_measure.c)
set_target_properties(test_interop_sgx_measure PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(test_interop_sgx_measure PRIVATE sgx)
conclave_script_test(NAME sgx_measure KIND interop COMMAND interop/sgx_measure.sh)
conclave_test(NAME sgx_init KIND unit SOURCES unit/sgx_init.c LIBRARIES sgx)
conclave_test(NAME sgx_sigstruct KIND vectors SOURCES vectors/sgx_sigstruct.c LIBRARIES sgx PkgConfig::JANSSON)
