# Store, host and server. The fake machine stands in for an enclave wherever one is not the point.
add_library(fake_machine STATIC fake_machine.c)
target_include_directories(fake_machine PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(fake_machine PUBLIC image machine conclave_hosted)

conclave_test(NAME host KIND unit SOURCES unit/host.c LIBRARIES host fake_machine attest)
conclave_test(NAME host_lies KIND hostile SOURCES hostile/host_lies.c LIBRARIES host fake_machine)
conclave_test(NAME server KIND e2e SOURCES e2e/server.c LIBRARIES server fake_machine attest)
conclave_test(NAME store KIND unit SOURCES unit/store.c LIBRARIES store PkgConfig::SQLITE)
conclave_test(NAME store KIND property SOURCES property/store.c LIBRARIES store)
conclave_test(NAME store KIND fault SOURCES fault/store.c fault/disk.c LIBRARIES store PkgConfig::SQLITE)
conclave_test(NAME kill KIND fault SOURCES fault/kill.c LIBRARIES host fake_machine)
conclave_test(NAME host_frame KIND unit SOURCES unit/host_frame.c LIBRARIES host)
conclave_fuzz(NAME host_turn SOURCES fuzz/host_turn.c LIBRARIES host CORPUS fuzz/corpus/host_turn)
