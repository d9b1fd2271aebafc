/* T-23: a signal at every instruction of the way in. While FS may be the enclave's and RIP is not
 * yet inside, no handler may touch what hangs on FS. A tracer steps an entry and sends the budget's
 * signal and SIGSEGV before each instruction of that window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/tiny.h"

#define STEPS_MAX 2000000

static const struct tiny_options plain = {.product_id = 1};

/* The traced process: one entry between two stops. */
static void enter_once(struct machine_enclave *enclave, uint8_t has_fsgsbase)
{
	struct machine_registers registers = {TINY_ECHO, 5, 6, 0, 0};
	struct machine_exception exception;
	enum machine_exit exit;
	soft_has_fsgsbase = has_fsgsbase;
	(void)tiny_call(enclave, TINY_ECHO, 0, 0); /* so that the linker's work is done */
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(77);
	raise(SIGSTOP);
	enum conclave_error error = soft_enter(&exit, &exception, enclave, TINY_TCS, &registers, 0);
	_exit(error == CONCLAVE_OK && exit == MACHINE_EXIT_EEXIT && registers.rsi == 6 ? 0 : 1);
}

static bool is_in_window(uint64_t rip)
{
	return rip - (uintptr_t)soft_window_begin <
	       (uintptr_t)(soft_window_end - soft_window_begin);
}

static uint64_t rip_of(pid_t child)
{
	struct user_regs_struct registers;
	assert_int_equal(ptrace(PTRACE_GETREGS, child, NULL, &registers), 0);
	return registers.rip;
}

/* Step to the end, with `signal` sent once before each instruction of the window. Returns the exit
 * status; counts the instructions. */
static int step_through(pid_t child, int signal, unsigned *sent)
{
	uint64_t sent_at = 0;
	int status;
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFSTOPPED(status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		int deliver = WSTOPSIG(status);
		if (deliver == SIGTRAP || deliver == SIGSTOP)
			deliver = 0;
		uint64_t rip = rip_of(child);
		if (deliver == 0 && is_in_window(rip) && rip != sent_at) {
			deliver = signal;
			sent_at = rip;
			(*sent)++;
		}
		assert_int_equal(
			ptrace(PTRACE_SINGLESTEP, child, NULL, (void *)(intptr_t)deliver), 0);
	}
	kill(child, SIGKILL);
	fail_msg("it does not end");
	return -1;
}

static void try_signal(int signal, uint8_t has_fsgsbase)
{
	unsigned sent = 0;
	struct machine *machine = tiny_open_machine();
	pid_t child = fork();
	if (child == 0) /* an enclave does not survive a fork, so it is made here */
		enter_once(tiny_build(machine, &plain), has_fsgsbase);
	int status = step_through(child, signal, &sent);
	tiny_close_machine(machine);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	assert_true(sent >= 20);
}

static void a_budget_may_end_anywhere(void **state)
{
	(void)state;
	struct machine *machine = tiny_open_machine(); /* chooses the signal */
	int signal = soft_budget_signal();
	tiny_close_machine(machine);
	try_signal(signal, soft_has_fsgsbase);
	try_signal(signal, 0);
}

static void a_fault_signal_may_be_sent_anywhere(void **state)
{
	(void)state;
	try_signal(SIGSEGV, soft_has_fsgsbase);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_budget_may_end_anywhere),
	cmocka_unit_test(a_fault_signal_may_be_sent_anywhere),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
