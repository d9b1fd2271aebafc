/* For wasm2c's output, which includes it and (without tail calls) does not use it. */
#ifndef WASM_ALLOCA_H
#define WASM_ALLOCA_H
#define alloca(size) __builtin_alloca(size)
#endif
