conclave_bench(NAME host SOURCES host.c LIBRARIES server client image machine store)
set(echo ${CMAKE_SOURCE_DIR}/tests/guests/echo)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/bench/echo.enclave
	COMMAND cli build -o ${CMAKE_BINARY_DIR}/bench/echo.enclave ${echo}
	DEPENDS cli enclave guest_sdk image_sdk ${echo}/guest/echo.c ${echo}/enclave.json)
add_custom_target(bench_echo_image ALL DEPENDS ${CMAKE_BINARY_DIR}/bench/echo.enclave)
