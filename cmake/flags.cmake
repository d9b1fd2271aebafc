# Flags reach targets only through these.

# conclave_flags: language and warnings; everything of ours links it.
add_library(conclave_flags INTERFACE)
target_compile_options(conclave_flags INTERFACE
	$<$<COMPILE_LANGUAGE:C>:-std=gnu2x -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wswitch-enum -Wundef -Wcast-qual
	-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.>)
if(NOT CONCLAVE_SANITIZE) # which makes frames several times larger
	target_compile_options(conclave_flags INTERFACE -Wframe-larger-than=65536)
endif()
if(CONCLAVE_WERROR)
	target_compile_options(conclave_flags INTERFACE -Werror)
endif()
target_include_directories(conclave_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)

# conclave_hosted: code that runs on an operating system.
add_library(conclave_hosted INTERFACE)
target_link_libraries(conclave_hosted INTERFACE conclave_flags)
target_compile_definitions(conclave_hosted INTERFACE _GNU_SOURCE)
# Debian 12's valgrind does not read what clang writes by default.
target_compile_options(conclave_hosted INTERFACE $<$<C_COMPILER_ID:Clang>:-gdwarf-4>)
if(CONCLAVE_SANITIZE)
	target_compile_options(conclave_hosted INTERFACE -fsanitize=${CONCLAVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	target_link_options(conclave_hosted INTERFACE -fsanitize=${CONCLAVE_SANITIZE})
endif()
if(CONCLAVE_FUZZ)
	target_compile_options(conclave_hosted INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Flags of code that runs inside an enclave, as a list: the runtime and every guest are built with exactly these by gcc 12, whatever
# compiler and sanitizers the rest is built with, so that measurements do not depend on them.
set(CONCLAVE_TRUSTED_FLAGS
	-std=gnu2x -O2 -ffreestanding -fno-builtin-printf -fpie -fvisibility=hidden -fno-plt -mno-red-zone -ffp-contract=off
	-fstack-protector-strong -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident -fcf-protection=none
	-fno-jump-tables -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr -mno-avx -mno-avx2
	CACHE INTERNAL "")

# A library of pure or freestanding code of ours, hosted build: conclave_library(base bytes.c hex.c)
function(conclave_library name)
	add_library(${name} STATIC ${ARGN})
	target_link_libraries(${name} PUBLIC conclave_hosted)
endfunction()
