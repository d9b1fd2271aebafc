conclave_test(NAME attest_evidence KIND vectors SOURCES vectors/attest_evidence.c LIBRARIES attest PkgConfig::JANSSON)
conclave_test(NAME attest_r3 KIND vectors SOURCES vectors/attest_r3.c LIBRARIES attest_words PkgConfig::JANSSON)
