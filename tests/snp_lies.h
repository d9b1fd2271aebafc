/* Lies about reports of SEV-SNP, one per row: each must be refused, at the check whose business it
 * is. For tests that include cmocka.h before. */
#ifndef TESTS_SNP_LIES_H
#define TESTS_SNP_LIES_H

#include "snp_forge.h"

struct snp_lie {
	const char *name;
	void (*spoil)(struct snp_forge *forge);
	enum conclave_error error;
	enum snp_check check;
};

#define SNP_LIE(spoil, error, check)                                     \
	{                                                                \
#spoil, spoil, CONCLAVE_ERROR_##error, SNP_CHECK_##check \
	}

static inline enum conclave_error snp_forge_verify(
	struct snp_claims *claims, enum snp_check *failed, const struct snp_forge *forge)
{
	return snp_verify(claims, failed, NULL, &forge->evidence, &forge->roots, SNP_FORGE_NOW);
}

/* About a VCEK of Milan's. */
static inline void snp_lies_check(struct snp_forge *forge, const struct snp_lie *lies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct snp_claims claims;
		enum snp_check failed;
		snp_forge_init(forge, SNP_MILAN, false);
		lies[i].spoil(forge);
		snp_forge_make(forge);
		enum conclave_error error = snp_forge_verify(&claims, &failed, forge);
		if (error != lies[i].error || failed != lies[i].check)
			fail_msg("%s: %s at %s", lies[i].name, conclave_error_name(error),
				snp_check_text(failed));
		snp_forge_free(forge);
	}
}

#endif
