# A hand-made image for tests of the reader, and everything about making real ones.
add_library(image_sample STATIC image_sample.c)
target_include_directories(image_sample PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(image_sample PUBLIC image crypto)

conclave_test(NAME image KIND unit SOURCES unit/image.c LIBRARIES image_sample)
conclave_test(NAME build_config KIND unit SOURCES unit/build_config.c LIBRARIES image_build)
conclave_test(NAME wasm KIND unit SOURCES unit/wasm.c LIBRARIES image_build)
conclave_test(NAME toolchain KIND unit SOURCES unit/toolchain.c LIBRARIES image_build)
conclave_test(NAME layout KIND property SOURCES property/layout.c LIBRARIES image)
conclave_fuzz(NAME image_parse SOURCES fuzz/image_parse.c LIBRARIES image crypto CORPUS fuzz/corpus/image_parse)
conclave_fuzz(NAME wasm_read SOURCES fuzz/wasm_read.c LIBRARIES image_build CORPUS fuzz/corpus/wasm_read)
