/* R3's check that an enclave has not lost its memory (docs/spec/client.md, section 9). */
#ifndef CLIENT_STATE_ID_H
#define CLIENT_STATE_ID_H

#include "client/client.h"

/* Of a mail that is news. Whether the state it comes from follows from the one that this client saw
 * last; true when it does not speak of states. The state it comes from is the last seen then. */
bool state_id_follows(struct conclave_client *client, struct bytes private_header);

#endif
