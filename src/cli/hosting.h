/* What `run` and `serve` share: an image on the soft machine, with a store, under a host. */
#ifndef CLI_HOSTING_H
#define CLI_HOSTING_H

#include "host/host.h"

#define HOSTING_BUDGET_MS 10000u

struct hosting_options {
	const char *image, *state; /* state NULL: the soft machine's default */
	const char *store;	   /* the store's file, or ":memory:" */
	struct host_options host;
};

/* Zeroed before hosting_open; what is not NULL is closed by hosting_close. */
struct hosting {
	struct image image;
	bool has_image;
	struct machine *machine;
	struct store *store;
	struct host *host;
};

/* Errors: those of image_open, machine_open_soft, store_open_sqlite and host_open. */
enum conclave_error hosting_open(
	struct hosting *out, const struct hosting_options *options, struct conclave_report *report);
/* The first step of hosting_open alone, for who must know the image's name first. */
enum conclave_error hosting_open_image(
	struct hosting *out, const char *path, struct conclave_report *report);
void hosting_close(struct hosting *hosting);

/* A decimal number of 32 bits, and nothing else. */
bool hosting_number(uint32_t *out, const char *text);

#endif
