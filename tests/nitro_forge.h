/* Attestation documents made to order, under a root of the tests' own, every part of which can be
 * made wrong.
 *
 *   nitro_forge_init(&forge);
 *   forge.leaf.not_after = 0;                        spoil something
 *   nitro_forge_make(&forge);                        sign it all
 *   nitro_verify(&claims, &failed, forge.document, &forge.root, NITRO_FORGE_NOW, NULL)
 *   nitro_forge_free(&forge); */
#ifndef TESTS_NITRO_FORGE_H
#define TESTS_NITRO_FORGE_H

#include "attest/nitro.h"
#include "x509_forge.h"

#define NITRO_FORGE_START INT64_C(1735689600) /* 2025-01-01T00:00:00Z */
#define NITRO_FORGE_END INT64_C(1893456000)   /* 2030-01-01T00:00:00Z */
#define NITRO_FORGE_NOW INT64_C(1800000000)

#define NITRO_FORGE_MEMBERS_MAX 12
#define NITRO_FORGE_KEYS 4

struct nitro_forge_member {
	const char *name;
	struct bytes value; /* encoded; ptr NULL for certificate and cabundle, which are made */
};

struct nitro_forge {
	EVP_PKEY *keys[NITRO_FORGE_KEYS]; /* of the leaf, the lower CA, the upper CA, the root */
	struct x509_forge leaf, bundle[NITRO_CABUNDLE_COUNT_MAX + 1]; /* root first */
	size_t bundle_count;
	struct nitro_forge_member members[NITRO_FORGE_MEMBERS_MAX];
	size_t member_count;
	bool is_streamed;		 /* the payload as a map of indefinite length */
	struct bytes tag;		 /* what comes before the array; empty at first */
	struct bytes protected_header;	 /* the encoded map */
	struct bytes unprotected_header; /* the encoded map */
	EVP_PKEY *signer;

	struct p384_public root;
	struct bytes payload, document; /* the result */
	uint8_t pool[1 << 17];
	size_t used;
};

void nitro_forge_init(struct nitro_forge *forge);
void nitro_forge_make(struct nitro_forge *forge);
void nitro_forge_free(struct nitro_forge *forge);
/* The member of this name. */
struct nitro_forge_member *nitro_forge_member(struct nitro_forge *forge, const char *name);
/* Make its value these bytes, which are copied. */
void nitro_forge_set_bytes(struct nitro_forge *forge, const char *name, struct bytes value);

#endif
