conclave_bench(NAME image SOURCES image.c LIBRARIES image machine)
conclave_bench(NAME compute SOURCES compute.c compute/kernels.c LIBRARIES host image machine store m)
set_source_files_properties(compute/kernels.c PROPERTIES COMPILE_OPTIONS "-O2")
configure_file(sizes.sh ${CMAKE_BINARY_DIR}/bench/bench_sizes COPYONLY)

# The guest of `compute`, built by the tool under measurement.
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/bench/compute.enclave
	COMMAND cli build -o ${CMAKE_BINARY_DIR}/bench/compute.enclave ${CMAKE_CURRENT_SOURCE_DIR}/compute
	DEPENDS cli enclave guest_sdk image_sdk compute/kernels.c compute/kernels.h compute/guest/compute.c compute/enclave.json)
add_custom_target(bench_compute_image ALL DEPENDS ${CMAKE_BINARY_DIR}/bench/compute.enclave)
