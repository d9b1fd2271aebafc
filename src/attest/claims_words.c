#include "attest/claims_words.h"

#include "attest/finding.h"
#include "attest/tcb_level.h"

static void say(char *text, size_t size, struct bytes part)
{
	finding_add(text, size, part);
}

static bool is_intel(const struct claims *claims)
{
	return claims->platform == CLAIMS_SGX || claims->platform == CLAIMS_TDX;
}

/* -- why -- */

static struct bytes genuine_text(const struct claims *claims)
{
	switch (claims->platform) {
	case CLAIMS_SGX:
		return BYTES_LIT("The quote is genuine: an SGX platform, whose keys Intel vouches "
				 "for, signed it.");
	case CLAIMS_TDX:
		return BYTES_LIT("The quote is genuine: a TDX platform, whose keys Intel vouches "
				 "for, signed it.");
	case CLAIMS_SNP:
		return claims->snp.report.is_vlek
			       ? BYTES_LIT("The report is genuine: a machine of the cloud to which "
					   "AMD gave this key signed it.")
			       : BYTES_LIT("The report is genuine: a chip of AMD's signed it.");
	case CLAIMS_NITRO: break;
	}
	return BYTES_LIT("The document is genuine: an AWS Nitro hypervisor signed it.");
}

static struct bytes insecure_text(const struct claims *claims)
{
	switch (claims->mode) {
	case ATTEST_MOCK:
		return BYTES_LIT(
			"It runs in mock mode, outside any enclave, and nobody signed what "
			"it says of itself.");
	case ATTEST_SIMULATION:
		return claims->is_signed
			       ? BYTES_LIT("It runs in simulation mode: the keys of the simulated "
					   "platform are public, so anyone can make such a quote, "
					   "and its host sees its memory.")
			       : BYTES_LIT("It says that it runs in simulation mode, and nobody "
					   "signed that.");
	case ATTEST_DEBUG:
		return BYTES_LIT("It runs in debug mode: its host can read and change its memory.");
	case ATTEST_RELEASE: break;
	}
	return BYTES_LIT("");
}

static struct bytes status_reason(enum attest_tcb_status status)
{
	switch (status) {
	case TCB_NOT_APPLICABLE: break;
	case TCB_UP_TO_DATE:
		return BYTES_LIT(" Intel knows of nothing that is left to update on the platform.");
	case TCB_SW_HARDENING_NEEDED:
		return BYTES_LIT(" The platform is patched, but code that runs on it must be "
				 "hardened by its author.");
	case TCB_CONFIGURATION_NEEDED:
		return BYTES_LIT(" The platform is patched, but not configured as Intel advises.");
	case TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return BYTES_LIT(
			" The platform is patched, but not configured as Intel advises, and "
			"code that runs on it must be hardened by its author.");
	case TCB_OUT_OF_DATE:
		return BYTES_LIT(" The platform lacks updates: known attacks may work against it.");
	case TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
		return BYTES_LIT(" The platform lacks updates, and is not configured as Intel "
				 "advises: known attacks may work against it.");
	case TCB_REVOKED:
		return BYTES_LIT(" Intel has revoked the platform's level: its keys may be known, "
				 "and whoever has them can make such evidence.");
	case TCB_TD_RELAUNCH_ADVISED:
		return BYTES_LIT(
			" The platform was updated after the TD was launched: the TD still "
			"rests on what was there before.");
	case TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
		return BYTES_LIT(
			" The platform was updated after the TD was launched, which still "
			"rests on what was there before; and it is not configured as Intel "
			"advises.");
	}
	return BYTES_LIT("");
}

/* Of a platform that does not exist nothing is known but what it was told to say. */
static void add_status(char *text, size_t size, const struct claims *claims)
{
	if (claims->mode != ATTEST_SIMULATION) {
		say(text, size, status_reason(claims->quote.tcb_status));
		return;
	}
	say(text, size, BYTES_LIT(" The simulated TCB status is "));
	say(text, size, tcb_status_text(claims->quote.tcb_status));
	say(text, size, BYTES_LIT("."));
}

static void add_advisories(char *text, size_t size, const struct quote_advisories *advisories)
{
	for (size_t i = 0; i < advisories->count; i++) {
		say(text, size, i == 0 ? BYTES_LIT(" Advisories: ") : BYTES_LIT(", "));
		say(text, size, advisories->ids[i]);
	}
	if (advisories->count > 0)
		say(text, size, BYTES_LIT("."));
}

static struct bytes snp_reason(const struct claims *claims)
{
	return claims_level(claims) == ATTEST_STALE
		       ? BYTES_LIT(
				 " It runs newer firmware than it reports or has committed to, so "
				 "that its operator can go back to the older.")
		       : BYTES_LIT(" What it reports is the firmware that runs; whether that is "
				   "current AMD does not say, and only a policy's minimum can.");
}

void claims_reason(char *text, size_t size, const struct claims *claims)
{
	text[0] = '\0';
	if (claims->is_signed && claims->mode != ATTEST_SIMULATION)
		say(text, size, genuine_text(claims));
	if (claims->mode != ATTEST_RELEASE) {
		say(text, size, text[0] == '\0' ? BYTES_LIT("") : BYTES_LIT(" "));
		say(text, size, insecure_text(claims));
	}
	if (is_intel(claims) && claims->is_signed) {
		add_status(text, size, claims);
		add_advisories(text, size, &claims->quote.advisories);
	}
	if (claims->platform == CLAIMS_SNP)
		say(text, size, snp_reason(claims));
}

/* -- what to do -- */

static struct bytes status_remedy(enum attest_tcb_status status)
{
	switch (status) {
	case TCB_NOT_APPLICABLE:
	case TCB_UP_TO_DATE: break;
	case TCB_SW_HARDENING_NEEDED:
		return BYTES_LIT("Ask the author whether it is built with the mitigations of the "
				 "advisories; if it is, accept this status.");
	case TCB_CONFIGURATION_NEEDED:
	case TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return BYTES_LIT("Ask the operator to configure the firmware as the advisories say "
				 "(often: to switch hyperthreading off).");
	case TCB_OUT_OF_DATE:
	case TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
		return BYTES_LIT("Ask the operator to update BIOS and microcode, and to attest "
				 "anew.");
	case TCB_REVOKED: return BYTES_LIT("Do not use this platform.");
	case TCB_TD_RELAUNCH_ADVISED:
	case TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
		return BYTES_LIT("Ask the operator to launch the TD again.");
	}
	return BYTES_LIT("");
}

void claims_remedy(char *text, size_t size, const struct claims *claims)
{
	text[0] = '\0';
	if (claims->mode != ATTEST_RELEASE)
		say(text, size,
			BYTES_LIT(
				"Entrust nothing to it that is not made up; for anything else ask "
				"for it in release mode, on hardware."));
	else if (is_intel(claims))
		say(text, size, status_remedy(claims->quote.tcb_status));
	else if (claims_level(claims) == ATTEST_STALE)
		say(text, size,
			BYTES_LIT(
				"Ask the operator to commit the firmware that runs, and to report "
				"it."));
}

/* -- as of when -- */

static void say_until(char *text, size_t size, const struct claims *claims)
{
	say(text, size, BYTES_LIT("; all that was looked at is valid from "));
	finding_add_time(text, size, claims->validity.from);
	say(text, size, BYTES_LIT(" to "));
	finding_add_time(text, size, claims->validity.until);
}

void claims_dates(char *text, size_t size, const struct claims *claims, int64_t now)
{
	text[0] = '\0';
	say(text, size, BYTES_LIT("Verified as of "));
	finding_add_time(text, size, now);
	if (!claims->is_signed) {
		say(text, size, BYTES_LIT("; it gives itself the date "));
		finding_add_time(text, size, claims->date);
	} else if (is_intel(claims)) {
		say(text, size, BYTES_LIT(", by what the vendor knew on "));
		finding_add_time(text, size, claims->quote.known_until);
		say(text, size,
			BYTES_LIT(" (the quote itself has no date); everything known up to "));
		finding_add_time(text, size, claims->quote.tcb_date);
		say(text, size, BYTES_LIT(" is fixed on it"));
		say_until(text, size, claims);
	} else if (claims->platform == CLAIMS_NITRO) {
		say(text, size, BYTES_LIT("; the document was made at "));
		finding_add_time(text, size, claims->date);
		say_until(text, size, claims);
	} else {
		say(text, size,
			claims->snp.has_crl
				? BYTES_LIT(", by AMD's CRL of ")
				: BYTES_LIT(", without AMD's CRL: whether AMD has revoked its "
					    "certificates was not looked up"));
		if (claims->snp.has_crl)
			finding_add_time(text, size, claims->snp.crl_this_update);
		say(text, size, BYTES_LIT(" (the report itself has no date)"));
		say_until(text, size, claims);
	}
	say(text, size, BYTES_LIT("."));
}
