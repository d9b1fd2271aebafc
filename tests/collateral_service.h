/* Plays Intel's and AMD's services on a loopback port, from answers that are put in, in every
 * manner in which a service can misbehave. */
#ifndef TESTS_COLLATERAL_SERVICE_H
#define TESTS_COLLATERAL_SERVICE_H

#include <semaphore.h>

#include "attest_forge.h"
#include "client/loopback.h"

enum service_manner {
	SERVICE_RIGHT,
	SERVICE_SILENT,	   /* hears the request and never answers */
	SERVICE_CUT,	   /* hangs up in the middle of the body */
	SERVICE_OVERSIZED, /* a body without end */
};

struct service_answer {
	char path[256]; /* with the query */
	char status[64];
	char headers[16384]; /* lines, each with its end */
	struct bytes body;   /* the caller's */
	enum service_manner manner;
};

#define SERVICE_ANSWERS_MAX 16u

struct service {
	struct loopback loopback;
	struct service_answer answers[SERVICE_ANSWERS_MAX];
	size_t answer_count;
	char url[64];
	_Atomic unsigned requests;
	sem_t heard;	      /* posted for each */
	char last_head[4096]; /* of the last request */
};

void service_start(struct service *service);
void service_stop(struct service *service);

/* The answer of a path, made with status 200 and nothing else if there is none yet. */
struct service_answer *service_answer(struct service *service, const char *path);
/* Add a header to an answer; a chain goes percent-encoded. */
void service_header(struct service_answer *answer, const char *name, const char *value);
void service_chain(struct service_answer *answer, const char *name, struct bytes pem);

#define SERVICE_PCK_CRL "/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
#define SERVICE_ROOT_CRL "/sgx/certification/v4/rootcacrl"
#define SERVICE_TCB_INFO "/sgx/certification/v4/tcb?fmspc=00C0FFEE0000"
#define SERVICE_QE_IDENTITY "/sgx/certification/v4/qe/identity"
/* Answer as Intel's service does, with what a forge has made; it must stay. */
void service_put_forge(struct service *service, const struct forge *forge);

#endif
