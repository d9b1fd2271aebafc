/* Memory runs out at the n-th allocation of fetching, keeping and stapling, for every n: it is
 * said, nothing leaks (the sanitizers see), and what was kept is good. */
#include "collateral_world.h"

#include "base/check.h"

/* The linker's --wrap sends allocations of ours here; those of libcurl are its own. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__real_reallocarray(void *ptr, size_t count, size_t size);
char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void *__wrap_reallocarray(void *ptr, size_t count, size_t size);
char *__wrap_strndup(const char *text, size_t size);

/* Of this thread: the service's do not count. */
static _Thread_local bool counting;
static _Thread_local unsigned allowed; /* allocations until the one that fails */
static _Thread_local bool failed;

static bool fails(void)
{
	bool now = counting && allowed-- == 0;
	failed = failed || now;
	return now;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __real_realloc(ptr, size);
}

void *__wrap_reallocarray(void *ptr, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(ptr, count, size);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return fails() ? NULL : __real_strndup(text, size);
}

/* A whole life: open, staple from the service, renew from the cache. */
static enum conclave_error live(struct world *world, struct bytes info)
{
	static uint8_t space[INSTANCE_INFO_SIZE_MAX];
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	struct collateral *collateral = NULL;
	struct collateral_options options = world->options;
	options.note = NULL;
	enum conclave_error error = collateral_open(&collateral, &options, NULL);
	if (error == CONCLAVE_OK)
		error = collateral_staple(&out, collateral, info, NULL, FORGE_NOW, NULL);
	if (error == CONCLAVE_OK)
		error = collateral_renew(collateral, FORGE_NOW, NULL);
	collateral_close(collateral);
	return error;
}

static void memory_runs_out(void **state)
{
	struct world *world = *state;
	struct bytes info = forge_serialise(&world->forge);
	unsigned n = 0;
	do {
		(void)snprintf(world->cache, sizeof(world->cache), "%s/%u", world->folder, n);
		allowed = n++;
		failed = false;
		counting = true;
		enum conclave_error error = live(world, info);
		counting = false;
		/* An item that could not be written is used all the same. */
		if (error != CONCLAVE_ERROR_MEMORY && error != CONCLAVE_OK)
			fail_msg("allocation %u: %s", n - 1, conclave_error_name(error));
		assert_int_equal(live(world, info), CONCLAVE_OK);
	} while (failed);
	assert_true(n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memory_runs_out, world_set_up, world_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
