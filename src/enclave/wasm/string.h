/* For wasm2c's output: the four functions of src/enclave/support.c. */
#ifndef WASM_STRING_H
#define WASM_STRING_H
#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif
