/* Requests that wait for their turn, in order. Not locked: the host does that. */
#ifndef HOST_QUEUE_H
#define HOST_QUEUE_H

#include "host/turn.h"

struct queue {
	struct request *first, *last;
	size_t size; /* bytes of frames */
};

void queue_append(struct queue *queue, struct request *request);
/* Put a list back in front of everything. */
void queue_return(struct queue *queue, struct request *list);
/* Take what one turn can take: at least one, at most count_max (0: any number) requests and
 * window_size bytes. A request that was in a crash goes alone, and so does a STREAM: who else is in
 * its turn would have to wait for all of it. A turn has one REPORT at most, and it comes first. */
struct request *queue_take(struct queue *queue, size_t window_size, uint32_t count_max);
/* Everything. */
struct request *queue_take_all(struct queue *queue);

#endif
