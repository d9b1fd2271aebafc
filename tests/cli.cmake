add_executable(fake_host client/fake_host_main.c)
set_target_properties(fake_host PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(fake_host PRIVATE fake_enclave)

conclave_test(NAME key_file KIND unit SOURCES unit/key_file.c ../src/cli/key_file.c ../src/cli/cli.c LIBRARIES client)
conclave_script_test(NAME keygen KIND e2e COMMAND e2e/keygen.sh)
conclave_script_test(NAME mail KIND e2e COMMAND e2e/mail.sh)
conclave_script_test(NAME install KIND e2e COMMAND e2e/install.sh)
conclave_script_test(NAME cli_errors KIND e2e COMMAND e2e/cli_errors.sh)
