/* R3's REST endpoints over a fake enclave, as a loopback_answer. context: struct fake_enclave. */
#ifndef TESTS_CLIENT_FAKE_HOST_H
#define TESTS_CLIENT_FAKE_HOST_H

#include "client/fake_enclave.h"
#include "client/loopback.h"

loopback_answer fake_host_answer;

#endif
