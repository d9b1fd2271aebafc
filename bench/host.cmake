conclave_bench(NAME host SOURCES host.c LIBRARIES server client image machine store)
conclave_bench(NAME host_stream SOURCES host_stream.c LIBRARIES server client image machine store)
foreach(guest echo digest)
	set(project ${CMAKE_SOURCE_DIR}/tests/guests/${guest})
	add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/bench/${guest}.enclave
		COMMAND cli build -o ${CMAKE_BINARY_DIR}/bench/${guest}.enclave ${project}
		DEPENDS cli enclave guest_sdk image_sdk ${project}/guest/${guest}.c ${project}/enclave.json)
	add_custom_target(bench_${guest}_image ALL DEPENDS ${CMAKE_BINARY_DIR}/bench/${guest}.enclave)
endforeach()
