#include "client/state_id.h"

#define VERSION 1

struct states {
	struct bytes from;     /* the state the mail comes from */
	struct bytes expected; /* the one that the enclave believes was seen last; empty: none */
};

/* u8 1 | state id | nullable(state id). Whether the header speaks of states. */
static bool states_read(struct states *out, struct bytes private_header)
{
	struct reader reader = reader_of(private_header);
	struct states states = {0};
	uint8_t version = read_u8(&reader);
	states.from = read_bytes(&reader, CLIENT_STATE_ID_SIZE);
	uint8_t absent = read_u8(&reader);
	if (reader.failed || version != VERSION || absent > 1)
		return false;
	if (absent == 0)
		states.expected = read_bytes(&reader, CLIENT_STATE_ID_SIZE);
	if (reader_end(&reader) != CONCLAVE_OK)
		return false;
	*out = states;
	return true;
}

bool state_id_follows(struct conclave_client *client, struct bytes private_header)
{
	struct states states;
	if (!states_read(&states, private_header))
		return true;
	struct bytes seen =
		bytes_of(client->state_id, client->has_state_id ? CLIENT_STATE_ID_SIZE : 0);
	if (bytes_equal(seen, states.from)) /* another mail of the same turn */
		return true;
	bool follows = bytes_equal(seen, states.expected);
	client->has_state_id = true;
	memcpy(client->state_id, states.from.ptr, CLIENT_STATE_ID_SIZE);
	return follows;
}
