/* Random work on a store and on a model of it; after every step, and over reopening, they agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "property/random.h"
#include "store_world.h"
#include "temp_folder.h"

#define STEPS 400

static struct world model;
static struct store *store;
static uint64_t last_mail, last_post;
static char path[128];

static void text_make(struct world_entry *entry)
{
	size_t size = random_below(sizeof(entry->text) - 1);
	memset(entry->text, 0, sizeof(entry->text));
	for (size_t i = 0; i < size; i++)
		entry->text[i] = (char)('a' + random_below(26));
}

static void entry_drop(struct world_entry *entries, size_t *count, size_t index)
{
	--*count;
	memmove(&entries[index], &entries[index + 1], (*count - index) * sizeof(*entries));
}

static void step_put(void)
{
	struct world_entry *mail = &model.mails[model.mails_count];
	if (model.mails_count == WORLD_MAX - 1)
		return;
	*mail = (struct world_entry){.route = 1 + random_below(WORLD_ROUTES)};
	text_make(mail);
	struct bytes text = bytes_of(mail->text, strlen(mail->text));
	if (text.len > 0 && random_below(3) == 0) {
		assert_int_equal(world_spool(&mail->id, store, mail->route, text), CONCLAVE_OK);
		mail->spooled = text.len;
	} else {
		assert_int_equal(store->ops->put(&mail->id, store, mail->route, text), CONCLAVE_OK);
	}
	assert_true(mail->id > last_mail);
	last_mail = mail->id;
	model.mails_count++;
}

/* The model keeps posts as the table tells them: by route, then in order. */
static void post_insert(const struct world_entry *post)
{
	size_t at = 0;
	while (at < model.posts_count && model.posts[at].route <= post->route)
		at++;
	memmove(&model.posts[at + 1], &model.posts[at],
		(model.posts_count - at) * sizeof(*model.posts));
	model.posts[at] = *post;
	model.posts_count++;
}

static void step_commit(void)
{
	struct world_entry entries[8];
	struct store_post posts[8];
	uint64_t done[8];
	struct store_turn turn = {.posts = posts, .done = done, .version = random_next()};
	if (model.posts_count > WORLD_MAX - 10)
		return;
	for (; turn.posts_count < random_below(8); turn.posts_count++) {
		struct world_entry *entry = &entries[turn.posts_count];
		*entry = (struct world_entry){
			.route = 1 + random_below(WORLD_ROUTES), .mail_id = random_below(4)};
		text_make(entry);
		posts[turn.posts_count] = (struct store_post){
			entry->mail_id, entry->route, bytes_of(entry->text, strlen(entry->text))};
	}
	for (; turn.done_count < random_below(8) && model.mails_count > 0; turn.done_count++) {
		size_t index = random_below(model.mails_count);
		done[turn.done_count] = model.mails[index].id;
		entry_drop(model.mails, &model.mails_count, index);
	}
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	for (size_t i = 0; i < turn.posts_count; i++) {
		entries[i].id = ++last_post;
		post_insert(&entries[i]);
	}
	model.version = turn.version;
}

/* The oldest of a route, of one mail or of any. */
static void step_reply(void)
{
	uint64_t id, route = 1 + random_below(WORLD_ROUTES), mail_id = random_below(4);
	uint64_t after = random_below((size_t)last_post + 2);
	char text[32] = "";
	const struct world_entry *wanted = NULL;
	for (size_t i = 0; i < model.posts_count && wanted == NULL; i++) {
		const struct world_entry *post = &model.posts[i];
		if (post->route == route && (mail_id == 0 || post->mail_id == mail_id) &&
			post->id > after)
			wanted = post;
	}
	struct writer out = writer_of((struct buffer){(uint8_t *)text, sizeof(text) - 1});
	assert_int_equal(store->ops->reply(&id, &out, store, route, mail_id, after), CONCLAVE_OK);
	assert_int_equal(id, wanted != NULL ? wanted->id : 0);
	assert_string_equal(text, wanted != NULL ? wanted->text : "");
}

static void step_remove(void)
{
	if (model.posts_count == 0)
		return;
	size_t index = random_below(model.posts_count);
	assert_int_equal(store->ops->remove(store, model.posts[index].id), CONCLAVE_OK);
	entry_drop(model.posts, &model.posts_count, index);
}

/* Bytes of all that is spooled. */
static uint64_t spooled(void)
{
	uint64_t size = 0;
	for (size_t i = 0; i < model.mails_count; i++)
		size += model.mails[i].spooled;
	return size;
}

static void step_reopen(void)
{
	store->ops->close(store);
	assert_int_equal(store_open_sqlite(&store, path, NULL), CONCLAVE_OK);
}

static void test_store_against_model(void **state)
{
	struct world seen;
	char folder[64];
	(void)state;
	print_message("seed %llu\n", (unsigned long long)random_seed(20240401));
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	assert_int_equal(store_open_sqlite(&store, path, NULL), CONCLAVE_OK);
	for (int step = 0; step < STEPS; step++) {
		switch (random_below(16)) {
		case 0: step_reopen(); break;
		case 1:
		case 2:
		case 3: step_commit(); break;
		case 4:
		case 5: step_remove(); break;
		case 6:
		case 7:
		case 8: step_reply(); break;
		default: step_put(); break;
		}
		assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
		assert_true(world_equal(&seen, &model));
		assert_int_equal(store->ops->spool_size(store), spooled());
	}
	store->ops->close(store);
	temp_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_against_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
