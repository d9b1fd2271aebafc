/* Entering and leaving: registers, faults, resuming, budgets, threads. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/tiny.h"

#define VECTOR_DE 0
#define VECTOR_BP 3
#define VECTOR_UD 6
#define VECTOR_GP 13
#define VECTOR_PF 14
#define ENOUGH 100000

static const struct tiny_options plain = {.product_id = 1, .security_version = 1};

struct fixture {
	struct machine *machine;
	struct machine_enclave *enclave;
	uint64_t base;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	f->machine = tiny_open_machine();
	f->enclave = tiny_build(f->machine, &plain);
	f->base = tiny_base(f->enclave);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	soft_destroy(f->enclave);
	tiny_close_machine(f->machine);
	free(f);
	return 0;
}

static void registers_cross(void **state)
{
	struct fixture *f = *state;
	struct machine_registers registers = {TINY_ECHO, 11, 22, 33, 44};
	struct machine_exception exception;
	enum machine_exit exit;
	assert_int_equal(
		f->machine->ops->enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 0),
		CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(registers.rdi, 1);
	assert_int_equal(registers.rsi, 22);
	assert_int_equal(registers.rdx, 11);
	assert_int_equal(registers.r8, 44);
	assert_int_equal(registers.r9, 33);
}

/* -- what EENTER defines, and what it leaves alone -- */

struct found { /* what TINY_STATE stores */
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, fs_base, gs_base;
	uint32_t mxcsr, fcw;
	uint8_t xmm7[16];
};

static struct soft_raw raw_call(struct fixture *f, struct soft_raw raw)
{
	struct machine_exception exception;
	enum machine_exit exit;
	assert_int_equal(
		soft_enter_raw(&exit, &exception, f->enclave, TINY_TCS, &raw, 0), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	return raw;
}

/* Some hypervisors lose NT when they come back from a page fault, and RFLAGS arrives without it. */
static uint64_t flags_that_last(uint64_t flags)
{
	uint64_t rflags;
	uint8_t *fresh = mmap(
		NULL, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(fresh, MAP_FAILED);
	__asm__ volatile("pushfq; orq %2, (%%rsp); popfq\n\t"
			 "movb $1, (%1)\n\t"
			 "pushfq; pop %0; pushq $0x202; popfq"
			 : "=&r"(rflags)
			 : "r"(fresh), "r"(flags)
			 : "memory", "cc");
	munmap(fresh, SGX_PAGE_SIZE);
	return rflags & flags;
}

static void eenter_defines_the_state(void **state)
{
	struct fixture *f = *state;
	struct found found;
	struct soft_raw raw = {.registers = {.rdi = TINY_STATE,
				       .r9 = (uintptr_t)&found,
				       .rsp = 0xdead000,
				       .rbp = 2,
				       .rsi = 3,
				       .rdx = 4,
				       .r8 = 5,
				       .r11 = 6,
				       .r12 = 7,
				       .r13 = 8,
				       .r14 = 9,
				       .r15 = 10,
				       .rflags = 0x244cd5}};
	raw_call(f, raw);
	assert_int_equal(found.rax, 0); /* CSSA */
	assert_int_equal(found.rbx, f->base + TINY_TCS);
	assert_int_equal(found.rcx, (uintptr_t)soft_switch_return);
	assert_int_equal(found.fs_base, f->base + TINY_LANE);
	assert_int_equal(found.gs_base, f->base + TINY_LANE);
	assert_int_equal(found.rsp, 0xdead000);
	assert_int_equal(found.rbp, 2);
	assert_int_equal(found.rsi, 3);
	assert_int_equal(found.rdx, 4);
	assert_int_equal(found.r8, 5);
	assert_int_equal(found.r11, 6);
	assert_int_equal(found.r12, 7);
	assert_int_equal(found.r13, 8);
	assert_int_equal(found.r14, 9);
	assert_int_equal(found.r15, 10);
	/* All that was set but the status flags, which tiny.S's own comparisons changed. */
	uint64_t lasting = 0x240400 | flags_that_last(0x4000);
	assert_int_equal(found.rflags & lasting, lasting);
	assert_int_equal(found.rflags & 0x100, 0);
}

/* T-02's other half: what the host has in its vector registers and control words goes in. */
static void vectors_go_in(void **state)
{
	struct fixture *f = *state;
	struct found found;
	_Alignas(64) uint8_t image[SOFT_XSAVE_LEGACY_SIZE] = {0};
	store_u16le(image, 0x0b7f);	     /* FCW */
	store_u32le(image + 24, 0x9fc0);     /* MXCSR */
	memset(image + 160 + 7 * 16, 7, 16); /* XMM7 */
	store_u64le(image + 512, 3);
	struct soft_raw raw = {.registers = {.rdi = TINY_STATE, .r9 = (uintptr_t)&found},
		.vectors = image,
		.vectors_mask = 3};
	raw_call(f, raw);
	assert_int_equal(found.mxcsr, 0x9fc0);
	assert_int_equal(found.fcw & 0xffff, 0x0b7f);
	assert_memory_equal(found.xmm7, image + 160 + 7 * 16, 16);
}

static void host_stack_is_kept_for_the_way_out(void **state)
{
	struct fixture *f = *state;
	struct found found;
	struct sgx_gprsgx saved;
	struct soft_raw raw = {
		.registers = {.rdi = TINY_STATE, .r9 = (uintptr_t)&found, .rbp = 0x1234}};
	raw_call(f, raw);
	memcpy(&saved, (const uint8_t *)f->base + TINY_SSA + SGX_PAGE_SIZE - sizeof(saved),
		sizeof(saved));
	assert_int_equal(saved.ursp, found.rsp);
	assert_int_equal(saved.urbp, 0x1234);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	assert_true(here - found.rsp < 0x10000);
}

static void bases_are_the_lanes(void **state)
{
	struct fixture *f = *state;
	uint64_t word = 0x1122334455667788;
	memcpy((uint8_t *)f->base + TINY_LANE + 16, &word, sizeof(word));
	struct machine_registers registers = tiny_call(f->enclave, TINY_PEEK, 16, 0);
	assert_int_equal(registers.rdi, word);
	assert_int_equal(registers.rsi, word);
}

/* Where the kernel gives no wrfsbase, arch_prctl does the same. */
static void works_without_fsgsbase(void **state)
{
	struct fixture *f = *state;
	uint8_t had = soft_has_fsgsbase;
	soft_has_fsgsbase = 0;
	bases_are_the_lanes(state);
	assert_int_equal(tiny_fault(f->enclave, TINY_UNDEFINED, 0, 0).vector, VECTOR_UD);
	assert_int_equal(tiny_skip_and_resume(f->enclave).rdi, 77);
	bases_are_the_lanes(state);
	soft_has_fsgsbase = had;
}

/* -- faults become asynchronous exits -- */

static void page_permissions_hold(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint64_t command, rva;
	} wrong[] = {{TINY_WRITE, TINY_CONSTANT}, {TINY_WRITE, TINY_CODE}, {TINY_JUMP, TINY_DATA},
		{TINY_JUMP, TINY_CONSTANT}, {TINY_READ, TINY_HOLE}, {TINY_WRITE, TINY_HOLE},
		{TINY_READ, TINY_TCS}, {TINY_WRITE, TINY_TCS}, {TINY_JUMP, TINY_HOLE}};
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct machine_enclave *enclave = tiny_build(f->machine, &plain);
		uint64_t base = tiny_base(enclave);
		struct machine_exception exception =
			tiny_fault(enclave, wrong[i].command, base + wrong[i].rva + 8, 1);
		assert_int_equal(exception.vector, VECTOR_PF);
		assert_int_equal(exception.address, base + wrong[i].rva);
		if (wrong[i].command == TINY_JUMP)
			assert_int_equal(exception.rip, wrong[i].rva + 8);
		else
			assert_true(exception.rip < SGX_PAGE_SIZE);
		soft_destroy(enclave);
	}
	assert_int_equal(tiny_call(f->enclave, TINY_READ, f->base + TINY_CONSTANT, 0).rdi, 0);
	assert_int_equal(tiny_call(f->enclave, TINY_WRITE, f->base + TINY_DATA, 9).rdi, 9);
}

static uint32_t saved_exit_info(const struct fixture *f)
{
	struct sgx_gprsgx saved;
	memcpy(&saved, (const uint8_t *)f->base + TINY_SSA + SGX_PAGE_SIZE - sizeof(saved),
		sizeof(saved));
	return saved.exit_info;
}

static void exceptions_are_told(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint64_t command, rsi;
		uint8_t vector;
		uint32_t exit_info; /* only some are told to the enclave */
	} wanted[] = {
		{TINY_DIVIDE, 0, VECTOR_DE, 0x80000300},
		{TINY_UNDEFINED, 0, VECTOR_UD, 0x80000306},
		{TINY_BREAKPOINT, 0, VECTOR_BP, 0x80000603},
		{TINY_READ, 0x8000000000000000, VECTOR_GP, 0},
		{TINY_READ, 0x10, VECTOR_PF, 0},
	};
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		struct fixture one = {.enclave = tiny_build(f->machine, &plain)};
		one.base = tiny_base(one.enclave);
		struct machine_exception exception =
			tiny_fault(one.enclave, wanted[i].command, wanted[i].rsi, 0);
		assert_int_equal(exception.vector, wanted[i].vector);
		assert_int_equal(saved_exit_info(&one), wanted[i].exit_info);
		soft_destroy(one.enclave);
	}
}

static void a_handler_inside_repairs_and_resumes(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(tiny_fault(f->enclave, TINY_UNDEFINED, 0, 0).vector, VECTOR_UD);
		assert_int_equal(tiny_skip_and_resume(f->enclave).rdi, 77);
	}
}

static void everything_survives_an_asynchronous_exit(void **state)
{
	struct fixture *f = *state;
	(void)tiny_fault(f->enclave, TINY_PAINT, 0, 0);
	struct machine_registers registers = tiny_skip_and_resume(f->enclave);
	assert_int_equal(registers.rdi, 1); /* carry */
	assert_int_equal(registers.rsi, 3); /* the x87 stack held π */
}

/* Between the exit and ERESUME the host fills the same registers with ones. */
static void wide_registers_survive_where_xfrm_has_them(void **state)
{
	struct fixture *f = *state;
	if (!__builtin_cpu_supports("avx512bw"))
		skip();
	const struct tiny_options options = {
		.product_id = 1, .security_version = 1, .avx512 = true};
	struct machine_enclave *enclave = tiny_build(f->machine, &options);
	(void)tiny_fault(enclave, TINY_PAINT_WIDE, 0, 0);
	__asm__ volatile("vpternlogd $0xff, %%zmm15, %%zmm15, %%zmm15\n\t"
			 "vpternlogd $0xff, %%zmm31, %%zmm31, %%zmm31\n\t"
			 "kxnorq %%k3, %%k3, %%k3\n\t"
			 "vzeroupper" ::
				 : "xmm15");
	struct machine_registers registers = tiny_skip_and_resume(enclave);
	assert_int_equal(registers.rdi, TINY_PATTERN);
	assert_int_equal(registers.rsi, 0xffff);
	soft_destroy(enclave);
}

static void moved_bases_survive_too(void **state)
{
	struct fixture *f = *state;
	if (!soft_has_fsgsbase)
		skip(); /* spec/machine.md, "What a simulation cannot do" */
	(void)tiny_fault(f->enclave, TINY_BASES, f->base + TINY_DATA, f->base + TINY_STACK);
	struct machine_registers registers = tiny_skip_and_resume(f->enclave);
	assert_int_equal(registers.rdi, f->base + TINY_DATA);
	assert_int_equal(registers.rsi, f->base + TINY_STACK);
}

/* T-04: the host finds the synthetic state, and no trace of the enclave's in any register. */
static void an_asynchronous_exit_hides_registers(void **state)
{
	struct fixture *f = *state;
	static uint8_t vectors[8192];
	struct machine_exception exception;
	enum machine_exit exit;
	struct soft_raw raw = {.registers = {.rdi = TINY_PAINT, .rsp = 0x77777000, .rbp = 0x88},
		.vectors_out = {vectors, sizeof(vectors)}};
	memset(vectors, 0, sizeof(vectors));
	assert_int_equal(
		soft_enter_raw(&exit, &exception, f->enclave, TINY_TCS, &raw, 0), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_FAULT);
	struct soft_registers wanted = {.rax = 3,
		.rbx = f->base + TINY_TCS,
		.rcx = (uintptr_t)soft_switch_return,
		.rsp = 0x77777000,
		.rbp = 0x88,
		.rip = (uintptr_t)soft_switch_return,
		.rflags = raw.registers.rflags};
	assert_memory_equal(&raw.registers, &wanted, sizeof(wanted));
	assert_int_equal(raw.registers.rflags & 0x8d5, 0);
	const uint64_t pattern = TINY_PATTERN;
	assert_null(memmem(vectors, sizeof(vectors), &pattern, 2));
	assert_int_equal(load_u16le(vectors), 0x037f);
	assert_int_equal(load_u32le(vectors + 24), 0x1f80);
}

static void the_host_survives_what_an_enclave_leaves(void **state)
{
	struct fixture *f = *state;
	struct soft_raw raw = {.registers = {.rdi = TINY_JUNK}};
	uint64_t rflags;
	raw_call(f, raw);
	__asm__ volatile("pushfq; pop %0" : "=r"(rflags));
	assert_int_equal(rflags & 0x40400, 0);
	volatile double zero = 0;
	volatile long double long_zero = 0;
	assert_true(1 / zero > 1e300);		       /* SIGFPE when exceptions are unmasked */
	assert_true(1 / long_zero > 1e300L);	       /* NaN when the x87 stack is full */
	assert_true(long_zero + 1.0L / 3 == 1.0L / 3); /* precision as it was */
}

static void save_areas_are_checked_before_they_are_loaded(void **state)
{
	struct fixture *f = *state;
	uint8_t *frame = (uint8_t *)f->base + TINY_SSA;
	struct sgx_gprsgx *saved = (void *)(frame + SGX_PAGE_SIZE - sizeof(*saved));
	struct machine_registers registers = {0};
	struct machine_exception exception;
	enum machine_exit exit;
	(void)tiny_fault(f->enclave, TINY_UNDEFINED, 0, 0);
	struct sgx_gprsgx good = *saved;
#define REFUSED()                                                                             \
	assert_int_equal(soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 0), \
		CONCLAVE_ERROR_STATE)
	saved->rip = (uintptr_t)abort;
	REFUSED();
	*saved = good;
	saved->fs_base = 0x8000000000000000;
	REFUSED();
	*saved = good;
	saved->gs_base = 0x0000800000000000;
	REFUSED();
	*saved = good;
	frame[24 + 3] = 0x80; /* MXCSR */
	REFUSED();
	frame[24 + 3] = 0;
	frame[512] = 7; /* a component that is not in XFRM */
	REFUSED();
	frame[512] = 3;
	assert_int_equal(tiny_skip_and_resume(f->enclave).rdi, 77);
}

/* -- EEXIT and the other leaves -- */

static void eexit_goes_only_where_the_host_waits(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
		tiny_fault(f->enclave, TINY_EXIT_TO, (uintptr_t)abort, 0).vector, VECTOR_GP);
}

static uint8_t leaf_vector(
	struct fixture *f, uint64_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx)
{
	struct machine_enclave *enclave = tiny_build(f->machine, &plain);
	uint64_t base = tiny_base(enclave);
	struct machine_registers registers = {TINY_LEAF, leaf, base + rbx, base + rcx, base + rdx};
	struct machine_exception exception;
	enum machine_exit exit;
	assert_int_equal(
		soft_enter(&exit, &exception, enclave, TINY_TCS, &registers, 0), CONCLAVE_OK);
	soft_destroy(enclave);
	return exit == MACHINE_EXIT_EEXIT ? 0xff : exception.vector;
}

static void operands_are_checked(void **state)
{
	struct fixture *f = *state;
	enum { GOOD = TINY_DATA, OUT = TINY_STACK, REPORT = 0, GETKEY = 1 };
	static const struct {
		uint64_t leaf, rbx, rcx, rdx;
		uint8_t vector; /* 0xff: none */
	} cases[] = {
		{REPORT, GOOD, GOOD + 512, OUT, 0xff},
		{REPORT, GOOD + 256, GOOD + 512, OUT, VECTOR_GP},
		{REPORT, GOOD, GOOD + 64, OUT, VECTOR_GP},
		{REPORT, GOOD, GOOD + 512, OUT + 128, VECTOR_GP},
		{REPORT, TINY_SIZE, GOOD, OUT, VECTOR_GP},
		{REPORT, GOOD, 0 - 512ull, OUT, VECTOR_GP},
		{REPORT, GOOD, GOOD, TINY_SIZE, VECTOR_GP},
		{REPORT, TINY_HOLE, GOOD, OUT, VECTOR_PF},
		{REPORT, TINY_TCS, GOOD, OUT, VECTOR_PF},
		{REPORT, GOOD, TINY_HOLE, OUT, VECTOR_PF},
		{REPORT, GOOD, GOOD, TINY_CONSTANT, VECTOR_PF},
		{REPORT, GOOD, GOOD, TINY_CODE, VECTOR_PF},
		{GETKEY, GOOD, OUT, 0, 0xff},
		{GETKEY, GOOD + 8, OUT, 0, VECTOR_GP},
		{GETKEY, GOOD, OUT + 8, 0, VECTOR_GP},
		{GETKEY, TINY_SIZE, OUT, 0, VECTOR_GP},
		{GETKEY, GOOD, TINY_CONSTANT, 0, VECTOR_PF},
		{GETKEY, TINY_HOLE, OUT, 0, VECTOR_PF},
		{2, TINY_TCS, 0, 0, VECTOR_GP}, /* EENTER */
		{3, TINY_TCS, 0, 0, VECTOR_GP}, /* ERESUME */
		{5, GOOD, GOOD, 0, VECTOR_GP},	/* EACCEPT */
		{0xffffffff, 0, 0, 0, VECTOR_GP},
	};
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		if (leaf_vector(f, cases[i].leaf, cases[i].rbx, cases[i].rcx, cases[i].rdx) !=
			cases[i].vector)
			fail_msg("case %zu", i);
}

/* -- order -- */

static void order_is_enforced(void **state)
{
	struct fixture *f = *state;
	struct machine_registers registers = {0};
	struct machine_exception exception;
	enum machine_exit exit;
	struct machine_enclave *raw_pages = tiny_add_pages(f->machine, &plain);
	assert_int_equal(soft_enter(&exit, &exception, raw_pages, TINY_TCS, &registers, 0),
		CONCLAVE_ERROR_STATE);
	soft_destroy(raw_pages);
	assert_int_equal(soft_enter(&exit, &exception, f->enclave, TINY_DATA, &registers, 0),
		CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 0),
		CONCLAVE_ERROR_STATE);
}

static void save_areas_run_out(void **state)
{
	struct fixture *f = *state;
	struct machine_registers registers = {0};
	struct machine_exception exception;
	enum machine_exit exit;
	struct soft_raw step = {.single_step = true};
	(void)tiny_fault(f->enclave, TINY_UNDEFINED, 0, 0);
	/* The handler itself is interrupted: the second frame of two. */
	assert_int_equal(
		soft_enter_raw(&exit, &exception, f->enclave, TINY_TCS, &step, 0), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_FAULT);
	assert_int_equal(exception.vector, 1);
	assert_int_equal(soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 0),
		CONCLAVE_ERROR_STATE);
	/* First the handler goes on, then what it repaired. */
	assert_int_equal(
		soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 0), CONCLAVE_OK);
	assert_int_equal(registers.rdi, 1);
	assert_int_equal(
		soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 0), CONCLAVE_OK);
	assert_int_equal(registers.rdi, 77);
}

/* -- budgets -- */

static void a_runaway_is_interrupted_and_resumed(void **state)
{
	struct fixture *f = *state;
	volatile uint64_t stop = 0;
	struct machine_registers registers = {TINY_LOOP, (uintptr_t)&stop, 0, 0, 0};
	struct machine_exception exception;
	enum machine_exit exit;
	assert_int_equal(
		soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 3), CONCLAVE_OK);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(exit, MACHINE_EXIT_INTERRUPT);
		assert_int_equal(
			soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 2),
			CONCLAVE_OK);
	}
	assert_int_equal(exit, MACHINE_EXIT_INTERRUPT);
	assert_int_equal(saved_exit_info(f), 0);
	stop = 1;
	assert_int_equal(
		soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 0), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	assert_true(registers.rdi > 1000);
}

/* A host thread that blocks every signal, as servers do, can still be given its turn back. */
static void a_budget_ends_when_the_host_blocks_signals(void **state)
{
	sigset_t all, before, after;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	a_runaway_is_interrupted_and_resumed(state);
	pthread_sigmask(SIG_SETMASK, &before, &after);
	assert_true(sigismember(&after, SIGALRM));
	assert_true(sigismember(&after, SIGSEGV));
	assert_int_equal(tiny_call(((struct fixture *)*state)->enclave, TINY_ECHO, 0, 0).rdi, 1);
}

/* A signal of a budget long over waits behind the host's mask; it must not end the next stay. */
static void a_late_signal_does_not_end_the_next_budget(void **state)
{
	struct fixture *f = *state;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = soft_budget_signal()};
	const struct itimerspec soon = {.it_value.tv_nsec = 1};
	struct machine_registers registers = {TINY_STEPS, 100, 0, 0, 0};
	struct machine_exception exception;
	enum machine_exit exit;
	sigset_t all, before, pending;
	timer_t timer;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
	do
		sigpending(&pending);
	while (!sigismember(&pending, soft_budget_signal()));
	assert_int_equal(soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 60000),
		CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(registers.rdi, 5050);
	sigpending(&pending);
	assert_false(sigismember(&pending, soft_budget_signal())); /* it did come */
	timer_delete(timer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void a_budget_that_is_not_used_up_changes_nothing(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 2000; i++) {
		struct machine_registers registers = {TINY_STEPS, 100, 0, 0, 0};
		struct machine_exception exception;
		enum machine_exit exit;
		assert_int_equal(
			soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 60000),
			CONCLAVE_OK);
		assert_int_equal(exit, MACHINE_EXIT_EEXIT);
		assert_int_equal(registers.rdi, 5050);
	}
}

/* -- threads -- */

struct worker {
	struct machine_enclave *enclave;
	uint64_t tcs, rounds, failures;
	_Atomic uint64_t inside, stop;
};

static void *work(void *argument)
{
	struct worker *w = argument;
	for (uint64_t i = 0; i < w->rounds; i++) {
		struct machine_registers registers = {TINY_ECHO, i, w->tcs, 0, 0};
		struct machine_exception exception;
		enum machine_exit exit;
		if (soft_enter(&exit, &exception, w->enclave, w->tcs, &registers, 0) !=
				CONCLAVE_OK ||
			registers.rsi != w->tcs || registers.rdx != i)
			w->failures++;
	}
	return NULL;
}

static void *run_until_stopped(void *argument)
{
	struct worker *w = argument;
	struct machine_registers registers = {
		TINY_LOOP, (uintptr_t)&w->stop, (uintptr_t)&w->inside, 0, 0};
	struct machine_exception exception;
	enum machine_exit exit;
	if (soft_enter(&exit, &exception, w->enclave, w->tcs, &registers, 0) != CONCLAVE_OK ||
		exit != MACHINE_EXIT_EEXIT)
		w->failures++;
	return NULL;
}

static void threads_and_enclaves_do_not_mix(void **state)
{
	struct fixture *f = *state;
	struct machine_enclave *other = tiny_build(f->machine, &plain);
	struct worker workers[4] = {{f->enclave, TINY_TCS, 3000, 0, 0, 0},
		{f->enclave, TINY_TCS_2, 3000, 0, 0, 0}, {other, TINY_TCS, 3000, 0, 0, 0},
		{other, TINY_TCS_2, 3000, 0, 0, 0}};
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(workers[i].failures, 0);
	}
	soft_destroy(other);
}

static void one_tcs_serves_one_thread(void **state)
{
	struct fixture *f = *state;
	struct worker worker = {.enclave = f->enclave, .tcs = TINY_TCS};
	struct machine_registers registers = {0};
	struct machine_exception exception;
	enum machine_exit exit;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, run_until_stopped, &worker), 0);
	while (!worker.inside)
		;
	assert_int_equal(soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 0),
		CONCLAVE_ERROR_BUSY);
	assert_int_equal(soft_resume(&exit, &exception, f->enclave, TINY_TCS, &registers, 0),
		CONCLAVE_ERROR_BUSY);
	assert_int_equal(
		soft_enter(&exit, &exception, f->enclave, TINY_TCS_2, &registers, 0), CONCLAVE_OK);
	worker.stop = 1;
	pthread_join(thread, NULL);
	assert_int_equal(worker.failures, 0);
	assert_int_equal(tiny_call(f->enclave, TINY_ECHO, 0, 0).rdi, 1);
}

/* A thread may take over what another began: the state is the TCS's, not the thread's. */
static void *resume_there(void *argument)
{
	struct worker *w = argument;
	struct machine_registers registers = {0};
	struct machine_exception exception;
	enum machine_exit exit;
	if (soft_resume(&exit, &exception, w->enclave, w->tcs, &registers, 1000) != CONCLAVE_OK ||
		exit != MACHINE_EXIT_EEXIT)
		w->failures++;
	return NULL;
}

static void another_thread_may_resume(void **state)
{
	struct fixture *f = *state;
	struct worker worker = {.enclave = f->enclave, .tcs = TINY_TCS};
	struct machine_registers registers = {TINY_LOOP, (uintptr_t)&worker.stop, 0, 0, 0};
	struct machine_exception exception;
	enum machine_exit exit;
	pthread_t thread;
	assert_int_equal(
		soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 1), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_INTERRUPT);
	worker.stop = 1;
	assert_int_equal(pthread_create(&thread, NULL, resume_there, &worker), 0);
	pthread_join(thread, NULL);
	assert_int_equal(worker.failures, 0);
}

/* -- the host around it -- */

static volatile sig_atomic_t alarms, alarms_inside;
static uint64_t guarded_base;

static void count_alarm(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	(void)signal, (void)info;
	alarms++;
	if ((uint64_t)uc->uc_mcontext.gregs[REG_RIP] - guarded_base < TINY_SIZE)
		alarms_inside++;
}

static void asynchronous_signals_wait_outside(void **state)
{
	struct fixture *f = *state;
	const struct sigaction action = {
		.sa_sigaction = count_alarm, .sa_flags = SA_SIGINFO | SA_RESTART};
	const struct itimerval storm = {{0, 200}, {0, 200}}, calm = {0};
	struct sigaction before;
	guarded_base = f->base;
	alarms = alarms_inside = 0;
	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &storm, NULL), 0);
	for (int i = 0; alarms < 50 && i < ENOUGH; i++)
		assert_int_equal(tiny_call(f->enclave, TINY_STEPS, 2000, 0).rdi, 2001000);
	assert_int_equal(setitimer(ITIMER_REAL, &calm, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_true(alarms >= 50);
	assert_int_equal(alarms_inside, 0);
}

static atomic_int faults;
static sigjmp_buf recovery;

static void recover(int signal)
{
	(void)signal;
	faults++;
	siglongjmp(recovery, 1);
}

static void count_fault(int signal)
{
	(void)signal;
	faults++;
}

/* Somebody installs a handler after us; enclaves go on working, and so does that handler. */
static void the_hosts_own_handlers_keep_working(void **state)
{
	struct fixture *f = *state;
	struct sigaction action = {.sa_handler = recover}, before;
	volatile uint8_t *nowhere = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	faults = 0;
	assert_int_equal(sigaction(SIGSEGV, &action, &before), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			tiny_call(f->enclave, TINY_READ, f->base + TINY_CONSTANT, 0).rdi, 0);
		if (sigsetjmp(recovery, 1) == 0)
			(void)*nowhere;
	}
	assert_int_equal(faults, 3);
	sigset_t mask;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	assert_false(sigismember(&mask, SIGALRM)); /* our handler's mask did not stay behind */
	munmap((void *)(uintptr_t)nowhere, 1);
}

/* SIGSEGV by kill(2) is nobody's fault: it waits until the thread is outside. */
static void a_fault_signal_sent_by_others_waits_outside(void **state)
{
	struct fixture *f = *state;
	struct sigaction action = {.sa_handler = count_fault};
	struct worker worker = {.enclave = f->enclave, .tcs = TINY_TCS};
	pthread_t thread;
	faults = 0;
	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_until_stopped, &worker), 0);
	while (!worker.inside)
		;
	pthread_kill(thread, SIGSEGV);
	for (int i = 0; i < 100; i++)
		sched_yield();
	assert_int_equal(faults, 0);
	worker.stop = 1;
	pthread_join(thread, NULL);
	assert_int_equal(worker.failures, 0);
	assert_int_equal(faults, 1);
}

/* Nor does the number of the budget's signal give others a way to end a stay. */
static void others_cannot_end_a_budget(void **state)
{
	struct fixture *f = *state;
	struct sigaction action = {.sa_handler = count_fault}; /* for those that come too late */
	struct worker worker = {.enclave = f->enclave, .tcs = TINY_TCS};
	pthread_t thread;
	assert_int_equal(sigaction(soft_budget_signal(), &action, NULL), 0);
	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0); /* makes the machine look again */
	assert_int_equal(pthread_create(&thread, NULL, run_until_stopped, &worker), 0);
	while (!worker.inside)
		;
	for (int i = 0; i < 20; i++) {
		pthread_kill(thread, soft_budget_signal());
		sched_yield();
	}
	worker.stop = 1;
	pthread_join(thread, NULL);
	assert_int_equal(worker.failures, 0);
	action.sa_handler = SIG_DFL;
	assert_int_equal(sigaction(soft_budget_signal(), &action, NULL), 0);
}

static _Thread_local uint64_t canary = 0x0123456789abcdef;

static void the_threads_own_storage_is_intact(void **state)
{
	struct fixture *f = *state;
	errno = ENOTTY;
	(void)tiny_call(f->enclave, TINY_ECHO, 0, 0);
	assert_int_equal(errno, ENOTTY);
	(void)tiny_fault(f->enclave, TINY_UNDEFINED, 0, 0);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(canary, 0x0123456789abcdef);
	stack_t stack;
	assert_int_equal(sigaltstack(NULL, &stack), 0);
	assert_int_equal(stack.ss_flags & SS_ONSTACK, 0);
	assert_int_not_equal(stack.ss_size, SOFT_SIGNAL_STACK_SIZE);
}

static void often(void **state)
{
	struct fixture *f = *state;
	for (uint64_t i = 0; i < ENOUGH; i++) {
		struct machine_registers registers = {TINY_ECHO, i, 0, 0, 0};
		struct machine_exception exception;
		enum machine_exit exit;
		enum conclave_error error =
			soft_enter(&exit, &exception, f->enclave, TINY_TCS, &registers, 0);
		if (error != CONCLAVE_OK || registers.rdx != i)
			fail_msg("round %llu", (unsigned long long)i);
	}
}

/* T-23: interrupted after every instruction there is, and with another entry in between each. */
static void single_steps_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct soft_raw raw = {.registers = {.rdi = TINY_STEPS, .rsi = 200}, .single_step = true};
	struct machine_exception exception;
	enum machine_exit exit;
	uint64_t steps = 0;
	assert_int_equal(
		soft_enter_raw(&exit, &exception, f->enclave, TINY_TCS, &raw, 0), CONCLAVE_OK);
	while (exit == MACHINE_EXIT_FAULT) {
		assert_int_equal(exception.vector, 1);
		assert_true(exception.rip < SGX_PAGE_SIZE);
		steps++;
		assert_int_equal(soft_resume_raw(&exit, &exception, f->enclave, TINY_TCS, &raw, 0),
			CONCLAVE_OK);
	}
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(raw.registers.rdi, 20100);
	assert_true(steps > 200 * 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(registers_cross),
	TEST(eenter_defines_the_state),
	TEST(vectors_go_in),
	TEST(host_stack_is_kept_for_the_way_out),
	TEST(bases_are_the_lanes),
	TEST(works_without_fsgsbase),
	TEST(page_permissions_hold),
	TEST(exceptions_are_told),
	TEST(a_handler_inside_repairs_and_resumes),
	TEST(everything_survives_an_asynchronous_exit),
	TEST(wide_registers_survive_where_xfrm_has_them),
	TEST(moved_bases_survive_too),
	TEST(an_asynchronous_exit_hides_registers),
	TEST(the_host_survives_what_an_enclave_leaves),
	TEST(save_areas_are_checked_before_they_are_loaded),
	TEST(eexit_goes_only_where_the_host_waits),
	TEST(operands_are_checked),
	TEST(order_is_enforced),
	TEST(save_areas_run_out),
	TEST(a_runaway_is_interrupted_and_resumed),
	TEST(a_budget_ends_when_the_host_blocks_signals),
	TEST(a_late_signal_does_not_end_the_next_budget),
	TEST(a_budget_that_is_not_used_up_changes_nothing),
	TEST(threads_and_enclaves_do_not_mix),
	TEST(one_tcs_serves_one_thread),
	TEST(another_thread_may_resume),
	TEST(asynchronous_signals_wait_outside),
	TEST(the_hosts_own_handlers_keep_working),
	TEST(a_fault_signal_sent_by_others_waits_outside),
	TEST(others_cannot_end_a_budget),
	TEST(the_threads_own_storage_is_intact),
	TEST(often),
	TEST(single_steps_change_nothing),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
