/* Ephemeral keys made ahead: for who has idle time. */
#include "mail/cache.h"

void ephemeral_stock_init(struct ephemeral_stock *stock, struct x25519_pair *keys, size_t capacity)
{
	*stock = (struct ephemeral_stock){.keys = keys, .capacity = capacity};
}

void ephemeral_stock_wipe(struct ephemeral_stock *stock)
{
	if (stock->count != 0)
		wipe(stock->keys, stock->count * sizeof(*stock->keys));
	stock->count = 0;
}

enum conclave_error ephemeral_put(struct ephemeral_stock *stock, const struct x25519_secret *random)
{
	if (stock->count == stock->capacity)
		return CONCLAVE_ERROR_SPACE;
	x25519_pair_init(&stock->keys[stock->count++], random);
	return CONCLAVE_OK;
}

enum conclave_error ephemeral_take(struct x25519_pair *out, struct ephemeral_stock *stock)
{
	if (stock->count == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	struct x25519_pair *key = &stock->keys[--stock->count];
	*out = *key;
	wipe(key, sizeof(*key));
	return CONCLAVE_OK;
}
