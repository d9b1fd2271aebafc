/* What does one entry and exit of the soft machine cost? In nanoseconds, and against the cheapest
 * thing that crosses into the kernel and back on the same machine. An exit is a signal, so a
 * handful of system calls is what can be had. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench.h"
#include "machine/tiny.h"

#define SECONDS 1.0

static void enter_and_exit(void *context)
{
	struct machine_registers registers = {.rdi = TINY_ECHO};
	struct machine_exception exception;
	enum machine_exit exit;
	if (soft_enter(&exit, &exception, context, TINY_TCS, &registers, 0) != CONCLAVE_OK)
		abort();
}

static void enter_and_exit_in_time(void *context)
{
	struct machine_registers registers = {.rdi = TINY_ECHO};
	struct machine_exception exception;
	enum machine_exit exit;
	if (soft_enter(&exit, &exception, context, TINY_TCS, &registers, 1000) != CONCLAVE_OK)
		abort();
}

static void get_key(void *context)
{
	struct sgx_keyrequest request = {.keyname = SGX_KEY_SEAL};
	uint8_t key[16];
	(void)tiny_call(context, TINY_GETKEY, (uintptr_t)&request, (uintptr_t)key);
}

static void system_call(void *context)
{
	(void)context;
	(void)syscall(SYS_getppid);
}

static void undefined_instruction(void *context)
{
	(void)context;
	__asm__ volatile("ud2");
}

static void skip_it(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	(void)signal, (void)info;
	interrupted->uc_mcontext.gregs[REG_RIP] += 2;
}

/* Before the machine takes the signal for itself. */
static double rate_of_bare_traps(void)
{
	const struct sigaction skip = {.sa_sigaction = skip_it, .sa_flags = SA_SIGINFO};
	struct sigaction before;
	sigaction(SIGILL, &skip, &before);
	double rate = bench_rate(undefined_instruction, NULL, SECONDS);
	sigaction(SIGILL, &before, NULL);
	return rate;
}

int main(void)
{
	const struct tiny_options options = {.product_id = 1};
	double traps = rate_of_bare_traps();
	struct machine *machine = tiny_open_machine();
	struct machine_enclave *enclave = tiny_build(machine, &options);

	double entries = bench_rate(enter_and_exit, enclave, SECONDS);
	double timed = bench_rate(enter_and_exit_in_time, enclave, SECONDS);
	double keys = bench_rate(get_key, enclave, SECONDS);
	double calls = bench_rate(system_call, NULL, SECONDS);

	bench_figure("machine", "enter_exit", 1e9 / entries, "ns", "lower", -1);
	bench_figure("machine", "enter_exit_with_budget", 1e9 / timed, "ns", "lower", -1);
	bench_figure("machine", "enter_getkey_exit", 1e9 / keys, "ns", "lower", -1);
	bench_figure("machine", "enter_exit_vs_getppid", calls / entries, "ratio", "lower", -1);
	bench_figure("machine", "enter_exit_vs_bare_trap", traps / entries, "ratio", "lower", 2);
	soft_destroy(enclave);
	tiny_close_machine(machine);
	return 0;
}
