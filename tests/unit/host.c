/* The turn loop, over a scripted enclave. */
#include "hosted.h"

#include <pthread.h>
#include <time.h>

#include "attest/instance_info.h"

static void test_mail_is_answered(void **state)
{
	struct hosted hosted;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	assert_int_equal(hosted_mail(&hosted, "alice", "echo hello"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "alice"), "hello");
	assert_string_equal(hosted_take(&hosted, "alice"), "");
	assert_string_equal(hosted_take(&hosted, "bob"), "");
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

static void test_outcomes(void **state)
{
	struct hosted hosted;
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	assert_int_equal(hosted_mail(&hosted, "a", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "a"), "");
	assert_int_equal(hosted_mail(&hosted, "a", "unreadable"), HOST_UNREADABLE);
	assert_string_equal(hosted_take(&hosted, "a"), "");
	assert_int_equal(hosted_mail(&hosted, "a", "decline"), HOST_NOT_HANDLED);
	assert_string_equal(hosted_take(&hosted, "a"), "refusal");
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.mails, 3);
	assert_int_equal(facts.refused, 2);
	assert_int_equal(facts.turns, 3);
	assert_int_equal(facts.restarts, 0);
	assert_true(facts.up);
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

/* Once after work, and not again before there is more. */
static void test_idle_turn(void **state)
{
	struct hosted hosted;
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){.idle_ms = 1});
	for (uint64_t mails = 1; mails <= 3; mails++) {
		assert_int_equal(hosted_mail(&hosted, "alice", "echo hello"), HOST_HANDLED);
		/* START's report is no work; each mail's turn and the idle one have a version. */
		do
			host_facts(&facts, hosted.host);
		while (facts.version < 1 + 2 * mails);
	}
	const struct timespec while_nothing_happens = {0, 20000000};
	(void)nanosleep(&while_nothing_happens, NULL);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.version, 7);
	assert_int_equal(facts.mails, 3);
	hosted_close(&hosted);
}

/* What arrives while the enclave is inside goes in one turn. */
static void test_group_commit(void **state)
{
	struct hosted hosted;
	struct answer gate, answers[20];
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	for (size_t i = 0; i < 20; i++)
		hosted_send(&hosted, &answers[i], "all", "echo x");
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&gate), HOST_HANDLED);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(hosted_wait(&answers[i]), HOST_HANDLED);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.turns, 2);
	hosted_close(&hosted);
}

static void test_batch_max(void **state)
{
	struct hosted hosted;
	struct answer gate, answers[20];
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){.batch_max = 8});
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	for (size_t i = 0; i < 20; i++)
		hosted_send(&hosted, &answers[i], "all", "echo x");
	(void)sem_post(&hosted.fake.gate);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(hosted_wait(&answers[i]), HOST_HANDLED);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.turns, 1 + 3);
	hosted_close(&hosted);
}

/* What the enclave has no room for is asked again, in order, and answered once. */
static void test_deferred(void **state)
{
	struct hosted hosted;
	struct answer gate, answers[20];
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	hosted.fake.requests_max = 3;
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	for (size_t i = 0; i < 20; i++)
		hosted_send(&hosted, &answers[i], "all", "echo x");
	(void)sem_post(&hosted.fake.gate);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(hosted_wait(&answers[i]), HOST_HANDLED);
	hosted_close(&hosted);
	assert_int_equal(hosted.fake.seen_count, 21);
	for (size_t i = 0; i < 21; i++)
		assert_int_equal(hosted.fake.seen[i], i + 1);
}

/* A window's worth of mail goes in; a byte more does not. */
static void test_window_bounds(void **state)
{
	struct hosted hosted;
	struct host_facts facts;
	struct answer answer = {0};
	uint64_t id;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.mail_size_max, FAKE_WINDOW - 2 * 32 - 8);
	uint8_t *mail = calloc(1, facts.mail_size_max + 1);
	(void)sem_init(&answer.sem, 0, 0);
	assert_int_equal(host_deliver(&id, hosted.host, BYTES_LIT("a"),
				 bytes_of(mail, facts.mail_size_max + 1), on_answer, &answer),
		CONCLAVE_ERROR_LIMIT);
	assert_int_equal(host_deliver(&id, hosted.host, BYTES_LIT("a"), bytes_of(mail, 0),
				 on_answer, &answer),
		CONCLAVE_ERROR_LIMIT);
	assert_int_equal(host_deliver(&id, hosted.host, BYTES_LIT(""), bytes_of(mail, 1), on_answer,
				 &answer),
		CONCLAVE_ERROR_LIMIT);
	assert_int_equal(host_deliver(&id, hosted.host, BYTES_LIT("a"),
				 bytes_of(mail, facts.mail_size_max), on_answer, &answer),
		CONCLAVE_OK);
	assert_int_equal(hosted_wait(&answer), HOST_HANDLED);
	assert_int_equal(answer.calls, 1);
	free(mail);
	hosted_close(&hosted);
}

/* More mail than may wait is refused at the door, not kept. */
static void test_queue_is_bounded(void **state)
{
	struct hosted hosted;
	struct answer gate;
	uint64_t id;
	enum conclave_error error = CONCLAVE_OK;
	size_t kept = 0;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	static uint8_t mail[60000];
	while (kept < 2000 && error == CONCLAVE_OK) {
		error = host_deliver(&id, hosted.host, BYTES_LIT("a"), BYTES_OF(mail), NULL, NULL);
		kept += error == CONCLAVE_OK;
	}
	assert_int_equal(error, CONCLAVE_ERROR_BUSY);
	assert_int_equal(kept, HOST_QUEUE_SIZE_MAX / (sizeof(mail) + 32));
	assert_int_equal(hosted_pending(&hosted), kept + 1);
	(void)sem_post(&hosted.fake.gate);
	hosted_close(&hosted);
}

/* -- calls and attestation -- */

static void test_calls(void **state)
{
	struct hosted hosted;
	uint8_t space[64];
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(host_call(&out, hosted.host, BYTES_LIT("ping")), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&out), BYTES_LIT("ping")));
	assert_int_equal(host_call(&out, hosted.host, BYTES_LIT("fail")), CONCLAVE_ERROR_REFUSED);
	assert_int_equal(host_call(&out, hosted.host, BYTES_LIT("fault")), CONCLAVE_ERROR_CRASHED);
	struct writer tiny = writer_of((struct buffer){space, 3});
	assert_int_equal(host_call(&tiny, hosted.host, BYTES_LIT("ping")), CONCLAVE_ERROR_SPACE);
	struct writer again = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(host_call(&again, hosted.host, BYTES_LIT("pong")), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&again), BYTES_LIT("pong")));
	hosted_close(&hosted);
}

static struct instance_info info_of(struct hosted *hosted, struct buffer space)
{
	struct instance_info info;
	struct writer out = writer_of(space);
	assert_int_equal(host_instance_info(&out, hosted->host), CONCLAVE_OK);
	assert_int_equal(instance_info_read(&info, writer_bytes(&out)), CONCLAVE_OK);
	return info;
}

struct fresh {
	sem_t done;
	enum conclave_error error;
	struct bytes nonce; /* in space */
	uint8_t space[4096];
};

static void keep_fresh(void *context, enum conclave_error error, struct bytes info)
{
	struct fresh *fresh = context;
	struct instance_info read;
	fresh->error = error;
	fresh->nonce = BYTES_LIT("");
	if (info.len != 0 && info.len <= sizeof(fresh->space)) {
		memcpy(fresh->space, info.ptr, info.len);
		if (instance_info_read(&read, bytes_of(fresh->space, info.len)) == CONCLAVE_OK)
			fresh->nonce = read.nonce;
	}
	(void)sem_post(&fresh->done);
}

/* It is the asker's alone, and a crash in its turn is told, not tried again. */
static void test_fresh_evidence(void **state)
{
	static const uint8_t nonce[HOST_NONCE_SIZE] = {7, 7, 7};
	struct hosted hosted;
	struct fresh fresh;
	uint8_t space[4096];
	(void)state;
	(void)sem_init(&fresh.done, 0, 0);
	hosted_open(&hosted, (struct host_options){.evidence = HOST_EVIDENCE_R3});
	assert_int_equal(host_attest_fresh(hosted.host, nonce, keep_fresh, &fresh), CONCLAVE_OK);
	(void)sem_wait(&fresh.done);
	assert_int_equal(fresh.error, CONCLAVE_OK);
	assert_true(bytes_equal(fresh.nonce, BYTES_OF(nonce)));
	assert_int_equal(info_of(&hosted, (struct buffer){space, sizeof(space)}).nonce.len, 0);

	struct answer gate, crash;
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &crash, "crash", "fault");
	assert_int_equal(host_attest_fresh(hosted.host, nonce, keep_fresh, &fresh), CONCLAVE_OK);
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&gate), HOST_HANDLED);
	(void)sem_wait(&fresh.done);
	assert_int_equal(hosted_wait(&crash), HOST_SET_ASIDE);
	if (fresh.error != CONCLAVE_OK)
		assert_int_equal(fresh.error, CONCLAVE_ERROR_CRASHED);
	hosted_close(&hosted);
	(void)sem_destroy(&fresh.done);
}

static void test_r3_evidence(void **state)
{
	struct hosted hosted;
	uint8_t space[4096];
	(void)state;
	hosted_open(&hosted, (struct host_options){.evidence = HOST_EVIDENCE_R3});
	struct instance_info info = info_of(&hosted, (struct buffer){space, sizeof(space)});
	assert_int_equal(info.type, INSTANCE_INFO_MOCK);
	assert_true(info.mock.is_simulation);
	assert_int_equal(info.signing_key.bytes[0], 1);
	assert_int_equal(info.encryption_key.bytes[0], 2);
	int64_t now = (int64_t)time(NULL);
	assert_in_range(info.mock.epoch_second, now - 60, now + 1);
	uint32_t before = info.mock.nanosecond;
	int64_t before_s = info.mock.epoch_second;
	assert_int_equal(host_attest(hosted.host), CONCLAVE_OK);
	info = info_of(&hosted, (struct buffer){space, sizeof(space)});
	assert_true(info.mock.epoch_second != before_s || info.mock.nanosecond != before);
	struct writer none = writer_of((struct buffer){space, 10});
	assert_int_equal(host_instance_info(&none, hosted.host), CONCLAVE_ERROR_SPACE);
	hosted_close(&hosted);
}

struct stapling {
	struct host *host;
	unsigned calls, attest_again; /* in so many calls */
	enum conclave_error error;
};

static enum conclave_error staple(void *context, struct writer *out, struct bytes instance_info)
{
	struct stapling *stapling = context;
	if (stapling->calls++ < stapling->attest_again)
		assert_int_equal(host_attest(stapling->host), CONCLAVE_OK);
	if (stapling->error != CONCLAVE_OK)
		return stapling->error;
	write_bytes(out, instance_info);
	write_bytes(out, BYTES_LIT("stapled"));
	return writer_end(out);
}

static size_t info_size(struct hosted *hosted)
{
	static uint8_t space[4096];
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(host_instance_info(&out, hosted->host), CONCLAVE_OK);
	return out.len;
}

static void test_stapling(void **state)
{
	struct hosted hosted;
	const size_t added = strlen("stapled");
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	struct stapling stapling = {.host = hosted.host};
	size_t bare = info_size(&hosted);
	/* Nothing to do on a machine that brings its collateral. */
	assert_int_equal(host_staple(hosted.host, staple, &stapling), CONCLAVE_OK);
	assert_int_equal(stapling.calls, 0);

	hosted.fake.machine.needs_collateral = true;
	assert_int_equal(host_staple(hosted.host, staple, &stapling), CONCLAVE_OK);
	assert_int_equal(info_size(&hosted), bare + added);
	/* Attested anew meanwhile: the new quote is stapled, not replaced by the old one. */
	stapling = (struct stapling){.host = hosted.host, .attest_again = 2};
	assert_int_equal(host_staple(hosted.host, staple, &stapling), CONCLAVE_OK);
	assert_int_equal(stapling.calls, 3);
	assert_int_equal(info_size(&hosted), bare + added);
	/* What was served stays. */
	stapling.error = CONCLAVE_ERROR_NETWORK;
	assert_int_equal(host_staple(hosted.host, staple, &stapling), CONCLAVE_ERROR_NETWORK);
	assert_int_equal(info_size(&hosted), bare + added);
	hosted_close(&hosted);
}

static void test_clock_is_told(void **state)
{
	struct hosted hosted;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	uint64_t now = (uint64_t)time(NULL);
	assert_int_equal(hosted_mail(&hosted, "a", "keep"), HOST_HANDLED);
	assert_in_range(hosted.fake.clock / 1000000000, now - 1, now + 60);
	hosted_close(&hosted);
}

static void test_console_is_made_safe(void **state)
{
	struct hosted hosted;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	assert_int_equal(hosted_mail(&hosted, "a", "say red \x1b[31m\n"), HOST_HANDLED);
	assert_string_equal(hosted.console, "red \\x1b[31m\n");
	hosted_close(&hosted);
}

/* -- crashes -- */

static void test_crash_redelivers(void **state)
{
	struct hosted hosted;
	struct answer gate, first, crash, last;
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	hosted_send(&hosted, &gate, "a", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &first, "b", "echo before");
	hosted_send(&hosted, &crash, "c", "faultonce it");
	hosted_send(&hosted, &last, "d", "echo after");
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&first), HOST_HANDLED);
	assert_int_equal(hosted_wait(&crash), HOST_HANDLED);
	assert_int_equal(hosted_wait(&last), HOST_HANDLED);
	/* Nothing of the crashed turn left: "before" was handled twice, answered once. */
	assert_string_equal(hosted_take(&hosted, "b"), "before");
	assert_string_equal(hosted_take(&hosted, "b"), "");
	assert_string_equal(hosted_take(&hosted, "d"), "after");
	assert_int_equal(first.calls + crash.calls + last.calls, 3);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.restarts, 1);
	assert_int_equal(hosted.fake.loads, 2);
	assert_int_equal(facts.turns, 4); /* the gate's, and three mails alone */
	hosted_close(&hosted);
}

static void crashing_mail_is_set_aside(const char *mail, uint32_t budget_ms)
{
	struct hosted hosted;
	struct answer gate, first, crash, last;
	struct host_facts facts;
	hosted_open(&hosted, (struct host_options){.budget_ms = budget_ms});
	hosted_send(&hosted, &gate, "a", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &first, "b", "echo before");
	hosted_send(&hosted, &crash, "c", mail);
	hosted_send(&hosted, &last, "d", "echo after");
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&first), HOST_HANDLED);
	assert_int_equal(hosted_wait(&crash), HOST_SET_ASIDE);
	assert_int_equal(hosted_wait(&last), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "b"), "before");
	assert_string_equal(hosted_take(&hosted, "d"), "after");
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.restarts, 2);
	assert_int_equal(hosted_pending(&hosted), 0);
	assert_non_null(strstr(hosted.log, "set aside"));
	hosted_close(&hosted);
}

static void test_fault_is_set_aside(void **state)
{
	(void)state;
	crashing_mail_is_set_aside("fault", 0);
}

static void test_overrun_is_set_aside(void **state)
{
	(void)state;
	crashing_mail_is_set_aside("hang", 100);
}

/* Strangers choose how many mails share a turn. */
static void test_each_request_has_its_budget(void **state)
{
	struct hosted hosted;
	struct answer gate, mails[3];
	(void)state;
	hosted_open(&hosted, (struct host_options){.budget_ms = 100});
	hosted_send(&hosted, &gate, "a", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	for (size_t i = 0; i < ARRAY_COUNT(mails); i++)
		hosted_send(&hosted, &mails[i], "b", "echo it");
	(void)sem_post(&hosted.fake.gate);
	for (size_t i = 0; i < ARRAY_COUNT(mails); i++)
		assert_int_equal(hosted_wait(&mails[i]), HOST_HANDLED);
	assert_int_equal(hosted.fake.budget_ms, 300);
	hosted_close(&hosted);
}

static void test_failed_entry_is_explained(void **state)
{
	struct hosted hosted;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	assert_int_equal(hosted_mail(&hosted, "a", "sayno no memory"), HOST_SET_ASIDE);
	assert_string_equal(hosted.console, "no memoryno memory");
	assert_non_null(strstr(hosted.log, "cannot go on"));
	hosted_close(&hosted);
}

static void test_busy_is_retried(void **state)
{
	struct hosted hosted;
	struct host_facts facts;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	assert_int_equal(hosted_mail(&hosted, "a", "busy 5"), HOST_HANDLED);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.restarts, 0);
	assert_int_equal(hosted_mail(&hosted, "a", "busy 1000000"), HOST_SET_ASIDE);
	hosted_close(&hosted);
}

static void test_down_when_it_cannot_be_loaded(void **state)
{
	struct hosted hosted;
	struct host_facts facts;
	struct answer gate, waiting;
	uint64_t id;
	uint8_t space[8];
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	hosted_send(&hosted, &gate, "a", "gate fault");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &waiting, "b", "fault");
	hosted.fake.starts_to_fail = 1;
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&waiting), HOST_CLOSED);
	host_facts(&facts, hosted.host);
	assert_false(facts.up);
	assert_int_equal(
		host_deliver(&id, hosted.host, BYTES_LIT("a"), BYTES_LIT("echo x"), NULL, NULL),
		CONCLAVE_ERROR_STATE);
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(host_call(&out, hosted.host, BYTES_LIT("x")), CONCLAVE_ERROR_STATE);
	assert_int_equal(hosted_pending(&hosted), 1);
	hosted_close(&hosted);
}

static void test_open_fails_cleanly(void **state)
{
	struct hosted hosted = {0};
	(void)state;
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, NULL);
	hosted.fake.starts_to_fail = 1;
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_ERROR_CRASHED);
	hosted.store->ops->close(hosted.store);
}

/* -- restarts -- */

static void test_pending_mail_is_delivered_at_open(void **state)
{
	struct hosted hosted = {0};
	uint64_t route, id;
	(void)state;
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, NULL);
	const struct store_ops *ops = hosted.store->ops;
	assert_int_equal(ops->route(&route, hosted.store, BYTES_LIT("a"), true), CONCLAVE_OK);
	for (char text[] = "echo 0"; text[5] < '5'; text[5]++)
		assert_int_equal(
			ops->put(&id, hosted.store, route, BYTES_LIT("echo 0")), CONCLAVE_OK);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "b", "keep"), HOST_HANDLED);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(hosted.fake.seen[i], i + 1);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(hosted_take(&hosted, "a"), "0");
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

static void test_closing_keeps_mail(void **state)
{
	struct hosted hosted;
	struct answer gate, waiting;
	(void)state;
	hosted_open(&hosted, (struct host_options){.batch_max = 1});
	hosted_send(&hosted, &gate, "a", "gate done");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &waiting, "b", "echo later");
	pthread_t closer;
	assert_int_equal(pthread_create(&closer, NULL,
				 (void *(*)(void *))(void (*)(void))host_close, hosted.host),
		0);
	/* Only once the host refuses new mail has it been told to close. */
	uint64_t id;
	size_t extra = 0;
	while (host_deliver(&id, hosted.host, BYTES_LIT("c"), BYTES_LIT("keep"), NULL, NULL) ==
		CONCLAVE_OK)
		extra++;
	(void)sem_post(&hosted.fake.gate);
	(void)pthread_join(closer, NULL);
	assert_int_equal(hosted_wait(&gate), HOST_HANDLED);
	assert_int_equal(hosted_wait(&waiting), HOST_CLOSED);
	assert_int_equal(hosted_pending(&hosted), 1 + extra);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "d", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "b"), "later");
	assert_string_equal(hosted_take(&hosted, "a"), "done");
	hosted_close(&hosted);
}

static void test_another_enclaves_store(void **state)
{
	struct hosted hosted;
	struct host *host;
	struct host_options options = {0};
	struct conclave_report report;
	(void)state;
	hosted_open(&hosted, options);
	host_close(hosted.host);
	assert_int_equal(host_open(&host, fake_image(2), &hosted.fake.machine, hosted.store,
				 &options, &report),
		CONCLAVE_ERROR_MISMATCH);
	assert_non_null(strstr(report.text, "another enclave"));
	hosted.store->ops->close(hosted.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail_is_answered),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_idle_turn),
		cmocka_unit_test(test_group_commit),
		cmocka_unit_test(test_batch_max),
		cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_window_bounds),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_fresh_evidence),
		cmocka_unit_test(test_r3_evidence),
		cmocka_unit_test(test_stapling),
		cmocka_unit_test(test_clock_is_told),
		cmocka_unit_test(test_console_is_made_safe),
		cmocka_unit_test(test_crash_redelivers),
		cmocka_unit_test(test_fault_is_set_aside),
		cmocka_unit_test(test_overrun_is_set_aside),
		cmocka_unit_test(test_each_request_has_its_budget),
		cmocka_unit_test(test_failed_entry_is_explained),
		cmocka_unit_test(test_busy_is_retried),
		cmocka_unit_test(test_down_when_it_cannot_be_loaded),
		cmocka_unit_test(test_open_fails_cleanly),
		cmocka_unit_test(test_pending_mail_is_delivered_at_open),
		cmocka_unit_test(test_closing_keeps_mail),
		cmocka_unit_test(test_another_enclaves_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
