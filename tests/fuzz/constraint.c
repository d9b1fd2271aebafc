/* What parses has a canonical text, which parses to the same. */
#include "attest/constraint.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t first[CONSTRAINT_TEXT_MAX + 64], second[CONSTRAINT_TEXT_MAX + 64];
	struct conclave_report report;
	struct constraint constraint, again;
	struct writer text = writer_of((struct buffer){first, sizeof(first)});
	struct writer text_again = writer_of((struct buffer){second, sizeof(second)});
	if (constraint_parse_unchecked(&constraint, bytes_of(data, size), &report) != CONCLAVE_OK) {
		ASSERT(memchr(report.text, '\0', sizeof(report.text)) != NULL);
		return 0;
	}
	ASSERT(constraint_write(&text, &constraint) == CONCLAVE_OK);
	ASSERT(constraint_parse_unchecked(&again, writer_bytes(&text), &report) == CONCLAVE_OK);
	ASSERT(constraint_write(&text_again, &again) == CONCLAVE_OK);
	ASSERT(bytes_equal(writer_bytes(&text), writer_bytes(&text_again)));
	return 0;
}
