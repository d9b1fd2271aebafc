conclave_bench(NAME attest SOURCES attest.c LIBRARIES attest_forge)
