#include "collateral/refresh.h"

#include <stdio.h>
#include <stdlib.h>

#include "attest/calendar.h"
#include "base/check.h"
#include "base/report.h"

#define DAY INT64_C(86400)
#define RENEW_SECONDS_MIN INT64_C(60)

/* One item on its way: what is at hand, and what has been found out about it. */
struct refresh {
	struct collateral *collateral;
	const struct collateral_item *item;
	int64_t now;
	char url[COLLATERAL_URL_SIZE];
	struct sha256 source; /* of the URL */
	struct check_means means;
	struct bytes chain; /* what the item is verified with, if its answer brings none */

	struct cache_entry entry; /* from the cache, or new */
	bool is_good;		  /* verified; it may have expired */
	struct check_dates dates;
	enum conclave_error error; /* why it could not be renewed; the note has the words */
	struct collateral_note *note;
};

static struct conclave_report *reason_of(struct refresh *r)
{
	return &r->note->reason;
}

static const char *date_text(char out[CALENDAR_TEXT_SIZE + 1], int64_t seconds)
{
	struct writer writer = writer_of((struct buffer){(uint8_t *)out, CALENDAR_TEXT_SIZE});
	calendar_write(&writer, seconds);
	out[writer.len] = '\0';
	return out;
}

/* -- what an item is verified with -- */

/* Whose answer brought the chain of items without one. Intel's root CRL: either CA's will do, this
 * is the i-th. */
static bool chain_item(struct collateral_item *out, const struct collateral_item *item, unsigned i)
{
	*out = (struct collateral_item){.family = item->family, .variant = item->variant};
	switch (item->kind) {
	case COLLATERAL_ROOT_CRL:
		out->kind = COLLATERAL_PCK_CRL;
		out->variant = i == 0 ? COLLATERAL_OTHER : COLLATERAL_PLAIN;
		return i < 2;
	case COLLATERAL_AMD_CRL:
	case COLLATERAL_VCEK: out->kind = COLLATERAL_AMD_CHAIN; return i < 1;
	case COLLATERAL_PCK_CRL:
	case COLLATERAL_TCB_INFO:
	case COLLATERAL_QE_IDENTITY:
	case COLLATERAL_AMD_CHAIN: break;
	}
	return false;
}

/* The root's CRL that an item's signers might be on. */
static bool crl_item(struct collateral_item *out, const struct collateral_item *item)
{
	*out = (struct collateral_item){.kind = COLLATERAL_ROOT_CRL, .family = item->family};
	if (item_is_amd(item)) {
		out->kind = COLLATERAL_AMD_CRL;
		out->variant = item->variant;
	}
	return item->kind != COLLATERAL_ROOT_CRL && item->kind != COLLATERAL_AMD_CRL;
}

/* An entry of the cache that is what its name says, whatever its age. */
static bool read_good(struct cache_entry *out, struct check_dates *dates,
	const struct collateral *collateral, const struct collateral_item *item,
	const struct check_means *means)
{
	CLEANUP(cache_entry_free) struct cache_entry entry = {0};
	if (cache_read(&entry, &collateral->cache, item, NULL) != CONCLAVE_OK ||
		check_item(dates, item, entry.chain, entry.body, means) != CONCLAVE_OK)
		return false;
	*out = entry;
	entry.memory.ptr = NULL;
	return true;
}

/* Entries that were read for their chain and their CRL. */
struct siblings {
	struct cache_entry chain, crl;
};

static void siblings_free(struct siblings *siblings)
{
	cache_entry_free(&siblings->chain);
	cache_entry_free(&siblings->crl);
}

static void find_means(struct siblings *out, struct refresh *r, const struct refresh_means *means)
{
	const struct check_means bare = {.roots = r->collateral->options.roots,
		.snp_roots = r->collateral->options.snp_roots};
	struct collateral_item sibling;
	struct check_dates dates;
	r->means = bare;
	r->means.crl = means->crl;
	r->chain = means->chain;
	for (unsigned i = 0; r->chain.len == 0 && chain_item(&sibling, r->item, i); i++)
		if (read_good(&out->chain, &dates, r->collateral, &sibling, &bare))
			r->chain = item_is_amd(r->item) ? out->chain.body : out->chain.chain;
	if (r->means.crl.len == 0 && crl_item(&sibling, r->item) &&
		read_good(&out->crl, &dates, r->collateral, &sibling, &bare))
		r->means.crl = out->crl.body;
}

/* -- when to ask -- */

/* A quarter of the life that is left, within bounds: often enough to hear of a revocation, seldom
 * enough for a service that counts. */
static int64_t renewal(const struct refresh *r, int64_t max_age)
{
	bool is_certificate =
		r->item->kind == COLLATERAL_AMD_CHAIN || r->item->kind == COLLATERAL_VCEK;
	int64_t most = is_certificate ? 30 * DAY : DAY;
	int64_t life = r->dates.validity.until - r->now;
	int64_t wait = life / 4 < most ? life / 4 : most;
	int64_t advice = max_age < life / 2 ? max_age : life / 2;
	if (wait < RENEW_SECONDS_MIN)
		wait = RENEW_SECONDS_MIN;
	return r->now + (wait > advice ? wait : advice);
}

static bool is_due(const struct refresh *r)
{
	return !r->is_good || !window_holds(&r->dates.validity, r->now) ||
	       r->now >= r->entry.renew || r->now < r->entry.fetched;
}

/* What a service asked for lies in the future, but no further than is ever believed: a clock that
 * was wrong once must not silence us. */
static bool must_wait(const struct refresh *r)
{
	return r->entry.not_before > r->now &&
	       r->entry.not_before - r->now <= (int64_t)FETCH_DELAY_MAX;
}

/* -- an answer -- */

static void store(struct refresh *r)
{
	struct conclave_report report = {""};
	if (cache_write(&r->collateral->cache, r->item, &r->entry, &report) != CONCLAVE_OK)
		report_fill(reason_of(r), "not kept: %.900s", report.text);
}

static enum conclave_error refuse(struct refresh *r, enum conclave_error error, const char *why)
{
	report_fill(reason_of(r), "%.700s: the answer is refused: %s", r->url, why);
	return error;
}

/* Whether it may take the place of what is cached. */
static enum conclave_error judge(
	struct check_dates *dates, struct refresh *r, struct bytes chain, struct bytes body)
{
	char text[96], date[CALENDAR_TEXT_SIZE + 1];
	enum conclave_error error = check_item(dates, r->item, chain, body, &r->means);
	if (error != CONCLAVE_OK)
		return refuse(r, error, conclave_error_text(error));
	if (r->now < dates->validity.from) {
		snprintf(text, sizeof(text), "not valid before %s",
			date_text(date, dates->validity.from));
		return refuse(r, CONCLAVE_ERROR_EXPIRED, text);
	}
	if (r->now > dates->validity.until) {
		snprintf(text, sizeof(text), "it expired on %s",
			date_text(date, dates->validity.until));
		return refuse(r, CONCLAVE_ERROR_EXPIRED, text);
	}
	if (r->is_good && dates->issued < r->dates.issued) {
		snprintf(text, sizeof(text), "issued on %s, before the one in the cache",
			date_text(date, dates->issued));
		return refuse(r, CONCLAVE_ERROR_SEQUENCE, text);
	}
	return CONCLAVE_OK;
}

/* Chain and body in one block. */
static enum conclave_error fill_entry(
	struct cache_entry *out, struct bytes chain, const struct fetched *fetched)
{
	struct bytes body = bytes_of(fetched->body.ptr, fetched->body.len);
	struct buffer memory = {malloc(chain.len + body.len), chain.len + body.len};
	if (memory.ptr == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of(memory);
	write_bytes(&writer, chain);
	write_bytes(&writer, body);
	*out = (struct cache_entry){.memory = memory,
		.chain = bytes_of(memory.ptr, chain.len),
		.body = bytes_of(memory.ptr + chain.len, body.len)};
	memcpy(out->etag, fetched->etag, sizeof(out->etag));
	return CONCLAVE_OK;
}

static enum conclave_error take_body(struct refresh *r, const struct fetched *fetched)
{
	struct bytes body = bytes_of(fetched->body.ptr, fetched->body.len);
	struct bytes chain = bytes_of(fetched->chain.ptr, fetched->chain.len);
	struct check_dates dates;
	struct cache_entry entry;
	if (chain.len == 0)
		chain = r->chain;
	TRY(judge(&dates, r, chain, body));
	TRY(fill_entry(&entry, chain, fetched));
	cache_entry_free(&r->entry);
	r->entry = entry;
	r->dates = dates;
	r->is_good = true;
	return CONCLAVE_OK;
}

/* 304: what is cached still stands; but that may be over. */
static enum conclave_error take_confirmation(struct refresh *r)
{
	if (window_holds(&r->dates.validity, r->now))
		return CONCLAVE_OK;
	return refuse(r, CONCLAVE_ERROR_EXPIRED, "it confirms what has expired");
}

static enum conclave_error take_answer(struct refresh *r, const struct fetched *fetched)
{
	switch (fetched->outcome) {
	case FETCH_LATER:
		r->entry.not_before = r->now + fetched->retry_after;
		r->entry.source = r->source;
		store(r);
		return CONCLAVE_ERROR_BUSY;
	case FETCH_BODY: TRY(take_body(r, fetched)); break;
	case FETCH_UNCHANGED: TRY(take_confirmation(r)); break;
	}
	r->entry.fetched = r->now;
	r->entry.not_before = 0;
	r->entry.source = r->source;
	r->entry.renew = renewal(r, fetched->max_age);
	store(r);
	return CONCLAVE_OK;
}

static enum conclave_error ask(struct refresh *r)
{
	CLEANUP(fetched_free) struct fetched fetched = {0};
	char date[CALENDAR_TEXT_SIZE + 1];
	struct collateral *collateral = r->collateral;
	const struct http_peer *peer = item_is_amd(r->item) ? &collateral->kds : &collateral->pcs;
	if (must_wait(r)) {
		report_fill(reason_of(r), "the service asked not to be asked before %s",
			date_text(date, r->entry.not_before));
		return CONCLAVE_ERROR_BUSY;
	}
	if (r->item->family == COLLATERAL_SIMULATION && collateral->options.pcs_url == NULL) {
		report_fill(reason_of(r), "a simulated platform: no vendor serves it");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	TRY(fetch_item(&fetched, collateral->curl, peer, r->item, r->url,
		r->is_good ? r->entry.etag : "", reason_of(r)));
	return take_answer(r, &fetched);
}

/* -- one item -- */

static void load(struct refresh *r)
{
	if (cache_read(&r->entry, &r->collateral->cache, r->item, NULL) != CONCLAVE_OK)
		return;
	r->is_good = check_item(&r->dates, r->item, r->entry.chain, r->entry.body, &r->means) ==
		     CONCLAVE_OK;
	/* What one service has said is not held against another. */
	if (!bytes_equal(BYTES_OF(r->entry.source), BYTES_OF(r->source))) {
		r->entry.not_before = 0;
		r->entry.etag[0] = '\0';
	}
}

static enum collateral_state state_of(const struct refresh *r, bool was_due)
{
	if (!r->is_good)
		return COLLATERAL_MISSING;
	if (!was_due)
		return COLLATERAL_FRESH;
	if (r->error == CONCLAVE_OK)
		return COLLATERAL_RENEWED;
	return window_holds(&r->dates.validity, r->now) ? COLLATERAL_KEPT : COLLATERAL_EXPIRED;
}

static void refresh_free(struct refresh *r)
{
	cache_entry_free(&r->entry);
}

enum conclave_error refresh_item(struct cache_entry *out, struct collateral_note *note,
	struct collateral *collateral, const struct collateral_item *item,
	const struct refresh_means *means, int64_t now)
{
	CLEANUP(siblings_free) struct siblings siblings = {0};
	CLEANUP(refresh_free)
	struct refresh r = {.collateral = collateral, .item = item, .now = now, .note = note};
	*note = (struct collateral_note){.item = *item, .state = COLLATERAL_MISSING};
	TRY(item_url(r.url, item, &collateral->services));
	sha256(&r.source, bytes_of(r.url, strlen(r.url)));
	find_means(&siblings, &r, means);
	load(&r);
	bool was_due = is_due(&r);
	if (was_due)
		r.error = ask(&r);
	note->state = state_of(&r, was_due);
	if (!r.is_good)
		return r.error;
	note->issued = r.dates.issued;
	note->valid_until = r.dates.validity.until;
	note->renew = r.entry.renew;
	*out = r.entry;
	r.entry.memory.ptr = NULL;
	return CONCLAVE_OK;
}
