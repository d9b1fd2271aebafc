# Store, host and server. The fake machine stands in for an enclave wherever one is not the point.
add_library(fake_machine STATIC fake_machine.c)
target_include_directories(fake_machine PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(fake_machine PUBLIC image machine conclave_hosted)

conclave_test(NAME host KIND unit SOURCES unit/host.c LIBRARIES host fake_machine attest)
conclave_test(NAME host_lies KIND hostile SOURCES hostile/host_lies.c LIBRARIES host fake_machine)
conclave_test(NAME server KIND e2e SOURCES e2e/server.c LIBRARIES server fake_machine attest)
