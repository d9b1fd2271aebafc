/* The leaves of ENCLU that an enclave may use: SDM 3D, each instruction's "Operation". */
#include "machine/soft/soft.h"

#define LEAF_EREPORT 0u
#define LEAF_EGETKEY 1u
#define LEAF_EEXIT 4u

#define VECTOR_GP 13
#define VECTOR_PF 14
#define ENCLU_LENGTH 3

#define RFLAGS_CF 0x001u
#define RFLAGS_PF 0x004u
#define RFLAGS_AF 0x010u
#define RFLAGS_ZF 0x040u
#define RFLAGS_SF 0x080u
#define RFLAGS_OF 0x800u
#define RFLAGS_STATUS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

/* A memory operand as the instruction sees it. */
struct operand {
	uint64_t address;
	uint32_t size, align;
	uint8_t permissions;
};

static enum soft_enclu fault(struct soft_tcs *tcs, uint64_t rip, uint8_t vector, uint64_t address)
{
	tcs->exception = (struct machine_exception){
		.vector = vector,
		.rip = rip - tcs->enclave->secs.base,
		.address = address & ~(uint64_t)(SGX_PAGE_SIZE - 1),
	};
	return SOFT_ENCLU_FAULT;
}

/* Misaligned or outside: #GP. Inside but not a regular page with these permissions: #PF. */
static uint8_t check_operand(const struct machine_enclave *enclave, const struct operand *operand)
{
	uint64_t rva = operand->address - enclave->secs.base;
	if (operand->address % operand->align != 0 || rva >= enclave->secs.size)
		return VECTOR_GP;
	/* An operand is no larger than its alignment, so it does not leave its page. */
	if (!soft_accessible(enclave, rva, operand->size, operand->permissions))
		return VECTOR_PF;
	return 0;
}

static const struct operand *find_bad_operand(uint8_t *vector,
	const struct machine_enclave *enclave, const struct operand *operands, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		*vector = check_operand(enclave, &operands[i]);
		if (*vector != 0)
			return &operands[i];
	}
	return NULL;
}

static enum soft_enclu fault_on(struct soft_tcs *tcs, const struct soft_registers *registers,
	uint8_t vector, const struct operand *bad)
{
	return fault(tcs, registers->rip, vector, vector == VECTOR_PF ? bad->address : 0);
}

static void *host_pointer(uint64_t address)
{
	return (void *)(uintptr_t)address; /* the enclave lies in this process at its own address */
}

static enum soft_enclu ereport(struct soft_tcs *tcs, struct soft_registers *registers)
{
	const struct operand operands[] = {
		{registers->rbx, sizeof(struct sgx_targetinfo), 512, SOFT_PAGE_R},
		{registers->rcx, 64, 128, SOFT_PAGE_R},
		{registers->rdx, sizeof(struct sgx_report), 512, SOFT_PAGE_W},
	};
	struct sgx_targetinfo target;
	struct sgx_report report;
	uint8_t reportdata[64], vector;
	const struct operand *bad = find_bad_operand(&vector, tcs->enclave, operands, 3);
	if (bad != NULL)
		return fault_on(tcs, registers, vector, bad);

	memcpy(&target, host_pointer(registers->rbx), sizeof(target));
	memcpy(reportdata, host_pointer(registers->rcx), sizeof(reportdata));
	sgx_report_make(&report, &tcs->enclave->machine->state.cpu, &tcs->enclave->secs, &target,
		reportdata);
	memcpy(host_pointer(registers->rdx), &report, sizeof(report));
	registers->rip += ENCLU_LENGTH;
	return SOFT_ENCLU_CONTINUE;
}

static enum soft_enclu egetkey(struct soft_tcs *tcs, struct soft_registers *registers)
{
	const struct operand operands[] = {
		{registers->rbx, sizeof(struct sgx_keyrequest), 512, SOFT_PAGE_R},
		{registers->rcx, sizeof(struct aes128_key), 16, SOFT_PAGE_W},
	};
	CLEANUP(aes128_key_wipe) struct aes128_key key = {0};
	struct sgx_keyrequest request;
	uint8_t vector;
	const struct operand *bad = find_bad_operand(&vector, tcs->enclave, operands, 2);
	if (bad != NULL)
		return fault_on(tcs, registers, vector, bad);

	memcpy(&request, host_pointer(registers->rbx), sizeof(request));
	enum sgx_getkey_status status =
		sgx_getkey(&key, &tcs->enclave->machine->state.cpu, &tcs->enclave->secs, &request);
	if (status == SGX_GETKEY_FAULT)
		return fault(tcs, registers->rip, VECTOR_GP, 0);
	registers->rax = status;
	registers->rflags &= ~(uint64_t)RFLAGS_STATUS;
	if (status == SGX_GETKEY_OK)
		memcpy(host_pointer(registers->rcx), key.bytes, sizeof(key.bytes));
	else
		registers->rflags |= RFLAGS_ZF;
	registers->rip += ENCLU_LENGTH;
	return SOFT_ENCLU_CONTINUE;
}

/* Hardware jumps wherever RBX says. Here an enclave that has gone mad must not choose where its
 * host goes on: only the place behind EENTER will do. */
static enum soft_enclu eexit(struct soft_tcs *tcs, struct soft_registers *registers)
{
	if (registers->rbx != (uintptr_t)soft_switch_return)
		return fault(tcs, registers->rip, VECTOR_GP, 0);
	registers->rip = registers->rbx;
	registers->rcx = (uintptr_t)soft_switch_return; /* the AEP */
	return SOFT_ENCLU_EXIT;
}

enum soft_enclu soft_enclu(struct soft_tcs *tcs, struct soft_registers *registers)
{
	switch ((uint32_t)registers->rax) {
	case LEAF_EREPORT: return ereport(tcs, registers);
	case LEAF_EGETKEY: return egetkey(tcs, registers);
	case LEAF_EEXIT: return eexit(tcs, registers);
	/* EENTER and ERESUME are for outside; the rest needs SGX2, which this CPU has not. */
	default: return fault(tcs, registers->rip, VECTOR_GP, 0);
	}
}
