/* Building an enclave: ECREATE, EADD, EEXTEND, EINIT (SDM 3D), and its memory's whole life. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/soft/soft.h"

/* 36 bits: more than any image asks for, and small enough for the page table below. */
#define SIZE_MAX_LOG2 36
#define SSA_FRAME_PAGES_MAX 64u
/* What the kernel lets every program set (its SGX_ATTR_UNPRIV_MASK); no provisioning, no launch. */
#define FLAGS_ALLOWED (SGX_FLAG_DEBUG | SGX_FLAG_MODE64BIT | SGX_FLAG_KSS)
#define LIMIT_LOW_BITS 0xfffu

static uint8_t *memory_of(const struct machine_enclave *enclave)
{
	return (uint8_t *)(uintptr_t)enclave->secs.base;
}

static uint64_t page_count(const struct machine_enclave *enclave)
{
	return enclave->secs.size / SGX_PAGE_SIZE;
}

/* -- ECREATE -- */

/* An enclave lies at a multiple of its size: reserve twice as much and give the rest back. The
 * memory does not follow a fork, as the driver's does not. */
static enum conclave_error reserve(uint64_t *base, uint64_t size)
{
	uint8_t *space =
		mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return CONCLAVE_ERROR_MEMORY;
	uint64_t before = (0 - (uint64_t)(uintptr_t)space) & (size - 1);
	if (before != 0)
		munmap(space, before);
	munmap(space + before + size, size - before);
	(void)madvise(space + before, size, MADV_DONTFORK);
	*base = (uintptr_t)(space + before);
	return CONCLAVE_OK;
}

static bool is_size(uint64_t size)
{
	return size >= 2 * SGX_PAGE_SIZE && size <= 1ull << SIZE_MAX_LOG2 &&
	       (size & (size - 1)) == 0;
}

/* What no enclave needs is not here; what this CPU or kernel does not have cannot be. */
static bool is_xfrm(uint64_t xfrm)
{
	return xfrm == SGX_XFRM_LEGACY ||
	       (xfrm == SGX_XFRM_AVX512 && __builtin_cpu_supports("avx512f") != 0);
}

enum conclave_error soft_create(struct machine_enclave **out, struct machine *machine,
	uint64_t size, uint32_t ssa_frame_pages, struct sgx_attributes attributes)
{
	if (!is_size(size) || ssa_frame_pages == 0 || ssa_frame_pages > SSA_FRAME_PAGES_MAX ||
		(attributes.flags & ~(uint64_t)FLAGS_ALLOWED) != 0 ||
		(attributes.flags & SGX_FLAG_MODE64BIT) == 0)
		return CONCLAVE_ERROR_ARGUMENT;
	if (!is_xfrm(attributes.xfrm))
		return CONCLAVE_ERROR_UNSUPPORTED;

	struct machine_enclave *enclave = calloc(1, sizeof(*enclave));
	if (enclave == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enclave->machine = (struct soft_machine *)machine;
	enclave->secs.size = size;
	enclave->secs.ssa_frame_pages = ssa_frame_pages;
	enclave->secs.attributes = attributes;
	atomic_fetch_add(&enclave->machine->enclaves, 1);
	enclave->pages = calloc(page_count(enclave), 1);
	if (enclave->pages == NULL || reserve(&enclave->secs.base, size) != CONCLAVE_OK) {
		soft_destroy(enclave);
		return CONCLAVE_ERROR_MEMORY;
	}
	sgx_measure_create(&enclave->measurement, ssa_frame_pages, size);
	*out = enclave;
	return CONCLAVE_OK;
}

/* -- EADD -- */

/* What the CPU refuses (W without R; a TCS with permissions; reserved bits), and what the kernel
 * would never map: W with X (a security module's execmem), and X that cannot be read. */
static bool is_secinfo(uint64_t flags)
{
	uint64_t permissions = flags & (SGX_PAGE_R | SGX_PAGE_W | SGX_PAGE_X);
	if (flags == SGX_PAGE_TCS)
		return true;
	return (flags & ~permissions) == SGX_PAGE_REG &&
	       (permissions == 0 || (permissions & SGX_PAGE_R) != 0) &&
	       (permissions & (SGX_PAGE_W | SGX_PAGE_X)) != (SGX_PAGE_W | SGX_PAGE_X);
}

static bool is_free(const struct machine_enclave *enclave, uint64_t first, uint64_t count)
{
	if (first >= page_count(enclave) || count == 0 || count > page_count(enclave) - first)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (enclave->pages[first + i] != 0)
			return false;
	return true;
}

static enum conclave_error put_pages(struct machine_enclave *enclave, uint64_t rva,
	const uint8_t *data, uint64_t count, uint64_t flags)
{
	uint8_t *at = memory_of(enclave) + rva;
	size_t size = count * SGX_PAGE_SIZE;
	int protection = ((flags & SGX_PAGE_R) != 0 ? PROT_READ : 0) |
			 ((flags & SGX_PAGE_W) != 0 ? PROT_WRITE : 0) |
			 ((flags & SGX_PAGE_X) != 0 ? PROT_EXEC : 0);
	if (data != NULL) {
		if (mprotect(at, size, PROT_READ | PROT_WRITE) != 0)
			return CONCLAVE_ERROR_MEMORY;
		memcpy(at, data, size);
	}
	if (mprotect(at, size, protection) != 0)
		return CONCLAVE_ERROR_MEMORY;
	memset(enclave->pages + rva / SGX_PAGE_SIZE,
		(int)(SOFT_PAGE_REG | (flags & (SGX_PAGE_R | SGX_PAGE_W | SGX_PAGE_X))), count);
	return CONCLAVE_OK;
}

/* Hardware checks some of this at EADD, some at every EENTER. What can never be entered is refused
 * at once. */
static bool is_tcs(const struct machine_enclave *enclave, const struct sgx_tcs *tcs)
{
	uint64_t size = enclave->secs.size;
	uint64_t frame_size = (uint64_t)enclave->secs.ssa_frame_pages * SGX_PAGE_SIZE;
	return ct_all_zero(tcs->reserved, sizeof(tcs->reserved)) && tcs->flags == 0 &&
	       tcs->nssa != 0 && tcs->ossa % SGX_PAGE_SIZE == 0 && tcs->ossa < size &&
	       tcs->nssa <= (size - tcs->ossa) / frame_size && tcs->oentry < size &&
	       tcs->ofs_base % SGX_PAGE_SIZE == 0 && tcs->ofs_base < size &&
	       tcs->ogs_base % SGX_PAGE_SIZE == 0 && tcs->ogs_base < size &&
	       (tcs->fs_limit & LIMIT_LOW_BITS) == LIMIT_LOW_BITS &&
	       (tcs->gs_limit & LIMIT_LOW_BITS) == LIMIT_LOW_BITS;
}

static void free_tcs(struct soft_tcs *tcs)
{
	if (tcs == NULL)
		return;
	if (tcs->has_timer)
		timer_delete(tcs->timer);
	if (tcs->signal_stack != NULL)
		munmap(tcs->signal_stack, SOFT_SIGNAL_STACK_SIZE);
	free(tcs);
}

/* A signal stack aligned to its size; its first word says whose it is. */
static void *make_signal_stack(const struct soft_tcs *owner)
{
	const size_t size = SOFT_SIGNAL_STACK_SIZE;
	uint8_t *space =
		mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (space == MAP_FAILED)
		return NULL;
	size_t before = (0 - (uintptr_t)space) & (size - 1);
	if (before != 0)
		munmap(space, before);
	munmap(space + before + size, size - before);
	const struct soft_tcs **base = (void *)(space + before);
	*base = owner;
	return base;
}

static enum conclave_error new_tcs(
	struct soft_tcs **out, struct machine_enclave *enclave, uint64_t rva, const uint8_t *page)
{
	struct soft_tcs *tcs = aligned_alloc(_Alignof(struct soft_tcs), sizeof(*tcs));
	if (tcs == NULL)
		return CONCLAVE_ERROR_MEMORY;
	memset(tcs, 0, sizeof(*tcs));
	memcpy(&tcs->fields, page, sizeof(tcs->fields));
	/* The CPU's own fields, which EADD clears. */
	tcs->fields.state = tcs->fields.flags = tcs->fields.cssa = 0;
	tcs->fields.aep = 0;
	tcs->enclave = enclave;
	tcs->rva = rva;
	if (!is_tcs(enclave, &tcs->fields)) {
		free_tcs(tcs);
		return CONCLAVE_ERROR_ARGUMENT;
	}
	tcs->signal_stack = make_signal_stack(tcs);
	if (tcs->signal_stack == NULL) {
		free_tcs(tcs);
		return CONCLAVE_ERROR_MEMORY;
	}
	*out = tcs;
	return CONCLAVE_OK;
}

/* A TCS stays outside the range: its page there can be neither read nor written. */
static enum conclave_error put_tcs(
	struct machine_enclave *enclave, uint64_t rva, const uint8_t *page)
{
	struct soft_tcs **more = reallocarray(enclave->tcs, enclave->tcs_count + 1, sizeof(void *));
	if (more == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enclave->tcs = more;
	TRY(new_tcs(&enclave->tcs[enclave->tcs_count], enclave, rva, page));
	enclave->tcs_count++;
	enclave->pages[rva / SGX_PAGE_SIZE] = SOFT_PAGE_TCS;
	return CONCLAVE_OK;
}

/* Measured page by page in the order EADD, EEXTEND: the contents as the CPU holds them. */
static void measure_page(struct machine_enclave *enclave, uint64_t rva, const uint8_t *page,
	uint64_t flags, bool measured)
{
	static const uint8_t zeros[SGX_PAGE_SIZE];
	sgx_measure_add(&enclave->measurement, rva, flags);
	if (measured)
		sgx_measure_extend(&enclave->measurement, rva, page != NULL ? page : zeros);
}

enum conclave_error soft_add(struct machine_enclave *enclave, uint64_t rva, const uint8_t *data,
	uint64_t count, uint64_t flags, bool measured)
{
	if (enclave->initialised)
		return CONCLAVE_ERROR_STATE;
	if (rva % SGX_PAGE_SIZE != 0 || !is_secinfo(flags) ||
		!is_free(enclave, rva / SGX_PAGE_SIZE, count))
		return CONCLAVE_ERROR_ARGUMENT;
	if (flags == SGX_PAGE_TCS) {
		if (data == NULL || count != 1)
			return CONCLAVE_ERROR_ARGUMENT; /* one of zeros has no save area */
		TRY(put_tcs(enclave, rva, data));
		data = (const uint8_t *)&enclave->tcs[enclave->tcs_count - 1]->fields;
	} else {
		TRY(put_pages(enclave, rva, data, count, flags));
	}
	for (uint64_t i = 0; i < count; i++)
		measure_page(enclave, rva + i * SGX_PAGE_SIZE,
			data != NULL ? data + i * SGX_PAGE_SIZE : NULL, flags, measured);
	return CONCLAVE_OK;
}

/* -- EINIT -- */

enum conclave_error soft_init(
	struct machine_enclave *enclave, const struct sgx_sigstruct *sigstruct)
{
	struct sgx_secs secs = enclave->secs;
	struct sgx_measurement measurement = enclave->measurement;
	if (enclave->initialised)
		return CONCLAVE_ERROR_STATE;
	sgx_measure_final(secs.mrenclave, &measurement);
	TRY(sgx_init(&secs, sigstruct));
	TRY(soft_register_range(secs.base, secs.size));
	enclave->secs = secs;
	enclave->registered = enclave->initialised = true;
	return CONCLAVE_OK;
}

/* -- the rest of its life -- */

bool soft_accessible(
	const struct machine_enclave *enclave, uint64_t rva, uint64_t len, uint8_t permissions)
{
	uint8_t wanted = SOFT_PAGE_REG | permissions;
	if (len == 0 || rva >= enclave->secs.size || len > enclave->secs.size - rva)
		return false;
	for (uint64_t page = rva / SGX_PAGE_SIZE; page <= (rva + len - 1) / SGX_PAGE_SIZE; page++)
		if ((enclave->pages[page] & wanted) != wanted)
			return false;
	return true;
}

void soft_range(uint64_t *base, uint64_t *size, const struct machine_enclave *enclave)
{
	*base = enclave->secs.base;
	*size = enclave->secs.size;
}

#define CHUNK_PAGES 512u

/* Only pages that were ever touched: a guest's memory may be gigabytes of which it used two. */
static void wipe_writable(const struct machine_enclave *enclave)
{
	uint8_t present[CHUNK_PAGES];
	for (uint64_t first = 0; first < page_count(enclave); first += CHUNK_PAGES) {
		uint64_t left = page_count(enclave) - first;
		uint64_t count = left < CHUNK_PAGES ? left : CHUNK_PAGES;
		uint8_t *chunk = memory_of(enclave) + first * SGX_PAGE_SIZE;
		if (mincore(chunk, count * SGX_PAGE_SIZE, present) != 0)
			continue;
		for (uint64_t i = 0; i < count; i++)
			if ((present[i] & 1) != 0 && (enclave->pages[first + i] & SOFT_PAGE_W) != 0)
				wipe(chunk + i * SGX_PAGE_SIZE, SGX_PAGE_SIZE);
	}
}

void soft_destroy(struct machine_enclave *enclave)
{
	if (enclave == NULL)
		return;
	if (enclave->registered)
		soft_unregister_range(enclave->secs.base);
	if (enclave->secs.base != 0) {
		wipe_writable(enclave);
		munmap(memory_of(enclave), enclave->secs.size);
	}
	for (size_t i = 0; i < enclave->tcs_count; i++)
		free_tcs(enclave->tcs[i]);
	atomic_fetch_sub(&enclave->machine->enclaves, 1);
	free(enclave->tcs);
	free(enclave->pages);
	wipe(enclave, sizeof(*enclave));
	free(enclave);
}
