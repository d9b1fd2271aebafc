add_library(fake_enclave STATIC client/fake_enclave.c client/fake_host.c client/loopback.c)
target_include_directories(fake_enclave PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(fake_enclave PUBLIC client Threads::Threads)

conclave_test(NAME client KIND unit SOURCES unit/client.c LIBRARIES fake_enclave)
conclave_test(NAME client_http KIND unit SOURCES unit/client_http.c LIBRARIES fake_enclave)
conclave_test(NAME client_save KIND vectors SOURCES vectors/client_save.c LIBRARIES client PkgConfig::JANSSON)
conclave_fuzz(NAME client_restore SOURCES fuzz/client_restore.c LIBRARIES client CORPUS fuzz/corpus/client_restore)
