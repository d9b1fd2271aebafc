conclave_bench(NAME attest SOURCES attest.c LIBRARIES attest_forge PkgConfig::CRYPTO Threads::Threads)
conclave_bench(NAME nitro SOURCES nitro.c LIBRARIES nitro_forge)
conclave_bench(NAME snp SOURCES snp.c LIBRARIES snp_forge)
