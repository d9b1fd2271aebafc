conclave_test(NAME mail KIND vectors SOURCES vectors/mail.c LIBRARIES mail PkgConfig::JANSSON)
conclave_test(NAME noise KIND vectors SOURCES vectors/noise.c LIBRARIES mail PkgConfig::JANSSON)
