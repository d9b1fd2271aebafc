# A hand-made image for tests of the reader, and everything about making real ones.
add_library(image_sample STATIC image_sample.c)
target_include_directories(image_sample PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(image_sample PUBLIC image crypto)

conclave_test(NAME image KIND unit SOURCES unit/image.c LIBRARIES image_sample)
