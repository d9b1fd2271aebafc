/* Instructions that do not exist inside an enclave. */
#ifndef IMAGE_INSTRUCTIONS_H
#define IMAGE_INSTRUCTIONS_H

#include "base/bytes.h"

/* Refuse code in which a disassembler (objdump -d --no-show-raw-insn) finds an instruction that an
 * enclave may not execute, and name function and address. Hardware would fault on it; the soft
 * machine could not notice. Intel SDM 3D, "Illegal Instructions Inside an Enclave". avx512: whether
 * the enclave's XFRM has AVX and AVX-512. Errors: UNSUPPORTED. */
enum conclave_error instructions_check(
	struct bytes disassembly, bool avx512, struct conclave_report *report);

#endif
