conclave_bench(NAME machine SOURCES machine.c LIBRARIES tiny_enclave)
