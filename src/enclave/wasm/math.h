/* For wasm2c's output: the few functions of math.h that WebAssembly has as instructions, as single
 * SSE4.1 instructions. Immediates of ROUNDSD: 0 nearest, 1 down, 2 up, 3 to zero, 4 MXCSR's mode,
 * | 8 without the precision exception. Intel SDM 2B, ROUNDSD. */
#ifndef WASM_MATH_H
#define WASM_MATH_H

#define NAN __builtin_nanf("")
#define INFINITY __builtin_inff()
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define signbit(x) __builtin_signbit(x)
#define fabs(x) __builtin_fabs(x)
#define fabsf(x) __builtin_fabsf(x)
#define copysign(x, y) __builtin_copysign(x, y)
#define copysignf(x, y) __builtin_copysignf(x, y)

#define WASM_MATH_ONE(name, type, instruction)                \
	static inline type name(type x)                       \
	{                                                     \
		type result;                                  \
		__asm__(instruction : "=x"(result) : "x"(x)); \
		return result;                                \
	}

WASM_MATH_ONE(floor, double, "roundsd $9, %1, %0")
WASM_MATH_ONE(floorf, float, "roundss $9, %1, %0")
WASM_MATH_ONE(ceil, double, "roundsd $10, %1, %0")
WASM_MATH_ONE(ceilf, float, "roundss $10, %1, %0")
WASM_MATH_ONE(trunc, double, "roundsd $11, %1, %0")
WASM_MATH_ONE(truncf, float, "roundss $11, %1, %0")
WASM_MATH_ONE(nearbyint, double, "roundsd $12, %1, %0")
WASM_MATH_ONE(nearbyintf, float, "roundss $12, %1, %0")
WASM_MATH_ONE(sqrt, double, "sqrtsd %1, %0")
WASM_MATH_ONE(sqrtf, float, "sqrtss %1, %0")

#undef WASM_MATH_ONE
#endif
