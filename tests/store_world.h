/* What a store holds, read back through its table: for comparing with what it should hold. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

#define WORLD_MAX 160u
#define WORLD_ROUTES 3u

struct world_entry {
	uint64_t id, route, mail_id, spooled;
	char text[32];
};

struct world {
	struct world_entry mails[WORLD_MAX], posts[WORLD_MAX];
	size_t mails_count, posts_count;
	uint64_t version;
};

static bool world_mail(void *context, const struct store_mail *mail)
{
	struct world *world = context;
	struct world_entry *entry = &world->mails[world->mails_count++];
	*entry = (struct world_entry){
		.id = mail->id, .route = mail->route, .spooled = mail->spooled};
	if (mail->mail.len > 0)
		memcpy(entry->text, mail->mail.ptr, mail->mail.len < 31 ? mail->mail.len : 31);
	return world->mails_count < WORLD_MAX;
}

/* The first 31 bytes of each spooled mail, and whether its last one is there. */
static inline enum conclave_error world_read_spooled(struct world *world, struct store *store)
{
	enum conclave_error error = CONCLAVE_OK;
	for (size_t i = 0; i < world->mails_count && error == CONCLAVE_OK; i++) {
		struct world_entry *mail = &world->mails[i];
		uint8_t last;
		size_t size = mail->spooled < 31 ? (size_t)mail->spooled : 31;
		if (mail->spooled == 0)
			continue;
		error = store->ops->read(
			(struct buffer){(uint8_t *)mail->text, size}, store, mail->id, 0);
		if (error == CONCLAVE_OK)
			error = store->ops->read(
				(struct buffer){&last, 1}, store, mail->id, mail->spooled - 1);
	}
	return error;
}

/* Keep a mail by way of the spool, written in two parts. */
static inline enum conclave_error world_spool(
	uint64_t *id, struct store *store, uint64_t route, struct bytes mail)
{
	struct store_spool *spool;
	enum conclave_error error = store->ops->spool_begin(&spool, store);
	if (error != CONCLAVE_OK)
		return error;
	error = store->ops->spool_write(spool, bytes_slice(mail, 0, mail.len / 2));
	if (error == CONCLAVE_OK)
		error = store->ops->spool_write(spool, bytes_slice(mail, mail.len / 2, mail.len));
	if (error == CONCLAVE_OK)
		error = store->ops->spool_put(id, spool, route);
	if (error != CONCLAVE_OK)
		store->ops->spool_abandon(spool);
	return error;
}

/* Routes 1 to WORLD_ROUTES. posts[].mail_id is not told by the table and stays 0. */
static inline enum conclave_error world_read(struct world *world, struct store *store)
{
	memset(world, 0, sizeof(*world));
	enum conclave_error error = store->ops->version(&world->version, store);
	if (error == CONCLAVE_OK)
		error = store->ops->pending(store, 0, world_mail, world);
	if (error == CONCLAVE_OK)
		error = world_read_spooled(world, store);
	for (uint64_t route = 1; route <= WORLD_ROUTES && error == CONCLAVE_OK; route++) {
		for (uint64_t after = 0;;) {
			struct world_entry *entry = &world->posts[world->posts_count];
			struct writer out = writer_of((struct buffer){(uint8_t *)entry->text, 31});
			error = store->ops->reply(&entry->id, &out, store, route, 0, after);
			if (error != CONCLAVE_OK || entry->id == 0)
				break;
			entry->route = route;
			after = entry->id;
			world->posts_count++;
		}
	}
	return error;
}

static inline bool world_equal(const struct world *a, const struct world *b)
{
	if (a->version != b->version || a->mails_count != b->mails_count ||
		a->posts_count != b->posts_count)
		return false;
	for (size_t i = 0; i < a->mails_count; i++)
		if (a->mails[i].id != b->mails[i].id || a->mails[i].route != b->mails[i].route ||
			a->mails[i].spooled != b->mails[i].spooled ||
			strcmp(a->mails[i].text, b->mails[i].text) != 0)
			return false;
	for (size_t i = 0; i < a->posts_count; i++)
		if (a->posts[i].id != b->posts[i].id || a->posts[i].route != b->posts[i].route ||
			strcmp(a->posts[i].text, b->posts[i].text) != 0)
			return false;
	return true;
}

#endif
