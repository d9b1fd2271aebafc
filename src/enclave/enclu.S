/* The two ENCLU leaves the runtime uses besides EEXIT. Intel SDM 3D, EREPORT and EGETKEY. RBX is the
 * caller's. */

#define ENCLU_EREPORT 0
#define ENCLU_EGETKEY 1

	.text
	/* void enclu_ereport(report, targetinfo, reportdata) */
	.globl enclu_ereport
	.hidden enclu_ereport
	.type enclu_ereport, @function
enclu_ereport:
	pushq %rbx
	movq %rsi, %rbx
	movq %rdx, %rcx
	movq %rdi, %rdx
	movl $ENCLU_EREPORT, %eax
	enclu
	popq %rbx
	ret
	.size enclu_ereport, . - enclu_ereport

	/* uint32_t enclu_egetkey(key, keyrequest) */
	.globl enclu_egetkey
	.hidden enclu_egetkey
	.type enclu_egetkey, @function
enclu_egetkey:
	pushq %rbx
	movq %rsi, %rbx
	movq %rdi, %rcx
	movl $ENCLU_EGETKEY, %eax
	enclu
	popq %rbx
	ret
	.size enclu_egetkey, . - enclu_egetkey

	.section .note.GNU-stack, "", @progbits
