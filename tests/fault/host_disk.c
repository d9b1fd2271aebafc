/* The disk fails under a running host: it goes down, tells nobody that a mail was handled, lets no
 * reply of that turn leave, and has everything again when the disk works. */
#include "hosted.h"

#include "fault/disk.h"
#include "temp_folder.h"

static void commit_fails(unsigned n, enum disk_fault fault, bool is_spooled)
{
	static struct hosted hosted;
	struct answer gate;
	struct host_facts facts;
	char folder[64], path[128];
	uint64_t id;
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	disk_init();
	hosted = (struct hosted){0};
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, path);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	if (is_spooled)
		(void)hosted_send_spooled(&hosted, &gate, "a", "gate reply", 3 * FAKE_WINDOW);
	else
		hosted_send(&hosted, &gate, "a", "gate reply");
	(void)sem_wait(&hosted.fake.at_gate);
	disk_arm(n, fault);
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&gate), HOST_CLOSED);
	assert_true(disk_fired());
	assert_int_equal(
		host_deliver(&id, hosted.host, BYTES_LIT("b"), BYTES_LIT("keep"), NULL, NULL),
		CONCLAVE_ERROR_STATE);
	host_facts(&facts, hosted.host);
	assert_false(facts.up);
	assert_non_null(strstr(hosted.log, "the host is down: a turn could not be committed: "));
	assert_null(strstr(hosted.log, "committed: \n")); /* it says why */
	disk_arm(1, DISK_POWER_CUT);
	hosted_close(&hosted);
	disk_power_cut(0);

	fake_machine_init(&hosted.fake);
	(void)sem_post(&hosted.fake.gate);
	hosted_store(&hosted, path);
	assert_int_equal(hosted_pending(&hosted), 1);
	assert_string_equal(hosted_take(&hosted, "a"), "");
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "b", "keep"), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "a"), "reply");
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	hosted_close(&hosted);
	temp_folder_remove(folder);
}

static void test_commit_fails(void **state)
{
	(void)state;
	for (int is_spooled = 0; is_spooled < 2; is_spooled++) {
		commit_fails(1, DISK_FAIL_ONCE, is_spooled);
		commit_fails(3, DISK_FAIL_ONCE, is_spooled);
		commit_fails(1, DISK_POWER_CUT, is_spooled);
		commit_fails(4, DISK_POWER_CUT, is_spooled);
	}
}

/* A mail that cannot be kept is not accepted, and the enclave never sees it. */
static void test_put_fails(void **state)
{
	static struct hosted hosted;
	struct host_facts facts;
	char folder[64], path[128];
	uint64_t id;
	(void)state;
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	disk_init();
	fake_machine_init(&hosted.fake);
	hosted_store(&hosted, path);
	assert_int_equal(hosted_host(&hosted, (struct host_options){0}), CONCLAVE_OK);
	assert_int_equal(hosted_mail(&hosted, "a", "keep"), HOST_HANDLED);
	disk_arm(1, DISK_FAIL_ONCE);
	assert_int_equal(
		host_deliver(&id, hosted.host, BYTES_LIT("a"), BYTES_LIT("keep"), NULL, NULL),
		CONCLAVE_ERROR_IO);
	struct store_spool *spool = hosted_spool(NULL, &hosted, "keep", FAKE_WINDOW);
	disk_arm(1, DISK_FAIL_ONCE);
	assert_int_equal(host_deliver_spooled(&id, hosted.host, BYTES_LIT("a"), spool, NULL, NULL),
		CONCLAVE_ERROR_IO);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	assert_int_equal(hosted_mail(&hosted, "a", "echo x"), HOST_HANDLED);
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.mails, 2);
	hosted_close(&hosted);
	disk_init();
	temp_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit_fails),
		cmocka_unit_test(test_put_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
