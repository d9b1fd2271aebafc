conclave_test(NAME attest_evidence KIND vectors SOURCES vectors/attest_evidence.c LIBRARIES attest PkgConfig::JANSSON)
