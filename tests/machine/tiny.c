#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/tiny.h"

extern const uint8_t tiny_begin[], tiny_end[];

static char folder[256];

const char *tiny_folder(void)
{
	const char *base = getenv("TMPDIR");
	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "%s/conclave-machine-XXXXXX",
			base != NULL ? base : "/tmp");
		assert_non_null(mkdtemp(folder));
	}
	return folder;
}

struct machine *tiny_open_machine(void)
{
	struct machine *machine;
	struct conclave_report report = {""};
	if (machine_open_soft(&machine, tiny_folder(), &report) != CONCLAVE_OK)
		fail_msg("%s", report.text);
	return machine;
}

static void remove_file(const char *name)
{
	char path[300];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

void tiny_close_machine(struct machine *machine)
{
	machine->ops->close(machine);
	remove_file("root-key");
	remove_file("owner-epoch");
	remove_file("cpusvn");
	remove_file("attestation-key");
	assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
	folder[0] = '\0';
}

/* -- the layout, page by page, told to whoever wants to know: the machine, or the measurement -- */

typedef void tell(void *context, uint64_t rva, const uint8_t *data, uint64_t count, uint64_t flags,
	bool measured);

static void fill_tcs(struct sgx_tcs *tcs, uint64_t ssa, uint64_t lane)
{
	*tcs = (struct sgx_tcs){
		.ossa = ssa,
		.nssa = 2,
		.oentry = TINY_CODE,
		.ofs_base = lane,
		.ogs_base = lane,
		.fs_limit = 0xfff,
		.gs_limit = 0xfff,
	};
}

static void lay_out(tell *tell_page, void *context, const struct tiny_options *options)
{
	uint8_t constant[SGX_PAGE_SIZE];
	struct sgx_tcs tcs;
	memset(constant, options->constant, sizeof(constant));
	tell_page(context, TINY_CODE, tiny_begin, (uint64_t)(tiny_end - tiny_begin) / SGX_PAGE_SIZE,
		SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_X, true);
	tell_page(context, TINY_DATA, NULL, 1, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W, false);
	tell_page(context, TINY_CONSTANT, constant, 1, SGX_PAGE_REG | SGX_PAGE_R, true);
	tell_page(context, TINY_LANE, NULL, 3, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W, true);
	fill_tcs(&tcs, TINY_SSA, TINY_LANE);
	tell_page(context, TINY_TCS, (const uint8_t *)&tcs, 1, SGX_PAGE_TCS, true);
	tell_page(context, TINY_SSA_2, NULL, 2, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W, true);
	fill_tcs(&tcs, TINY_SSA_2, TINY_LANE_2);
	tell_page(context, TINY_TCS_2, (const uint8_t *)&tcs, 1, SGX_PAGE_TCS, true);
	tell_page(context, TINY_STACK, NULL, 2, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W, true);
}

static void add_page(void *context, uint64_t rva, const uint8_t *data, uint64_t count,
	uint64_t flags, bool measured)
{
	assert_int_equal(soft_add(context, rva, data, count, flags, measured), CONCLAVE_OK);
}

static void measure_page(void *context, uint64_t rva, const uint8_t *data, uint64_t count,
	uint64_t flags, bool measured)
{
	static const uint8_t zeros[SGX_PAGE_SIZE];
	for (uint64_t i = 0; i < count; i++) {
		sgx_measure_add(context, rva + i * SGX_PAGE_SIZE, flags);
		if (measured)
			sgx_measure_extend(context, rva + i * SGX_PAGE_SIZE,
				data != NULL ? data + i * SGX_PAGE_SIZE : zeros);
	}
}

static uint64_t xfrm_of(const struct tiny_options *options)
{
	return options->avx512 ? SGX_XFRM_AVX512 : SGX_XFRM_LEGACY;
}

struct machine_enclave *tiny_add_pages(struct machine *machine, const struct tiny_options *options)
{
	struct machine_enclave *enclave;
	struct sgx_attributes attributes = {SGX_FLAG_MODE64BIT | options->flags, xfrm_of(options)};
	assert_int_equal(
		machine->ops->create(&enclave, machine, TINY_SIZE, 1, attributes), CONCLAVE_OK);
	lay_out(add_page, enclave, options);
	return enclave;
}

/* -- signing -- */

static void read_signer(struct rsa3072_secret **out, enum tiny_signer signer)
{
	uint8_t pem[4096];
	char path[512];
	const char *source = getenv("CONCLAVE_SOURCE");
	snprintf(path, sizeof(path), "%s/tests/machine/signer_%c.pem", source ? source : ".",
		signer == TINY_SIGNER_A ? 'a' : 'b');
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s: cannot be read; is CONCLAVE_SOURCE set?", path);
	size_t size = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	assert_int_equal(rsa3072_read(out, bytes_of(pem, size)), CONCLAVE_OK);
}

void tiny_sign(struct sgx_sigstruct *out, const struct tiny_options *options)
{
	struct sgx_identity identity = {
		.attributes = {SGX_FLAG_MODE64BIT | (options->flags & ~(uint64_t)SGX_FLAG_DEBUG),
			xfrm_of(options)},
		.attributemask = {UINT64_MAX, UINT64_MAX},
		.miscmask = UINT32_MAX,
		.isvprodid = options->product_id,
		.isvsvn = options->security_version,
		.date = 0x20260101,
	};
	if (!options->debug_forbidden)
		identity.attributemask.flags &= ~(uint64_t)SGX_FLAG_DEBUG;
	struct sgx_measurement measurement;
	sgx_measure_create(&measurement, 1, TINY_SIZE);
	lay_out(measure_page, &measurement, options);
	sgx_measure_final(identity.mrenclave, &measurement);
	sgx_sigstruct_fill(out, &identity);

	struct rsa3072_secret *secret;
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], modulus[384], signature[384];
	read_signer(&secret, options->signer);
	sgx_sigstruct_material(material, out);
	rsa3072_modulus(modulus, secret);
	assert_int_equal(rsa3072_sign(signature, secret, BYTES_OF(material)), CONCLAVE_OK);
	assert_int_equal(sgx_sigstruct_complete(out, modulus, signature), CONCLAVE_OK);
	rsa3072_free(secret);
}

struct machine_enclave *tiny_build(struct machine *machine, const struct tiny_options *options)
{
	struct sgx_sigstruct sigstruct;
	struct machine_enclave *enclave = tiny_add_pages(machine, options);
	tiny_sign(&sigstruct, options);
	assert_int_equal(machine->ops->init(enclave, &sigstruct), CONCLAVE_OK);
	return enclave;
}

/* -- entering -- */

static struct machine_registers enter(struct machine_enclave *enclave, uint64_t command,
	uint64_t rsi, uint64_t rdx, enum machine_exit wanted, struct machine_exception *exception)
{
	struct machine_registers registers = {.rdi = command, .rsi = rsi, .rdx = rdx};
	enum machine_exit exit;
	assert_int_equal(
		soft_enter(&exit, exception, enclave, TINY_TCS, &registers, 0), CONCLAVE_OK);
	assert_int_equal(exit, wanted);
	return registers;
}

struct machine_registers tiny_call(
	struct machine_enclave *enclave, uint64_t command, uint64_t rsi, uint64_t rdx)
{
	struct machine_exception exception;
	return enter(enclave, command, rsi, rdx, MACHINE_EXIT_EEXIT, &exception);
}

struct machine_exception tiny_fault(
	struct machine_enclave *enclave, uint64_t command, uint64_t rsi, uint64_t rdx)
{
	struct machine_exception exception;
	(void)enter(enclave, command, rsi, rdx, MACHINE_EXIT_FAULT, &exception);
	return exception;
}

struct machine_registers tiny_skip_and_resume(struct machine_enclave *enclave)
{
	struct machine_registers registers = tiny_call(enclave, TINY_ECHO, 0, 0);
	struct machine_exception exception;
	enum machine_exit exit;
	assert_int_equal(registers.rdi, 1); /* CSSA inside the handler */
	assert_int_equal(
		soft_resume(&exit, &exception, enclave, TINY_TCS, &registers, 0), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	return registers;
}

uint64_t tiny_base(const struct machine_enclave *enclave)
{
	uint64_t base, size;
	soft_range(&base, &size, enclave);
	assert_int_equal(size, TINY_SIZE);
	return base;
}
