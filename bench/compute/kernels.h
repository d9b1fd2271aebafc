/* Work that guests do, as plain C: the same file is compiled natively and as a guest, and both are
 * timed. Each kernel runs `rounds` times and returns a checksum, which must be the same on both
 * sides. */
#ifndef COMPUTE_KERNELS_H
#define COMPUTE_KERNELS_H

#include <stdint.h>

#define KERNEL_COUNT 5

extern const char *const kernel_names[KERNEL_COUNT];
uint64_t kernel_run(unsigned kernel, unsigned rounds);

#endif
