/* Which padding policy a client's mail has, and how much it shares. */
#include "base/report.h"
#include "client/client.h"

struct padding client_padding_fresh(const struct padding *like)
{
	switch (like->policy) {
	case PADDING_LARGEST: return padding_largest();
	case PADDING_AVERAGE: return padding_average();
	case PADDING_NONE:
	case PADDING_FIXED:
	case PADDING_POWERS:
	case PADDING_OWN: break;
	}
	return *like; /* nothing is learnt */
}

/* One film among letters would have the average make films of them all. */
static bool learns_from(const struct padding *padding, uint64_t body_size)
{
	return padding->policy != PADDING_AVERAGE || body_size <= CLIENT_MAIL_SIZE_MAX;
}

uint64_t client_padding_next(
	struct conclave_client *client, struct topic *topic, uint64_t body_size)
{
	struct padding *padding = client->padding_shared ? &client->padding : &topic->padding;
	struct padding as_it_was = *padding;
	return padding_next(learns_from(padding, body_size) ? padding : &as_it_was, body_size);
}

static bool same_policy(const struct padding *a, const struct padding *b)
{
	return a->policy == b->policy && (a->policy != PADDING_FIXED || a->figure == b->figure);
}

static void set(struct conclave_client *client, const struct padding *padding, bool shared)
{
	if (!same_policy(&client->padding, padding))
		client->padding = *padding;
	for (struct topic *topic = client->topics; topic != NULL; topic = topic->next)
		if (!same_policy(&topic->padding, padding))
			topic->padding = *padding;
	client->padding_shared = shared;
}

enum conclave_error conclave_client_set_padding(struct conclave_client *client,
	enum conclave_padding policy, uint64_t size, bool shared, struct conclave_report *report)
{
	struct padding padding = {0};
	switch (policy) {
	case CONCLAVE_PADDING_NONE: break;
	case CONCLAVE_PADDING_FIXED: padding = padding_fixed(size); break;
	case CONCLAVE_PADDING_LARGEST: padding = padding_largest(); break;
	case CONCLAVE_PADDING_AVERAGE: padding = padding_average(); break;
	case CONCLAVE_PADDING_POWERS: padding = padding_powers(); break;
	}
	if (policy != CONCLAVE_PADDING_NONE &&
		(padding.policy == PADDING_NONE || padding.figure > CLIENT_MAIL_SIZE_MAX)) {
		report_fill(report, "padding: one of the policies, and a fixed size from 1 byte to "
				    "64 MiB");
		return CONCLAVE_ERROR_ARGUMENT;
	}
	set(client, &padding, shared);
	return CONCLAVE_OK;
}

void conclave_client_set_padding_function(struct conclave_client *client,
	uint64_t (*seems)(void *context, uint64_t body_size), void *context)
{
	struct padding padding = padding_own(seems, context);
	/* Another function may have been there. */
	client->padding = (struct padding){0};
	for (struct topic *topic = client->topics; topic != NULL; topic = topic->next)
		topic->padding = (struct padding){0};
	set(client, &padding, false);
}
