#include "attest/words.h"

#include <stdarg.h>
#include <stdio.h>

#include "attest/calendar.h"
#include "attest/json_view.h"
#include "attest/tcb.h"
#include "base/hex.h"
#include "base/report.h"

/* Text that grows in a fixed space and is cut at its end. */
struct text {
	char *start;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(text->start + text->used, text->size - text->used, format, arguments);
	va_end(arguments);
	if (len > 0)
		text->used += (size_t)len < text->size - text->used ? (size_t)len
								    : text->size - text->used - 1;
}

static struct text begin(char *start, size_t size)
{
	start[0] = '\0';
	return (struct text){start, size, 0};
}

const char *attest_mode_text(enum attest_mode mode)
{
	static const char *const texts[] = {"RELEASE", "DEBUG", "SIMULATION", "MOCK"};
	return texts[mode];
}

const char *attest_level_text(enum attest_level level)
{
	static const char *const texts[] = {"INSECURE", "STALE", "SECURE"};
	return texts[level];
}

static bool lists(const struct json_view *array, struct bytes wanted)
{
	struct json_view element;
	struct bytes id;
	for (struct reader ids = json_view_elements(array); json_view_next(&element, &ids);)
		if (json_view_text(&id, &element) == CONCLAVE_OK && bytes_equal(id, wanted))
			return true;
	return false;
}

/* The ids of one list that are not in another; count of those said so far. */
static size_t add_list(struct text *text, const struct json_view *array,
	const struct json_view *said, size_t count)
{
	struct json_view element;
	struct bytes id;
	for (struct reader ids = json_view_elements(array); json_view_next(&element, &ids);) {
		if (json_view_text(&id, &element) != CONCLAVE_OK || lists(said, id))
			continue;
		add(text, count++ == 0 ? " For further details see Advisory IDs " : ", ");
		add(text, "%.*s", (int)id.len, (const char *)id.ptr);
	}
	return count;
}

static void add_advisories(struct text *text, const struct attest_claims *claims)
{
	const struct json_view none = {{NULL, 0}}, platform = {claims->platform_advisories},
			       qe = {claims->qe_advisories};
	size_t count = add_list(text, &platform, &none, 0);
	if (add_list(text, &qe, &platform, count) > 0)
		add(text, ".");
}

#define VERIFIED "The signature of the ISV enclave QUOTE has been verified correctly"
#define NOT_REVOKED \
	" The platform has not been identified as compromised and thus it is not revoked."

static const char *platform_reason(enum attest_tcb_status status)
{
	switch (status) {
	case TCB_UP_TO_DATE:
		return "A signature of the ISV enclave QUOTE was verified correctly and the TCB "
		       "level of the SGX platform is up-to-date.";
	case TCB_SW_HARDENING_NEEDED:
		return VERIFIED " but due to certain issues affecting the platform, additional "
				"software hardening in the attesting SGX enclaves may be needed.";
	case TCB_CONFIGURATION_NEEDED:
		return VERIFIED ", but additional configuration of SGX platform may be "
				"needed." NOT_REVOKED;
	case TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return VERIFIED
			" but additional configuration for the platform and software "
			"hardening in the attesting SGX enclaves may be needed." NOT_REVOKED;
	case TCB_OUT_OF_DATE:
		return VERIFIED ", but the TCB level of SGX platform is outdated." NOT_REVOKED;
	case TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
		return VERIFIED ", but the TCB level of SGX platform is outdated and additional "
				"configuration of it may be needed." NOT_REVOKED;
	case TCB_REVOKED:
		return "The TCB level of SGX platform is revoked. The platform is not "
		       "trustworthy.";
	/* Of trust domains, which R3's words do not know. */
	case TCB_TD_RELAUNCH_ADVISED:
	case TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
	case TCB_NOT_APPLICABLE: break;
	}
	return "Nothing is known of the platform.";
}

static const char *debug_preamble(enum attest_tcb_status status)
{
	switch (status) {
	case TCB_UP_TO_DATE:
		return "However the security status of the underlying hardware is secure";
	case TCB_REVOKED: return "The security status of the underlying hardware is also insecure";
	case TCB_NOT_APPLICABLE:
	case TCB_SW_HARDENING_NEEDED:
	case TCB_CONFIGURATION_NEEDED:
	case TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
	case TCB_OUT_OF_DATE:
	case TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
	case TCB_TD_RELAUNCH_ADVISED:
	case TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED: break;
	}
	return "The security status of the underlying hardware is stale";
}

/* What the platform plays, for rehearsals: it makes nothing better or worse. */
static void add_rehearsal(struct text *text, const struct attest_claims *claims)
{
	struct bytes status = tcb_status_text(claims->tcb_status);
	add(text, " Its quote is genuine in form only: the keys of the simulated platform are "
		  "public, so anyone can make one. The simulated TCB status is ");
	add(text, "%.*s.", (int)status.len, (const char *)status.ptr);
	add_advisories(text, claims);
}

static void add_reason(struct text *text, const struct attest_claims *claims)
{
	switch (claims->mode) {
	case ATTEST_MOCK: add(text, "Enclave is running in mock mode."); return;
	case ATTEST_SIMULATION:
		add(text, "Enclave is running in simulation mode.");
		if (claims->has_quote)
			add_rehearsal(text, claims);
		return;
	case ATTEST_DEBUG:
		add(text, "Enclave is running in debug mode and is thus INSECURE. %s: ",
			debug_preamble(claims->tcb_status));
		break;
	case ATTEST_RELEASE: break;
	}
	add(text, "%s", platform_reason(claims->tcb_status));
	add_advisories(text, claims);
}

static void add_hex(struct text *text, struct bytes from)
{
	char hex[2 * 64 + 1];
	add(text, "%s", hex_encode_upper(hex, from));
}

/* As java.time.Instant prints itself: no fraction, or three, six or nine digits of it. */
static void add_instant(struct text *text, int64_t seconds, uint32_t nanosecond)
{
	uint8_t date[CALENDAR_TEXT_SIZE];
	struct writer writer = writer_of((struct buffer){date, sizeof(date)});
	calendar_write(&writer, seconds);
	add(text, "%.*s", CALENDAR_TEXT_SIZE - 1, (const char *)date); /* without the Z */
	if (nanosecond % 1000 != 0)
		add(text, ".%09u", nanosecond);
	else if (nanosecond % 1000000 != 0)
		add(text, ".%06u", nanosecond / 1000);
	else if (nanosecond != 0)
		add(text, ".%03u", nanosecond / 1000000);
	add(text, "Z");
}

void attest_summary(char *text, size_t size, const struct attest_claims *claims)
{
	static const char *const modes[] = {"release", "debug", "simulation", "mock"};
	struct text out = begin(text, size);
	add(&out, "%s enclave, %s, signed by ", modes[claims->mode],
		attest_level_text(claims->level));
	add_hex(&out, BYTES_OF(claims->report.mrsigner));
	add(&out, ", product %u, revocation level %u", claims->product_id,
		claims->revocation_level);
}

void attest_reason(char *text, size_t size, const struct attest_claims *claims)
{
	struct text out = begin(text, size);
	add_reason(&out, claims);
}

void attest_words(char *text, size_t size, const struct attest_claims *claims)
{
	struct text out = begin(text, size);
	add(&out, "Remote attestation for enclave ");
	add_hex(&out, BYTES_OF(claims->report.mrenclave));
	add(&out, ":\n  - Mode: %s\n  - Code signer: ", attest_mode_text(claims->mode));
	add_hex(&out, BYTES_OF(claims->report.mrsigner));
	/* The key as an X.509 SubjectPublicKeyInfo, which is how R3 shows it. */
	add(&out, "\n  - Session signing key: 302A300506032B6570032100");
	add_hex(&out, BYTES_OF(claims->signing_key));
	add(&out, "\n  - Session encryption key: ");
	add_hex(&out, BYTES_OF(claims->encryption_key));
	add(&out, "\n  - Product ID: %u\n  - Revocation level: %u\n\n", claims->product_id,
		claims->revocation_level);
	add(&out, "Assessed security level at ");
	add_instant(&out, claims->timestamp, claims->timestamp_nanosecond);
	add(&out, " is %s\n  - ", attest_level_text(claims->level));
	add_reason(&out, claims);
}

void attest_refusal(
	struct conclave_report *report, enum conclave_error error, enum attest_check check)
{
	if (check == ATTEST_CHECK_NONE || check == ATTEST_CHECK_FORMAT)
		report_fill(report, "the attestation is not one that can be verified: %s",
			conclave_error_text(error));
	else if (error == CONCLAVE_ERROR_EXPIRED)
		report_fill(report,
			"the attestation is genuine but not valid at this time: %s has expired or "
			"is not yet valid; ask the host for a new one",
			attest_check_text(check));
	else
		report_fill(report, "the attestation is refused at %s: %s",
			attest_check_text(check), conclave_error_text(error));
}
