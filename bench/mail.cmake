conclave_bench(NAME mail SOURCES mail.c LIBRARIES mail PkgConfig::SODIUM PkgConfig::CRYPTO Threads::Threads)
conclave_bench(NAME mail_stream SOURCES mail_stream.c LIBRARIES mail)
