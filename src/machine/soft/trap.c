/* Signals: taking them over, telling whose they are, and turning those of an enclave into what the
 * CPU does: ENCLU's leaves, and asynchronous exits. */
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "machine/soft/soft.h"

#define SA_RESTORER 0x04000000
#define VECTOR_UD 6
#define VECTOR_PF 14
#define VECTOR_NONE 0xff /* the end of a budget: an interrupt, not an exception */

#define MXCSR_DEFAULT 0x1f80u
#define FCW_DEFAULT 0x037fu
#define XSTATE_X87_SSE 3u
#define FXSAVE_SIZE 512
#define FXSAVE_SW_RESERVED 464 /* the kernel's own notes in the image begin here */
#define FXSAVE_MXCSR 24
#define XSTATE_BV FXSAVE_SIZE

/* CF PF AF ZF SF OF and RF: what an asynchronous exit clears (SDM 3D, "Synthetic State"). */
#define RFLAGS_SYNTHETIC_CLEAR 0x108d5u
/* What the host must not inherit from an enclave: those, TF, DF, NT and AC. */
#define RFLAGS_HOST_CLEAR (RFLAGS_SYNTHETIC_CLEAR | 0x44500u)

static const int exception_signals[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGTRAP};

/* As the kernel takes it. glibc's and the sanitizers' sigaction are passed by: they would put
 * handlers of their own in front, which use thread-local storage. */
struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* Whoever was there before us, by signal. Written under take_lock before our handler is in place.
 */
static struct kernel_action previous[65];
static pthread_mutex_t take_lock = PTHREAD_MUTEX_INITIALIZER;
static int budget_signal;

bool soft_trap(struct soft_tcs *tcs, int signal, siginfo_t *info, ucontext_t *interrupted);
void soft_foreign(int signal, siginfo_t *info, ucontext_t *interrupted, uintptr_t from);

static uint64_t bit_of(int signal)
{
	return 1ull << (signal - 1);
}

static bool kernel_sigaction(
	int signal, const struct kernel_action *action, struct kernel_action *old)
{
	return syscall(SYS_rt_sigaction, signal, action, old, sizeof(uint64_t)) == 0;
}

/* -- taking signals over -- */

static bool is_ours(const struct kernel_action *action)
{
	return (uintptr_t)action->handler == (uintptr_t)soft_signal_entry;
}

/* Complete: somebody who saved and restored us with signal(2) has lost the flags. */
static bool is_in_place(int signal)
{
	struct kernel_action now;
	return kernel_sigaction(signal, NULL, &now) && is_ours(&now) &&
	       (now.flags & (SA_SIGINFO | SA_ONSTACK)) == (SA_SIGINFO | SA_ONSTACK);
}

static bool take(int signal)
{
	const struct kernel_action action = {
		.handler = (void (*)(int, siginfo_t *, void *))(uintptr_t)soft_signal_entry,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER | SA_RESTART,
		.restorer = soft_restorer,
		.mask = UINT64_MAX,
	};
	struct kernel_action old;
	if (!kernel_sigaction(signal, NULL, &old))
		return false;
	if (!is_ours(&old))
		previous[signal] = old;
	return kernel_sigaction(signal, &action, NULL);
}

/* The highest real-time signal nobody has a handler for. */
static int find_budget_signal(void)
{
	for (int signal = SIGRTMAX; signal >= SIGRTMIN; signal--) {
		struct kernel_action now;
		if (kernel_sigaction(signal, NULL, &now) && now.handler == NULL)
			return signal;
	}
	return 0;
}

static enum conclave_error take_all(void)
{
	if (budget_signal == 0)
		budget_signal = find_budget_signal();
	if (budget_signal == 0 || !take(budget_signal))
		return CONCLAVE_ERROR_UNSUPPORTED;
	for (size_t i = 0; i < ARRAY_COUNT(exception_signals); i++)
		if (!take(exception_signals[i]))
			return CONCLAVE_ERROR_UNSUPPORTED;
	return CONCLAVE_OK;
}

enum conclave_error soft_take_signals(void)
{
	/* The first two are the ones others take for themselves: test frameworks, sanitizers, VMs.
	 */
	if (budget_signal != 0 && is_in_place(SIGILL) && is_in_place(SIGSEGV) &&
		is_in_place(budget_signal))
		return CONCLAVE_OK;
	pthread_mutex_lock(&take_lock);
	enum conclave_error error = take_all();
	pthread_mutex_unlock(&take_lock);
	return error;
}

uint64_t soft_blocked_signals(void)
{
	uint64_t open = bit_of(budget_signal);
	for (size_t i = 0; i < ARRAY_COUNT(exception_signals); i++)
		open |= bit_of(exception_signals[i]);
	return ~open;
}

int soft_budget_signal(void)
{
	return budget_signal;
}

/* -- signals that are not an enclave's -- */

/* Give the default its way: for an exception the instruction runs again and ends the process. */
static void act_by_default(int signal)
{
	const struct kernel_action action = {.handler = NULL};
	if (kernel_sigaction(signal, &action, NULL))
		(void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
}

static void chain(const struct kernel_action *to, int signal, siginfo_t *info, ucontext_t *uc)
{
	uint64_t mask, ours;
	memcpy(&mask, &uc->uc_sigmask, sizeof(mask));
	mask |= to->mask | ((to->flags & SA_NODEFER) != 0 ? 0 : bit_of(signal));
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &ours, sizeof(mask));
	to->handler(signal, info, uc);
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &ours, NULL, sizeof(ours));
}

/* Called by entry.S on the host's bases. from: where the handler will return to. */
void soft_foreign(int signal, siginfo_t *info, ucontext_t *interrupted, uintptr_t from)
{
	const struct kernel_action *to = &previous[signal];
	/* Somebody in front of us passed it on, and may be who is behind us too: without an end it
	 * would go round for ever. */
	bool is_passed_on = from != (uintptr_t)soft_restorer;
	if (signal == budget_signal && info->si_code == SI_TIMER)
		return; /* early or late: nobody is inside */
	if ((uintptr_t)to->handler == (uintptr_t)SIG_IGN && info->si_code <= 0)
		return;
	if ((uintptr_t)to->handler <= (uintptr_t)SIG_IGN || is_passed_on)
		act_by_default(signal);
	else
		chain(to, signal, info, interrupted);
}

/* -- registers in the kernel's frame -- */

/* sgx_gprsgx's order in the kernel's names. */
static const int greg_of[18] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI,
	REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_EFL,
	REG_RIP};
_Static_assert(sizeof(struct soft_registers) == sizeof(uint64_t[18]), "one word each");

static struct soft_registers registers_of(const ucontext_t *uc)
{
	uint64_t words[18];
	struct soft_registers registers;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		words[i] = (uint64_t)uc->uc_mcontext.gregs[greg_of[i]];
	memcpy(&registers, words, sizeof(registers));
	return registers;
}

static void set_registers(ucontext_t *uc, const struct soft_registers *registers)
{
	uint64_t words[18];
	memcpy(words, registers, sizeof(words));
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		uc->uc_mcontext.gregs[greg_of[i]] = (greg_t)words[i];
}

static uint8_t *vectors_of(const ucontext_t *uc)
{
	return (uint8_t *)uc->uc_mcontext.fpregs;
}

/* The whole image's size: the kernel notes it in the part of the legacy area left to software. */
static size_t vectors_size(const uint8_t *vectors)
{
	if (load_u32le(vectors + FXSAVE_SW_RESERVED) != FP_XSTATE_MAGIC1)
		return FXSAVE_SIZE;
	return load_u32le(vectors + FXSAVE_SW_RESERVED + 16);
}

/* -- leaving -- */

/* Let the interrupted thread go on in the host, behind soft_switch's jump. */
static void leave(struct soft_tcs *tcs, ucontext_t *uc, const struct soft_registers *seen)
{
	if (tcs->raw != NULL) {
		struct buffer out = tcs->raw->vectors_out;
		size_t size = vectors_size(vectors_of(uc));
		if (out.ptr != NULL)
			memcpy(out.ptr, vectors_of(uc), size < out.len ? size : out.len);
	}
	tcs->context.registers = *seen;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)soft_switch_return;
	uc->uc_mcontext.gregs[REG_RSP] = (greg_t)tcs->context.host_rsp;
	uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)RFLAGS_HOST_CLEAR;
}

/* Vector state as if never used: x87 and SSE at their defaults, no other component present. */
static void clear_vectors(uint8_t *vectors)
{
	memset(vectors, 0, FXSAVE_SW_RESERVED);
	store_u16le(vectors, FCW_DEFAULT);
	store_u32le(vectors + FXSAVE_MXCSR, MXCSR_DEFAULT);
	if (vectors_size(vectors) > FXSAVE_SIZE)
		store_u64le(vectors + XSTATE_BV, 0);
}

/* EXITINFO: only some vectors are told to the enclave itself (SDM 3D, "EXITINFO"). #PF and #GP
 * would need MISCSELECT.EXINFO, which no enclave of ours has. */
static uint32_t exit_info(uint8_t vector)
{
	const uint32_t told =
		1u << 0 | 1u << 1 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 16 | 1u << 17 | 1u << 19;
	if (vector > 31 || (told >> vector & 1) == 0)
		return 0;
	uint32_t type = vector == 3 ? 6 : 3;
	return 1u << 31 | type << 8 | vector;
}

/* XSAVE as far as XFRM goes. Where components lie is the CPU's affair: the kernel's frame and
 * XRSTOR agree on it. */
static void save_vectors(uint8_t *frame, const uint8_t *vectors, uint64_t xfrm)
{
	size_t size = vectors_size(vectors);
	uint64_t in_use = XSTATE_X87_SSE;

	memcpy(frame, vectors, FXSAVE_SW_RESERVED);
	memset(frame + FXSAVE_SW_RESERVED, 0, SOFT_XSAVE_LEGACY_SIZE - FXSAVE_SW_RESERVED);
	if (xfrm != SGX_XFRM_LEGACY && size > SOFT_XSAVE_LEGACY_SIZE) {
		in_use |= load_u64le(vectors + XSTATE_BV) & xfrm;
		size = size < SOFT_XSAVE_SIZE ? size : SOFT_XSAVE_SIZE;
		memcpy(frame + SOFT_XSAVE_LEGACY_SIZE, vectors + SOFT_XSAVE_LEGACY_SIZE,
			size - SOFT_XSAVE_LEGACY_SIZE);
	}
	store_u64le(frame + XSTATE_BV, in_use);
}

static void save_state(struct soft_tcs *tcs, const ucontext_t *uc,
	const struct soft_registers *registers, uint8_t vector)
{
	uint8_t *frame = soft_ssa_frame(tcs, tcs->fields.cssa);
	size_t frame_size = (size_t)tcs->enclave->secs.ssa_frame_pages * SGX_PAGE_SIZE;
	uint8_t *at = frame + frame_size - sizeof(struct sgx_gprsgx);
	struct sgx_gprsgx saved;

	save_vectors(frame, vectors_of(uc), tcs->enclave->secs.attributes.xfrm);

	memcpy(&saved, at, sizeof(saved)); /* URSP and URBP are there since EENTER */
	memcpy(&saved, registers, sizeof(*registers));
	saved.exit_info = exit_info(vector);
	saved.reserved = 0;
	saved.fs_base = tcs->context.enclave_fs;
	saved.gs_base = tcs->context.enclave_gs;
	memcpy(at, &saved, sizeof(saved));
	tcs->fields.cssa++;
}

/* What the host finds in its registers instead (SDM 3D, "Synthetic State on Asynchronous Enclave
 * Exit"). */
static struct soft_registers synthetic_state(
	const struct soft_tcs *tcs, const struct soft_registers *inside)
{
	const uint8_t *frame = soft_ssa_frame(tcs, tcs->fields.cssa);
	size_t frame_size = (size_t)tcs->enclave->secs.ssa_frame_pages * SGX_PAGE_SIZE;
	struct sgx_gprsgx saved;
	memcpy(&saved, frame + frame_size - sizeof(saved), sizeof(saved));
	return (struct soft_registers){
		.rax = 3, /* ERESUME: executing ENCLU at the AEP goes on inside */
		.rbx = tcs->enclave->secs.base + tcs->rva,
		.rcx = (uintptr_t)soft_switch_return,
		.rsp = saved.ursp,
		.rbp = saved.urbp,
		.rflags = inside->rflags & ~(uint64_t)RFLAGS_SYNTHETIC_CLEAR,
		.rip = (uintptr_t)soft_switch_return,
	};
}

static void exit_asynchronously(struct soft_tcs *tcs, ucontext_t *uc, uint8_t vector)
{
	struct soft_registers inside = registers_of(uc);
	struct soft_registers outside = synthetic_state(tcs, &inside);
	save_state(tcs, uc, &inside, vector);
	clear_vectors(vectors_of(uc));
	tcs->exit = vector == VECTOR_NONE ? MACHINE_EXIT_INTERRUPT : MACHINE_EXIT_FAULT;
	leave(tcs, uc, &outside);
}

/* -- signals that are an enclave's -- */

static bool is_enclu(const struct soft_tcs *tcs, const ucontext_t *uc)
{
	static const uint8_t enclu[3] = {0x0f, 0x01, 0xd7};
	uint64_t rip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	return uc->uc_mcontext.gregs[REG_TRAPNO] == VECTOR_UD &&
	       soft_accessible(
		       tcs->enclave, rip - tcs->enclave->secs.base, sizeof(enclu), SOFT_PAGE_X) &&
	       memcmp((const void *)(uintptr_t)rip, enclu, sizeof(enclu)) == 0;
}

/* Returns whether to go on inside. */
static bool run_enclu(struct soft_tcs *tcs, ucontext_t *uc)
{
	struct soft_registers registers = registers_of(uc);
	switch (soft_enclu(tcs, &registers)) {
	case SOFT_ENCLU_CONTINUE: set_registers(uc, &registers); return true;
	case SOFT_ENCLU_EXIT:
		tcs->exit = MACHINE_EXIT_EEXIT;
		leave(tcs, uc, &registers);
		return false;
	case SOFT_ENCLU_FAULT: exit_asynchronously(tcs, uc, tcs->exception.vector); return false;
	}
	__builtin_unreachable();
}

/* Only this stay's own timer ends it, not somebody's kill(2) with the same number. A timer of a
 * stay that is over cannot have waited until now: its signal came when enter.c opened the mask. */
static bool end_budget(struct soft_tcs *tcs, const siginfo_t *info, ucontext_t *uc)
{
	if (info->si_code != SI_TIMER || info->si_value.sival_ptr != tcs)
		return true;
	tcs->exception = (struct machine_exception){.vector = 0};
	exit_asynchronously(tcs, uc, VECTOR_NONE);
	return false;
}

static void note_exception(struct soft_tcs *tcs, const ucontext_t *uc)
{
	uint8_t vector = (uint8_t)uc->uc_mcontext.gregs[REG_TRAPNO];
	uint64_t rip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	uint64_t address = (uint64_t)uc->uc_mcontext.gregs[REG_CR2];
	tcs->exception = (struct machine_exception){
		.vector = vector,
		.rip = rip - tcs->enclave->secs.base,
		.address = vector == VECTOR_PF ? address & ~(uint64_t)(SGX_PAGE_SIZE - 1) : 0,
	};
}

/* Called by entry.S on the host's bases, with the enclave interrupted. Returns whether it goes on
 * inside. Calling libcrypto from here is sound: the signal is synchronous, and what it interrupted
 * is the enclave, never a half-done library call of this thread. */
bool soft_trap(struct soft_tcs *tcs, int signal, siginfo_t *info, ucontext_t *interrupted)
{
	int saved_errno = errno;
	bool inside = true;
	if (signal == budget_signal) {
		inside = end_budget(tcs, info, interrupted);
	} else if (info->si_code <= 0) {
		tcs->deferred |= bit_of(signal); /* somebody's kill(2): not the enclave's doing */
	} else if (is_enclu(tcs, interrupted)) {
		inside = run_enclu(tcs, interrupted);
	} else {
		note_exception(tcs, interrupted);
		exit_asynchronously(tcs, interrupted, tcs->exception.vector);
		inside = false;
	}
	errno = saved_errno;
	return inside;
}
