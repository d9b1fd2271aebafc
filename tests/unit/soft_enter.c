/* Entering and leaving: registers, faults, resuming, budgets, threads. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(registers_cross, set_up, tear_down),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
