conclave_bench(NAME mail SOURCES mail.c LIBRARIES mail PkgConfig::SODIUM PkgConfig::CRYPTO Threads::Threads)
