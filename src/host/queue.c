#include "host/queue.h"

void queue_append(struct queue *queue, struct request *request)
{
	request->next = NULL;
	if (queue->last != NULL)
		queue->last->next = request;
	else
		queue->first = request;
	queue->last = request;
	queue->size += request_size(request);
}

void queue_return(struct queue *queue, struct request *list)
{
	if (list == NULL)
		return;
	struct request *last = list;
	queue->size += request_size(last);
	for (; last->next != NULL; last = last->next)
		queue->size += request_size(last->next);
	last->next = queue->first;
	queue->first = list;
	if (queue->last == NULL)
		queue->last = last;
}

static bool goes_alone(const struct request *request)
{
	return request->crashes > 0 || request->type == FRAME_STREAM;
}

struct request *queue_take(struct queue *queue, size_t window_size, uint32_t count_max)
{
	struct request *batch = queue->first, *last = batch;
	if (batch == NULL)
		return NULL;
	size_t room = window_size - TURN_SIZE_MIN - request_size(batch);
	size_t most = FRAME_REQUESTS_MAX(window_size) - 1; /* the TICK is one */
	if (count_max == 0 || count_max > most)
		count_max = (uint32_t)most;
	queue->size -= request_size(batch);
	for (uint32_t count = 1; last->next != NULL && count < count_max; count++) {
		struct request *next = last->next;
		bool is_alone = goes_alone(batch) || goes_alone(next);
		if (is_alone || next->type == FRAME_REPORT || request_size(next) > room)
			break;
		room -= request_size(next);
		queue->size -= request_size(next);
		last = next;
	}
	queue->first = last->next;
	if (queue->first == NULL)
		queue->last = NULL;
	last->next = NULL;
	return batch;
}

struct request *queue_take_all(struct queue *queue)
{
	struct request *all = queue->first;
	*queue = (struct queue){0};
	return all;
}
