add_library(attest_forge STATIC attest_forge.c)
target_include_directories(attest_forge PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(attest_forge PUBLIC attest)

conclave_test(NAME attest KIND hostile SOURCES hostile/attest.c LIBRARIES attest_forge)
conclave_test(NAME attest_evidence KIND vectors SOURCES vectors/attest_evidence.c LIBRARIES attest PkgConfig::JANSSON)
conclave_test(NAME attest_r3 KIND vectors SOURCES vectors/attest_r3.c LIBRARIES attest_words PkgConfig::JANSSON)
conclave_test(NAME soft_quote KIND unit SOURCES unit/soft_quote.c LIBRARIES machine attest)
