conclave_test(NAME bytes KIND unit SOURCES unit/bytes.c LIBRARIES base)
conclave_test(NAME bytes KIND property SOURCES property/bytes.c LIBRARIES base)
