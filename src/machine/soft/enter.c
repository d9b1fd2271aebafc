/* EENTER and ERESUME, and what surrounds a stay inside. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine/soft/soft.h"

#define RFLAGS_TF 0x100u
/* CF PF AF ZF SF DF OF NT AC ID: what a program can set. IF and the bit that is always one. */
#define RFLAGS_USER 0x244cd5u
#define RFLAGS_FIXED 0x202u

#define MXCSR_KNOWN 0xffffu
#define FXSAVE_MXCSR 24
#define FXSAVE_LEGACY_END 464
#define XSTATE_BV 512
/* Load every component but protection keys, which belong to the host: what the image does not hold
 * becomes as if never used. */
#define XRSTOR_ALL (~(1ull << 9))

#define BUDGET_AGAIN_NS 1000000l

uint8_t *soft_ssa_frame(const struct soft_tcs *tcs, uint32_t cssa)
{
	const struct sgx_secs *secs = &tcs->enclave->secs;
	uint64_t frame_size = (uint64_t)secs->ssa_frame_pages * SGX_PAGE_SIZE;
	return (uint8_t *)(uintptr_t)(secs->base + tcs->fields.ossa + cssa * frame_size);
}

static bool has_frame(const struct soft_tcs *tcs, uint32_t cssa)
{
	const struct sgx_secs *secs = &tcs->enclave->secs;
	uint64_t frame_size = (uint64_t)secs->ssa_frame_pages * SGX_PAGE_SIZE;
	return soft_accessible(tcs->enclave, tcs->fields.ossa + cssa * frame_size, frame_size,
		SOFT_PAGE_R | SOFT_PAGE_W);
}

static uint8_t *gprsgx_of(const struct soft_tcs *tcs, uint32_t cssa)
{
	size_t frame_size = (size_t)tcs->enclave->secs.ssa_frame_pages * SGX_PAGE_SIZE;
	return soft_ssa_frame(tcs, cssa) + frame_size - sizeof(struct sgx_gprsgx);
}

/* -- the budget: a timer that signals this thread, again and again once it is over, because the
 * first time may be just before the jump in or while a handler of ours runs -- */

static enum conclave_error own_timer(struct soft_tcs *tcs)
{
	pid_t thread = (pid_t)syscall(SYS_gettid);
	if (tcs->has_timer && tcs->timer_thread == thread)
		return CONCLAVE_OK;
	if (tcs->has_timer)
		timer_delete(tcs->timer);
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = soft_budget_signal(),
		.sigev_value.sival_ptr = tcs,
		._sigev_un._tid = thread,
	};
	tcs->has_timer = timer_create(CLOCK_MONOTONIC, &event, &tcs->timer) == 0;
	tcs->timer_thread = thread;
	return tcs->has_timer ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

static enum conclave_error arm_budget(struct soft_tcs *tcs, uint32_t budget_ms)
{
	if (budget_ms == 0)
		return CONCLAVE_OK;
	TRY(own_timer(tcs));
	const struct itimerspec when = {
		.it_value = {budget_ms / 1000, (long)(budget_ms % 1000) * 1000000},
		.it_interval.tv_nsec = BUDGET_AGAIN_NS,
	};
	timer_settime(tcs->timer, 0, &when, NULL);
	return CONCLAVE_OK;
}

static void disarm_budget(struct soft_tcs *tcs, uint32_t budget_ms)
{
	const struct itimerspec never = {0};
	if (budget_ms != 0)
		timer_settime(tcs->timer, 0, &never, NULL);
}

/* -- the stay -- */

static void set_mask(const uint64_t *mask, uint64_t *old)
{
	/* Not pthread_sigmask: it leaves the C library's own two signals open, whose handlers want
	 * FS. */
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, old, sizeof(*mask));
}

static void raise_deferred(uint64_t deferred)
{
	for (int signal = 1; deferred != 0; signal++, deferred >>= 1)
		if ((deferred & 1) != 0)
			(void)raise(signal);
}

static void read_bases(struct soft_context *context)
{
	if (soft_has_fsgsbase) {
		__asm__ volatile("rdfsbase %0" : "=r"(context->host_fs));
		__asm__ volatile("rdgsbase %0" : "=r"(context->host_gs));
	} else {
		(void)syscall(SYS_arch_prctl, 0x1003, &context->host_fs); /* ARCH_GET_FS */
		(void)syscall(SYS_arch_prctl, 0x1004, &context->host_gs); /* ARCH_GET_GS */
	}
}

/* Inside and back. Everything of the enclave's side is in tcs->context. */
static enum conclave_error stay(struct soft_tcs *tcs, uint32_t budget_ms)
{
	const stack_t ours = {.ss_sp = tcs->signal_stack, .ss_size = SOFT_SIGNAL_STACK_SIZE};
	uint64_t mask = soft_blocked_signals(), old_mask;
	stack_t theirs;
	int saved_errno = errno;

	if (sigaltstack(&ours, &theirs) != 0)
		return errno = saved_errno, CONCLAVE_ERROR_STATE; /* called on a signal stack */
	enum conclave_error error = arm_budget(tcs, budget_ms);
	if (error == CONCLAVE_OK) {
		tcs->deferred = 0;
		read_bases(&tcs->context);
		set_mask(&mask, &old_mask);
		soft_switch(&tcs->context);
		set_mask(&old_mask, NULL);
		disarm_budget(tcs, budget_ms);
	}
	(void)sigaltstack(&theirs, NULL);
	errno = saved_errno;
	if (error == CONCLAVE_OK)
		raise_deferred(tcs->deferred);
	return error;
}

static void set_frame(struct soft_context *context, uint64_t rip, uint64_t rflags, bool single_step)
{
	context->frame.rip = rip;
	context->frame.rflags =
		(rflags & RFLAGS_USER) | RFLAGS_FIXED | (single_step ? RFLAGS_TF : 0);
}

/* -- EENTER -- */

/* SDM 3D EENTER, in its order: what is checked, what is loaded. */
static enum conclave_error eenter(struct soft_tcs *tcs, struct soft_raw *raw, uint32_t budget_ms)
{
	const struct sgx_secs *secs = &tcs->enclave->secs;
	struct soft_context *context = &tcs->context;
	if (tcs->fields.cssa >= tcs->fields.nssa)
		return CONCLAVE_ERROR_STATE;
	if (!has_frame(tcs, tcs->fields.cssa))
		return CONCLAVE_ERROR_ARGUMENT;

	context->registers = raw->registers;
	context->registers.rax = tcs->fields.cssa;
	context->registers.rbx = secs->base + tcs->rva;
	context->registers.rcx = (uintptr_t)soft_switch_return;
	context->enclave_fs = secs->base + tcs->fields.ofs_base;
	context->enclave_gs = secs->base + tcs->fields.ogs_base;
	context->vectors = raw->vectors;
	context->vectors_mask = raw->vectors_mask;
	set_frame(
		context, secs->base + tcs->fields.oentry, raw->registers.rflags, raw->single_step);

	uint8_t *gprsgx = gprsgx_of(tcs, tcs->fields.cssa);
	context->ursp = gprsgx + offsetof(struct sgx_gprsgx, ursp);
	memcpy(gprsgx + offsetof(struct sgx_gprsgx, urbp), &raw->registers.rbp, sizeof(uint64_t));
	return stay(tcs, budget_ms);
}

/* -- ERESUME -- */

static bool is_canonical(uint64_t address)
{
	return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

/* The enclave can write its own save areas. What the CPU would refuse to load must not be loaded
 * here either, where it would fault on the host's side. */
static bool is_resumable(
	const struct soft_tcs *tcs, const struct sgx_gprsgx *saved, const uint8_t *vectors)
{
	return saved->rip - tcs->enclave->secs.base < tcs->enclave->secs.size &&
	       is_canonical(saved->fs_base) && is_canonical(saved->gs_base) &&
	       (load_u32le(vectors + FXSAVE_MXCSR) & ~MXCSR_KNOWN) == 0 &&
	       (load_u64le(vectors + XSTATE_BV) & ~tcs->enclave->secs.attributes.xfrm) == 0;
}

static enum conclave_error eresume(struct soft_tcs *tcs, struct soft_raw *raw, uint32_t budget_ms)
{
	struct soft_context *context = &tcs->context;
	struct sgx_gprsgx saved;
	if (tcs->fields.cssa == 0)
		return CONCLAVE_ERROR_STATE;
	uint32_t cssa = tcs->fields.cssa - 1;
	if (!has_frame(tcs, cssa))
		return CONCLAVE_ERROR_ARGUMENT;

	memcpy(&saved, gprsgx_of(tcs, cssa), sizeof(saved));
	memcpy(tcs->vectors, soft_ssa_frame(tcs, cssa), sizeof(tcs->vectors));
	if (!is_resumable(tcs, &saved, tcs->vectors))
		return CONCLAVE_ERROR_STATE;
	memset(tcs->vectors + FXSAVE_LEGACY_END, 0, XSTATE_BV - FXSAVE_LEGACY_END);
	memset(tcs->vectors + XSTATE_BV + 8, 0, SOFT_XSAVE_LEGACY_SIZE - XSTATE_BV - 8);

	memcpy(&context->registers, &saved, sizeof(context->registers));
	context->enclave_fs = saved.fs_base;
	context->enclave_gs = saved.gs_base;
	context->vectors = tcs->vectors;
	context->vectors_mask = XRSTOR_ALL;
	context->ursp = NULL;
	set_frame(context, saved.rip, saved.rflags, raw->single_step);
	tcs->fields.cssa = cssa;
	enum conclave_error error = stay(tcs, budget_ms);
	if (error != CONCLAVE_OK)
		tcs->fields.cssa++;
	return error;
}

/* -- what machine.h and the tests call -- */

typedef enum conclave_error leaf_function(
	struct soft_tcs *tcs, struct soft_raw *raw, uint32_t budget_ms);

static struct soft_tcs *find_tcs(const struct machine_enclave *enclave, uint64_t rva)
{
	for (size_t i = 0; i < enclave->tcs_count; i++)
		if (enclave->tcs[i]->rva == rva)
			return enclave->tcs[i];
	return NULL;
}

static enum conclave_error run(leaf_function *leaf, enum machine_exit *exit,
	struct machine_exception *exception, struct machine_enclave *enclave, uint64_t tcs_rva,
	struct soft_raw *raw, uint32_t budget_ms)
{
	if (!enclave->initialised)
		return CONCLAVE_ERROR_STATE;
	struct soft_tcs *tcs = find_tcs(enclave, tcs_rva);
	if (tcs == NULL)
		return CONCLAVE_ERROR_ARGUMENT;
	TRY(soft_take_signals());
	if (atomic_exchange_explicit(&tcs->busy, true, memory_order_acquire))
		return CONCLAVE_ERROR_BUSY;
	tcs->raw = raw;
	tcs->exception = (struct machine_exception){0};
	enum conclave_error error = leaf(tcs, raw, budget_ms);
	if (error == CONCLAVE_OK) {
		*exit = tcs->exit;
		*exception = tcs->exception;
		raw->registers = tcs->context.registers;
	}
	tcs->raw = NULL;
	atomic_store_explicit(&tcs->busy, false, memory_order_release);
	return error;
}

enum conclave_error soft_enter_raw(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct soft_raw *raw, uint32_t budget_ms)
{
	return run(eenter, exit, exception, enclave, tcs_rva, raw, budget_ms);
}

enum conclave_error soft_resume_raw(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct soft_raw *raw, uint32_t budget_ms)
{
	return run(eresume, exit, exception, enclave, tcs_rva, raw, budget_ms);
}

static enum conclave_error run_plain(leaf_function *leaf, enum machine_exit *exit,
	struct machine_exception *exception, struct machine_enclave *enclave, uint64_t tcs_rva,
	struct machine_registers *registers, uint32_t budget_ms)
{
	struct soft_raw raw = {
		.registers.rdi = registers->rdi,
		.registers.rsi = registers->rsi,
		.registers.rdx = registers->rdx,
		.registers.r8 = registers->r8,
		.registers.r9 = registers->r9,
	};
	TRY(run(leaf, exit, exception, enclave, tcs_rva, &raw, budget_ms));
	*registers = (struct machine_registers){
		.rdi = raw.registers.rdi,
		.rsi = raw.registers.rsi,
		.rdx = raw.registers.rdx,
		.r8 = raw.registers.r8,
		.r9 = raw.registers.r9,
	};
	return CONCLAVE_OK;
}

enum conclave_error soft_enter(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct machine_registers *registers,
	uint32_t budget_ms)
{
	return run_plain(eenter, exit, exception, enclave, tcs_rva, registers, budget_ms);
}

enum conclave_error soft_resume(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct machine_registers *registers,
	uint32_t budget_ms)
{
	return run_plain(eresume, exit, exception, enclave, tcs_rva, registers, budget_ms);
}
