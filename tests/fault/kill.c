/* kill -9 of a process that holds the store: whole turns only, and nothing forgotten. */
#include "hosted.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temp_folder.h"

#define ROUNDS 12
#define POSTS 3u

static char folder[64], path[128];

static int setup(void **state)
{
	(void)state;
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

struct child {
	pid_t pid;
	int out; /* reads what it says */
};

/* Runs body in a child process, with a pipe to say things through. */
static struct child spawn(void (*body)(int say))
{
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(pipes[0]);
		body(pipes[1]);
		_exit(0);
	}
	(void)close(pipes[1]);
	return (struct child){pid, pipes[0]};
}

/* What it had said by then, the rest of the pipe included. */
static uint64_t kill_after(struct child *child, unsigned words)
{
	uint64_t word = 0, last = 0;
	for (unsigned i = 0; i < words; i++)
		if (read(child->out, &word, sizeof(word)) == (ssize_t)sizeof(word))
			last = word;
	assert_int_equal(kill(child->pid, SIGKILL), 0);
	while (read(child->out, &word, sizeof(word)) == (ssize_t)sizeof(word))
		last = word;
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
	(void)close(child->out);
	return last;
}

static void say(int to, uint64_t word)
{
	if (write(to, &word, sizeof(word)) != (ssize_t)sizeof(word))
		_exit(1);
}

/* -- the store alone -- */

/* Turn after turn: one mail in, that mail done, its posts out. Says a version once committed. */
static void commit_for_ever(int to)
{
	struct store *store;
	uint64_t id, version;
	if (store_open_sqlite(&store, path, NULL) != CONCLAVE_OK ||
		store->ops->version(&version, store) != CONCLAVE_OK)
		_exit(1);
	for (;;) {
		version++;
		if (store->ops->put(&id, store, 1, BYTES_OF(version)) != CONCLAVE_OK)
			_exit(1);
		struct store_post posts[POSTS];
		for (size_t i = 0; i < POSTS; i++)
			posts[i] = (struct store_post){id, 1, BYTES_OF(version)};
		const struct store_turn turn = {posts, POSTS, &id, 1, version, {0}};
		if (store->ops->commit(store, &turn) != CONCLAVE_OK)
			_exit(1);
		say(to, version);
	}
}

/* POSTS posts for each version up to the last, in order, and none beyond. */
static void check_whole_turns(struct store *store, uint64_t version)
{
	uint64_t id, after = 0, seen;
	for (uint64_t i = 0; i < version * POSTS; i++) {
		struct writer out = writer_of((struct buffer){(uint8_t *)&seen, sizeof(seen)});
		assert_int_equal(store->ops->reply(&id, &out, store, 1, 0, after), CONCLAVE_OK);
		assert_int_not_equal(id, 0);
		assert_int_equal(seen, i / POSTS + 1);
		after = id;
	}
	struct writer out = writer_of((struct buffer){(uint8_t *)&seen, sizeof(seen)});
	assert_int_equal(store->ops->reply(&id, &out, store, 1, 0, after), CONCLAVE_OK);
	assert_int_equal(id, 0);
}

static void test_store_killed(void **state)
{
	uint64_t total = 0;
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct child child = spawn(commit_for_ever);
		uint64_t said = kill_after(&child, 1 + round * 3), version;
		struct store *store;
		assert_int_equal(store_open_sqlite(&store, path, NULL), CONCLAVE_OK);
		assert_int_equal(store->ops->version(&version, store), CONCLAVE_OK);
		assert_in_range(version, said, said + 1);
		assert_true(said > total);
		check_whole_turns(store, version);
		total = version;
		store->ops->close(store);
	}
}

/* -- its spool -- */

#define SPOOLED_SIZE 300007u

/* Mail number n: its number, and bytes that depend on it. */
static void spooled_make(uint8_t mail[SPOOLED_SIZE], uint64_t n)
{
	hosted_pattern(mail, SPOOLED_SIZE, n);
	store_u64le(mail, n);
}

/* One spooled mail after the other, each done with once the next is kept. Says which is kept. */
static void spool_for_ever(int to)
{
	static uint8_t mail[SPOOLED_SIZE];
	struct store *store;
	uint64_t id, before = 0, number;
	if (store_open_sqlite(&store, path, NULL) != CONCLAVE_OK ||
		store->ops->version(&number, store) != CONCLAVE_OK)
		_exit(1);
	for (;; before = id) {
		struct store_spool *spool;
		spooled_make(mail, ++number);
		if (store->ops->spool_begin(&spool, store) != CONCLAVE_OK ||
			store->ops->spool_write(spool, BYTES_OF(mail)) != CONCLAVE_OK ||
			store->ops->spool_put(&id, spool, 1) != CONCLAVE_OK)
			_exit(1);
		say(to, number);
		const struct store_turn turn = {
			.done = &before, .done_count = 1, .version = number};
		if (store->ops->commit(store, &turn) != CONCLAVE_OK)
			_exit(1);
	}
}

struct kept {
	uint64_t ids[4];
	size_t count;
};

static bool kept_one(void *context, const struct store_mail *mail)
{
	struct kept *kept = context;
	assert_int_equal(mail->spooled, SPOOLED_SIZE);
	kept->ids[kept->count++] = mail->id;
	return kept->count < ARRAY_COUNT(kept->ids);
}

/* The last one that was said to be kept, and at most one more on either side: whole, in order, and
 * the only files. They are done with then. */
static void check_spooled(struct store *store, uint64_t said)
{
	static uint8_t wanted[SPOOLED_SIZE], seen[SPOOLED_SIZE];
	struct kept kept = {0};
	bool found = false;
	assert_int_equal(store->ops->pending(store, 0, kept_one, &kept), CONCLAVE_OK);
	assert_in_range(kept.count, 1, 2);
	assert_int_equal(store->ops->spool_size(store), kept.count * SPOOLED_SIZE);
	for (size_t i = 0; i < kept.count; i++) {
		assert_int_equal(store->ops->read((struct buffer){seen, sizeof(seen)}, store,
					 kept.ids[i], 0),
			CONCLAVE_OK);
		uint64_t number = load_u64le(seen);
		assert_in_range(number, said - 1, said + 1);
		spooled_make(wanted, number);
		assert_memory_equal(seen, wanted, sizeof(wanted));
		found = found || number == said;
	}
	assert_true(found);
	const struct store_turn turn = {
		.done = kept.ids, .done_count = kept.count, .version = said + 1};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	assert_int_equal(store->ops->spool_size(store), 0);
}

static void test_spool_killed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct store *store;
		struct child child = spawn(spool_for_ever);
		uint64_t said = kill_after(&child, 1 + round);
		assert_int_equal(store_open_sqlite(&store, path, NULL), CONCLAVE_OK);
		check_spooled(store, said);
		store->ops->close(store);
	}
}

/* -- a host -- */

/* One mail handled, its reply not fetched; another in the middle of its turn. */
static void host_until_killed(int to)
{
	static struct hosted hosted;
	static struct answer done, held, waiting;
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, path);
	if (hosted_host(&hosted, (struct host_options){0}) != CONCLAVE_OK)
		_exit(1);
	hosted_send(&hosted, &done, "alice", "echo undelivered");
	if (hosted_wait(&done) != HOST_HANDLED)
		_exit(1);
	hosted_send(&hosted, &held, "bob", "gate unacknowledged");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &waiting, "carol", "echo never begun");
	say(to, 1);
	for (;;)
		(void)pause();
}

/* A spooled mail in the middle, another behind it, a third still arriving. */
static void host_until_killed_streaming(int to)
{
	static struct hosted hosted;
	static struct answer held, waiting;
	fake_machine_init(&hosted.fake);
	hosted.fake.gate_at_piece = 2;
	hosted_store(&hosted, path);
	if (hosted_host(&hosted, (struct host_options){0}) != CONCLAVE_OK)
		_exit(1);
	(void)hosted_send_spooled(&hosted, &held, "bob", "echo unacknowledged", SPOOLED_SIZE);
	(void)sem_wait(&hosted.fake.at_gate);
	(void)hosted_send_spooled(&hosted, &waiting, "carol", "echo never begun", SPOOLED_SIZE);
	(void)hosted_spool(NULL, &hosted, "echo never kept", SPOOLED_SIZE);
	say(to, 1);
	for (;;)
		(void)pause();
}

static void test_host_killed_while_streaming(void **state)
{
	static struct hosted hosted;
	(void)state;
	struct child child = spawn(host_until_killed_streaming);
	assert_int_equal(kill_after(&child, 1), 1);
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, path);
	assert_int_equal(hosted_pending(&hosted), 2);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 2 * SPOOLED_SIZE);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "dave", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "bob"), "unacknowledged");
	assert_string_equal(hosted_take(&hosted, "carol"), "never begun");
	assert_string_equal(hosted_take(&hosted, "bob"), "");
	assert_string_equal(hosted_take(&hosted, "carol"), "");
	assert_int_equal(hosted_pending(&hosted), 0);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	hosted_close(&hosted);
}

static void test_host_killed_in_a_turn(void **state)
{
	static struct hosted hosted;
	(void)state;
	struct child child = spawn(host_until_killed);
	assert_int_equal(kill_after(&child, 1), 1);
	fake_machine_init(&hosted.fake);
	(void)sem_post(&hosted.fake.gate);
	hosted_store(&hosted, path);
	assert_int_equal(hosted_pending(&hosted), 2);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "dave", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "alice"), "undelivered");
	assert_string_equal(hosted_take(&hosted, "bob"), "unacknowledged");
	assert_string_equal(hosted_take(&hosted, "carol"), "never begun");
	assert_string_equal(hosted_take(&hosted, "alice"), "");
	assert_string_equal(hosted_take(&hosted, "bob"), "");
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_store_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spool_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_host_killed_in_a_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_host_killed_while_streaming, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
