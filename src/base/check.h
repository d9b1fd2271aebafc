/* TRY, the always-on assertion, and self-cleaning. The project's only macro with control flow is
 * TRY. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <conclave/error.h>

/* Leave the function with the error of `call`, if it has one. Safe because secrets and resources
 * clean themselves. */
#define TRY(call)                                       \
	do {                                            \
		enum conclave_error try_error = (call); \
		if (try_error != CONCLAVE_OK)           \
			return try_error;               \
	} while (0)

/* For programmer errors only; hostile or unlucky input never reaches one. Compiled in always. */
#define ASSERT(condition)                 \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

#define CLEANUP(function) __attribute__((cleanup(function)))
#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
