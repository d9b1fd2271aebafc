/* Mail that is larger than a turn's window: by way of the spool, piece by piece. */
#include "hosted.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "temp_folder.h"

#define PIECE (FAKE_WINDOW - 32u)

static char folder[64], path[128], file[200];

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

/* Over a store that lasts. */
static void stored_open(struct hosted *hosted)
{
	*hosted = (struct hosted){0};
	fake_machine_init(&hosted->fake);
	hosted_store(hosted, path);
	assert_int_equal(hosted_host(hosted, (struct host_options){0}), CONCLAVE_OK);
}

static const char *sum_text(uint64_t size, uint64_t sum)
{
	static char text[64];
	(void)snprintf(text, sizeof(text), "%llu %016llx", (unsigned long long)size,
		(unsigned long long)sum);
	return text;
}

/* Every byte arrives, in pieces as large as they can be, each with the whole budget. */
static void test_sizes(void **state)
{
	static const uint64_t sizes[] = {
		4, 5, 1000, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7, 20 * PIECE - 3};
	struct hosted hosted;
	struct answer answer;
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){.budget_ms = 700});
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		hosted.fake.pieces = 0;
		uint64_t sum = hosted_send_spooled(&hosted, &answer, "a", "sum", sizes[i]);
		assert_int_equal(hosted_wait(&answer), HOST_HANDLED);
		assert_string_equal(hosted_take(&hosted, "a"), sum_text(sizes[i], sum));
		assert_string_equal(hosted_take(&hosted, "a"), "");
		assert_int_equal(hosted.fake.pieces, (sizes[i] + PIECE - 1) / PIECE);
		assert_int_equal(hosted.fake.budget_ms, 700);
		assert_int_equal(hosted_pending(&hosted), 0);
		assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	}
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.mails, ARRAY_COUNT(sizes));
	assert_int_equal(facts.restarts, 0);
	hosted_close(&hosted);
}

static void test_outcomes(void **state)
{
	struct hosted hosted;
	struct answer answer;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	(void)hosted_send_spooled(&hosted, &answer, "a", "unreadable", PIECE + 1);
	assert_int_equal(hosted_wait(&answer), HOST_UNREADABLE);
	assert_string_equal(hosted_take(&hosted, "a"), "");
	(void)hosted_send_spooled(&hosted, &answer, "a", "decline", PIECE + 1);
	assert_int_equal(hosted_wait(&answer), HOST_NOT_HANDLED);
	assert_string_equal(hosted_take(&hosted, "a"), "refusal");
	assert_int_equal(hosted_pending(&hosted), 0);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	hosted_close(&hosted);
}

/* Large and small keep one order, and the large one makes nobody's answer wait who came before. */
static void test_order(void **state)
{
	struct hosted hosted;
	struct answer gate, answers[6];
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &answers[0], "a", "echo 0");
	hosted_send(&hosted, &answers[1], "b", "echo 1");
	(void)hosted_send_spooled(&hosted, &answers[2], "a", "echo 2", PIECE * 3);
	(void)hosted_send_spooled(&hosted, &answers[3], "b", "echo 3", PIECE * 2);
	hosted_send(&hosted, &answers[4], "a", "echo 4");
	hosted_send(&hosted, &answers[5], "b", "echo 5");
	(void)sem_post(&hosted.fake.gate);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(hosted_wait(&answers[i]), HOST_HANDLED);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.turns, 5);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(hosted.fake.seen[1 + i], answers[i].mail_id);
	for (size_t i = 1; i < 6; i++)
		assert_true(answers[i].mail_id > answers[i - 1].mail_id);
	assert_string_equal(hosted_take(&hosted, "a"), "0");
	assert_string_equal(hosted_take(&hosted, "a"), "2");
	assert_string_equal(hosted_take(&hosted, "a"), "4");
	assert_string_equal(hosted_take(&hosted, "b"), "1");
	hosted_close(&hosted);
}

static void test_crashes(void **state)
{
	struct hosted hosted;
	struct answer once, twice, after;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	(void)hosted_send_spooled(&hosted, &once, "a", "faultonce", PIECE * 2);
	(void)hosted_send_spooled(&hosted, &twice, "b", "fault", PIECE * 2);
	hosted_send(&hosted, &after, "c", "echo after");
	assert_int_equal(hosted_wait(&once), HOST_HANDLED);
	assert_int_equal(hosted_wait(&twice), HOST_SET_ASIDE);
	assert_int_equal(hosted_wait(&after), HOST_HANDLED);
	assert_int_equal(hosted_pending(&hosted), 0);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	hosted_close(&hosted);
}

/* -- restarts -- */

struct closing {
	pthread_t thread;
	struct host *host;
};

static void *close_host(void *context)
{
	host_close(((struct closing *)context)->host);
	return NULL;
}

/* In the middle of the mail: it ends with this piece, and the mail is delivered whole the next
 * time. */
static void test_closing_in_the_middle(void **state)
{
	struct hosted hosted;
	struct answer answer;
	const uint64_t size = 9 * PIECE;
	(void)state;
	stored_open(&hosted);
	hosted.fake.gate_at_piece = 2;
	uint64_t id, sum = hosted_send_spooled(&hosted, &answer, "a", "sum", size);
	(void)sem_wait(&hosted.fake.at_gate);
	struct closing closing = {.host = hosted.host};
	uint64_t kept = 1;
	assert_int_equal(pthread_create(&closing.thread, NULL, close_host, &closing), 0);
	while (host_deliver(&id, hosted.host, BYTES_LIT("b"), BYTES_LIT("keep"), NULL, NULL) ==
		CONCLAVE_OK)
		kept++;
	(void)sem_post(&hosted.fake.gate);
	(void)pthread_join(closing.thread, NULL);
	assert_int_equal(hosted_wait(&answer), HOST_CLOSED);
	assert_int_equal(hosted.fake.pieces, 2);
	assert_int_equal(hosted_pending(&hosted), kept);
	hosted.store->ops->close(hosted.store);

	stored_open(&hosted);
	assert_int_equal(hosted_mail(&hosted, "c", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "a"), sum_text(size, sum));
	assert_string_equal(hosted_take(&hosted, "a"), "");
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

/* Keeps a spooled mail that no host has seen; `file` is its file then. */
static uint64_t spool_only(struct hosted *hosted, const char *line, uint64_t size)
{
	uint64_t id, number;
	struct store *store;
	assert_int_equal(store_open_sqlite(&store, path, NULL), CONCLAVE_OK);
	hosted->store = store;
	assert_int_equal(store->ops->route(&number, store, BYTES_LIT("a"), true), CONCLAVE_OK);
	struct store_spool *spool = hosted_spool(NULL, hosted, line, size);
	assert_int_equal(store->ops->spool_put(&id, spool, number), CONCLAVE_OK);
	store->ops->close(store);
	(void)snprintf(file, sizeof(file), "%s-spool/%llu", path, (unsigned long long)id);
	return id;
}

/* Mail whose file is gone, or short, is forgotten at the start, and no other. */
static void test_lost_files(void **state)
{
	struct hosted hosted;
	(void)state;
	(void)spool_only(&hosted, "echo lost", PIECE * 2);
	assert_int_equal(unlink(file), 0);
	(void)spool_only(&hosted, "echo torn", PIECE * 2);
	assert_int_equal(truncate(file, PIECE * 2 - 1), 0);
	(void)spool_only(&hosted, "echo whole", PIECE * 2);
	stored_open(&hosted);
	assert_int_equal(hosted_mail(&hosted, "c", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "a"), "whole");
	assert_string_equal(hosted_take(&hosted, "a"), "");
	assert_int_equal(hosted_pending(&hosted), 0);
	assert_non_null(strstr(hosted.log, "mail 1 is not whole"));
	assert_non_null(strstr(hosted.log, "mail 2 is not whole"));
	assert_null(strstr(hosted.log, "loading the enclave again"));
	hosted_close(&hosted);
}

/* Mail that was kept whole, for an image with a larger window. */
static void test_whole_mail_larger_than_the_window(void **state)
{
	static uint8_t mail[3 * FAKE_WINDOW];
	struct hosted hosted = {0};
	uint64_t id, number;
	(void)state;
	hosted_pattern(mail, sizeof(mail), 0);
	memcpy(mail, "sum\n", 4);
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, NULL);
	const struct store_ops *ops = hosted.store->ops;
	assert_int_equal(ops->route(&number, hosted.store, BYTES_LIT("a"), true), CONCLAVE_OK);
	assert_int_equal(ops->put(&id, hosted.store, number, BYTES_OF(mail)), CONCLAVE_OK);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "b", "keep"), HOST_HANDLED);
	assert_string_equal(
		hosted_take(&hosted, "a"), sum_text(sizeof(mail), fake_sum(0, BYTES_OF(mail))));
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

/* A file that vanishes under a running host cannot be handled; others are. */
static void test_file_vanishes(void **state)
{
	struct hosted hosted;
	struct answer gate, lost, after;
	(void)state;
	stored_open(&hosted);
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	(void)hosted_send_spooled(&hosted, &lost, "a", "sum", PIECE * 2);
	hosted_send(&hosted, &after, "b", "echo after");
	(void)snprintf(file, sizeof(file), "%s-spool/2", path);
	assert_int_equal(unlink(file), 0);
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&lost), HOST_SET_ASIDE);
	assert_int_equal(hosted_wait(&after), HOST_HANDLED);
	hosted_close(&hosted);
}

/* A disk that cannot read: nothing is decided about the mail. */
static void test_file_cannot_be_read(void **state)
{
	struct hosted hosted;
	struct answer gate, lost;
	struct host_facts facts;
	(void)state;
	stored_open(&hosted);
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	(void)hosted_send_spooled(&hosted, &lost, "a", "sum", PIECE * 2);
	(void)snprintf(file, sizeof(file), "%s-spool/2", path);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&lost), HOST_CLOSED);
	host_facts(&facts, hosted.host);
	assert_false(facts.up);
	assert_non_null(strstr(hosted.log, "a spooled mail could not be read"));
	assert_non_null(strstr(hosted.log, path));
	assert_int_equal(hosted_pending(&hosted), 1);
	hosted_close(&hosted);
}

/* -- limits -- */

static void test_limits(void **state)
{
	struct hosted hosted;
	struct host_facts facts;
	struct store_spool *spool;
	uint64_t id;
	(void)state;
	hosted_open(&hosted, (struct host_options){.stream_size_max = 1000});
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.stream_size_max, 1000);
	assert_int_equal(facts.mail_size_max, FAKE_WINDOW - 40 - 32);
	const uint64_t wrong[] = {0, 1001};
	for (size_t i = 0; i < 2; i++) {
		spool = hosted_spool(NULL, &hosted, "sum", wrong[i]);
		assert_int_equal(
			host_deliver_spooled(&id, hosted.host, BYTES_LIT("a"), spool, NULL, NULL),
			CONCLAVE_ERROR_LIMIT);
	}
	spool = hosted_spool(NULL, &hosted, "sum", 1000);
	assert_int_equal(host_deliver_spooled(&id, hosted.host, BYTES_LIT(""), spool, NULL, NULL),
		CONCLAVE_ERROR_LIMIT);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	spool = hosted_spool(NULL, &hosted, "sum", 1000);
	assert_int_equal(host_deliver_spooled(&id, hosted.host, BYTES_LIT("a"), spool, NULL, NULL),
		CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "a", "keep"), HOST_HANDLED);
	hosted.fake.starts_to_fail = 1;
	assert_int_equal(hosted_mail(&hosted, "a", "fault"), HOST_CLOSED);
	spool = hosted_spool(NULL, &hosted, "sum", 1000);
	assert_int_equal(host_deliver_spooled(&id, hosted.host, BYTES_LIT("a"), spool, NULL, NULL),
		CONCLAVE_ERROR_STATE);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	hosted_close(&hosted);
}

#define STORED(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_crashes),
		STORED(test_closing_in_the_middle),
		STORED(test_lost_files),
		cmocka_unit_test(test_whole_mail_larger_than_the_window),
		STORED(test_file_vanishes),
		STORED(test_file_cannot_be_read),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
