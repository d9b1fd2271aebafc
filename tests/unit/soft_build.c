/* Building enclaves: what ECREATE, EADD and EINIT refuse, and what the driver would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "machine/tiny.h"

#define R SGX_PAGE_R
#define W SGX_PAGE_W
#define X SGX_PAGE_X
#define REG SGX_PAGE_REG
#define TCS SGX_PAGE_TCS

static const struct tiny_options plain = {.product_id = 1, .security_version = 1};
static const struct sgx_attributes usual = {SGX_FLAG_MODE64BIT, SGX_XFRM_LEGACY};

static int set_up(void **state)
{
	*state = tiny_open_machine();
	return 0;
}

static int tear_down(void **state)
{
	tiny_close_machine(*state);
	return 0;
}

static enum conclave_error create(
	struct machine *machine, uint64_t size, uint32_t ssa_pages, uint64_t flags, uint64_t xfrm)
{
	struct machine_enclave *enclave;
	enum conclave_error error = machine->ops->create(
		&enclave, machine, size, ssa_pages, (struct sgx_attributes){flags, xfrm});
	if (error == CONCLAVE_OK)
		machine->ops->destroy(enclave);
	return error;
}

static void creation_has_limits(void **state)
{
	struct machine *m = *state;
	const uint64_t flags = SGX_FLAG_MODE64BIT;
	assert_int_equal(create(m, 0x2000, 1, flags, 3), CONCLAVE_OK);
	assert_int_equal(create(m, 0x1000, 1, flags, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0x3000, 1, flags, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0, 1, flags, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 1ull << 63, 1, flags, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0x2000, 0, flags, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0x2000, 65, flags, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0x2000, 1, 0, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0x2000, 1, flags | SGX_FLAG_INIT, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(
		create(m, 0x2000, 1, flags | SGX_FLAG_PROVISIONKEY, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(
		create(m, 0x2000, 1, flags | SGX_FLAG_EINITTOKEN_KEY, 3), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(create(m, 0x2000, 1, flags, 7), CONCLAVE_ERROR_UNSUPPORTED);
	assert_int_equal(
		create(m, 0x2000, 1, flags | SGX_FLAG_DEBUG | SGX_FLAG_KSS, 3), CONCLAVE_OK);
}

static void an_enclave_lies_at_a_multiple_of_its_size(void **state)
{
	struct machine *m = *state;
	for (unsigned log = 13; log <= 36; log++) {
		struct machine_enclave *enclave;
		uint64_t base, size;
		assert_int_equal(m->ops->create(&enclave, m, 1ull << log, 1, usual), CONCLAVE_OK);
		m->ops->range(&base, &size, enclave);
		assert_int_equal(size, 1ull << log);
		assert_int_equal(base % size, 0);
		m->ops->destroy(enclave);
	}
}

static void page_flags_are_the_hardwares(void **state)
{
	struct machine *m = *state;
	struct machine_enclave *enclave;
	static const struct {
		uint64_t flags;
		enum conclave_error wanted;
	} cases[] = {
		{REG | R, CONCLAVE_OK},
		{REG | R | W, CONCLAVE_OK},
		{REG | R | X, CONCLAVE_OK},
		{REG, CONCLAVE_OK},
		{REG | W, CONCLAVE_ERROR_ARGUMENT},
		{REG | X, CONCLAVE_ERROR_ARGUMENT},
		{REG | R | W | X, CONCLAVE_ERROR_ARGUMENT},
		{R, CONCLAVE_ERROR_ARGUMENT},
		{0, CONCLAVE_ERROR_ARGUMENT},
		{TCS | R, CONCLAVE_ERROR_ARGUMENT},
		{TCS | REG | R, CONCLAVE_ERROR_ARGUMENT},
		{REG | R | 0x8, CONCLAVE_ERROR_ARGUMENT},
		{REG | R | 0x400, CONCLAVE_ERROR_ARGUMENT},
		{REG | R | 1ull << 63, CONCLAVE_ERROR_ARGUMENT},
	};
	assert_int_equal(m->ops->create(&enclave, m, 0x40000, 1, usual), CONCLAVE_OK);
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(
			m->ops->add(enclave, i * SGX_PAGE_SIZE, NULL, 1, cases[i].flags, true),
			cases[i].wanted);
	m->ops->destroy(enclave);
}

static void pages_go_where_there_is_room(void **state)
{
	struct machine *m = *state;
	struct machine_enclave *enclave;
	assert_int_equal(m->ops->create(&enclave, m, 0x10000, 1, usual), CONCLAVE_OK);
	assert_int_equal(m->ops->add(enclave, 0x4000, NULL, 2, REG | R, false), CONCLAVE_OK);
	static const struct {
		uint64_t rva, count;
	} refused[] = {{0x4000, 1}, {0x5000, 1}, {0x3000, 2}, {0x5000, 3}, {0x0, 16}, {0x6001, 1},
		{0x6800, 1}, {0x10000, 1}, {0xf000, 2}, {0x6000, 0}, {0, UINT64_MAX},
		{0x6000, UINT64_MAX / SGX_PAGE_SIZE}, {UINT64_MAX - 0xfff, 1},
		{UINT64_MAX - 0xfff, 2}};
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++)
		if (m->ops->add(enclave, refused[i].rva, NULL, refused[i].count, REG | R, false) !=
			CONCLAVE_ERROR_ARGUMENT)
			fail_msg("case %zu", i);
	assert_int_equal(m->ops->add(enclave, 0xf000, NULL, 1, REG | R, false), CONCLAVE_OK);
	m->ops->destroy(enclave);
}

/* -- thread control pages: one wrong field at a time -- */

static enum conclave_error add_tcs(struct machine *m, const struct sgx_tcs *tcs)
{
	struct machine_enclave *enclave;
	assert_int_equal(m->ops->create(&enclave, m, 0x10000, 1, usual), CONCLAVE_OK);
	enum conclave_error error =
		m->ops->add(enclave, 0, (const uint8_t *)tcs, 1, SGX_PAGE_TCS, true);
	m->ops->destroy(enclave);
	return error;
}

static void tcs_fields_are_checked(void **state)
{
	struct machine *m = *state;
	const struct sgx_tcs good = {.ossa = 0x1000,
		.nssa = 2,
		.oentry = 0x5004,
		.ofs_base = 0x4000,
		.ogs_base = 0x4000,
		.fs_limit = 0xfff,
		.gs_limit = 0xffffffff};
	assert_int_equal(add_tcs(m, &good), CONCLAVE_OK);
#define REFUSED(field, value)                                                \
	do {                                                                 \
		static struct sgx_tcs bad;                                   \
		bad = good;                                                  \
		bad.field = (value);                                         \
		assert_int_equal(add_tcs(m, &bad), CONCLAVE_ERROR_ARGUMENT); \
	} while (0)
	REFUSED(ossa, 0x1008);
	REFUSED(ossa, 0x10000);
	REFUSED(ossa, UINT64_MAX - 0xfff);
	REFUSED(ossa, 0xf000); /* the second frame would lie outside */
	REFUSED(nssa, 0);
	REFUSED(nssa, 16);
	REFUSED(nssa, UINT32_MAX);
	REFUSED(oentry, 0x10000);
	REFUSED(oentry, UINT64_MAX);
	REFUSED(ofs_base, 0x10);
	REFUSED(ofs_base, 0x10000);
	REFUSED(ogs_base, 0x10);
	REFUSED(ogs_base, 0x10000);
	REFUSED(fs_limit, 0);
	REFUSED(gs_limit, 0x1000);
	REFUSED(reserved[0], 1);
	REFUSED(reserved[4023], 1);
	/* What the CPU owns it clears, and measures cleared. */
	struct sgx_tcs used = good;
	used.state = used.aep = used.flags = 1;
	used.cssa = 1;
	assert_int_equal(add_tcs(m, &used), CONCLAVE_OK);
}

static void a_tcs_is_added_alone_and_with_contents(void **state)
{
	struct machine *m = *state;
	struct machine_enclave *enclave;
	static const uint8_t two[2 * SGX_PAGE_SIZE];
	assert_int_equal(m->ops->create(&enclave, m, 0x10000, 1, usual), CONCLAVE_OK);
	assert_int_equal(
		m->ops->add(enclave, 0, NULL, 1, SGX_PAGE_TCS, true), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(
		m->ops->add(enclave, 0, two, 2, SGX_PAGE_TCS, true), CONCLAVE_ERROR_ARGUMENT);
	m->ops->destroy(enclave);
}

/* The save area is looked at when it is needed, as EENTER does. */
static void save_areas_must_be_writable_pages(void **state)
{
	struct machine *m = *state;
	struct machine_registers registers = {0};
	struct machine_exception exception;
	enum machine_exit exit;
	struct machine_enclave *enclave = tiny_build(m, &plain);
	/* The tiny enclave's own are fine; take their permission away behind its back. */
	enclave->pages[TINY_SSA / SGX_PAGE_SIZE] = SOFT_PAGE_REG | SOFT_PAGE_R;
	assert_int_equal(m->ops->enter(&exit, &exception, enclave, TINY_TCS, &registers, 0),
		CONCLAVE_ERROR_ARGUMENT);
	m->ops->destroy(enclave);
}

/* -- EINIT -- */

static void einit_refuses(void **state)
{
	struct machine *m = *state;
	struct sgx_sigstruct sigstruct;
	struct tiny_options other = plain;
	other.constant = 1;

	struct machine_enclave *enclave = tiny_add_pages(m, &plain);
	tiny_sign(&sigstruct, &other);
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_ERROR_MISMATCH);
	tiny_sign(&sigstruct, &plain);
	sigstruct.signature[7] ^= 1;
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_ERROR_SIGNATURE);
	sigstruct.signature[7] ^= 1;
	sigstruct.isvsvn++;
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_ERROR_SIGNATURE);
	sigstruct.isvsvn--;
	/* A refusal changes nothing: the right signature still fits. */
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_OK);
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_ERROR_STATE);
	assert_int_equal(
		m->ops->add(enclave, TINY_HOLE, NULL, 1, REG | R, true), CONCLAVE_ERROR_STATE);
	m->ops->destroy(enclave);
}

static void a_release_signature_forbids_debug(void **state)
{
	struct machine *m = *state;
	struct sgx_sigstruct sigstruct;
	struct tiny_options options = plain;
	options.flags = SGX_FLAG_DEBUG;
	options.debug_forbidden = true;
	struct machine_enclave *enclave = tiny_add_pages(m, &options);
	tiny_sign(&sigstruct, &options);
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_ERROR_DEBUG);
	m->ops->destroy(enclave);
	options.debug_forbidden = false;
	m->ops->destroy(tiny_build(m, &options));
}

static void unmeasured_pages_do_not_count(void **state)
{
	struct machine *m = *state;
	struct sgx_sigstruct sigstruct;
	uint8_t junk[SGX_PAGE_SIZE];
	struct machine_enclave *enclave = tiny_add_pages(m, &plain);
	uint64_t base = tiny_base(enclave);
	memset(junk, 0xee, sizeof(junk));
	memcpy((uint8_t *)base + TINY_DATA, junk, sizeof(junk));
	tiny_sign(&sigstruct, &plain);
	assert_int_equal(m->ops->init(enclave, &sigstruct), CONCLAVE_OK);
	assert_int_equal(
		tiny_call(enclave, TINY_READ, base + TINY_DATA, 0).rdi, 0xeeeeeeeeeeeeeeee);
	m->ops->destroy(enclave);
}

static void many_enclaves_live_together(void **state)
{
	struct machine *m = *state;
	enum { COUNT = 40 };
	struct machine_enclave *enclaves[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		enclaves[i] = tiny_build(m, &plain);
	for (size_t i = 0; i < COUNT; i += 2)
		m->ops->destroy(enclaves[i]);
	for (size_t i = 1; i < COUNT; i += 2) {
		assert_int_equal(tiny_call(enclaves[i], TINY_ECHO, 0, 0).rdi, 1);
		m->ops->destroy(enclaves[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(creation_has_limits),
	TEST(an_enclave_lies_at_a_multiple_of_its_size),
	TEST(page_flags_are_the_hardwares),
	TEST(pages_go_where_there_is_room),
	TEST(tcs_fields_are_checked),
	TEST(a_tcs_is_added_alone_and_with_contents),
	TEST(save_areas_must_be_writable_pages),
	TEST(einit_refuses),
	TEST(a_release_signature_forbids_debug),
	TEST(unmeasured_pages_do_not_count),
	TEST(many_enclaves_live_together),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
