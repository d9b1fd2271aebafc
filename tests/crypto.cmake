# Every test of the façade that applies runs over both implementations.
conclave_test(NAME crypto KIND unit SOURCES unit/crypto.c LIBRARIES crypto)
target_compile_definitions(test_unit_crypto PRIVATE CRYPTO_OS)
conclave_test(NAME crypto_enclave KIND unit SOURCES unit/crypto.c LIBRARIES crypto_enclave base)
conclave_test(NAME crypto KIND vectors SOURCES vectors/crypto.c LIBRARIES crypto PkgConfig::JANSSON)
target_compile_definitions(test_vectors_crypto PRIVATE CRYPTO_OS)
conclave_test(NAME crypto_enclave KIND vectors SOURCES vectors/crypto.c LIBRARIES crypto_enclave base PkgConfig::JANSSON)
conclave_test(NAME random KIND fault SOURCES fault/random.c LIBRARIES crypto)
target_link_options(test_fault_random PRIVATE LINKER:--wrap=getrandom)
