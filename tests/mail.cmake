conclave_test(NAME mail KIND vectors SOURCES vectors/mail.c LIBRARIES mail PkgConfig::JANSSON)
