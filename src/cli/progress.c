#include "cli/progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

#define DRAW_EVERY_MS 100
#define MEASURE_EVERY_MS 500
#define BAR_MIN 8
#define TEXT_SIZE 32

/* -- signals -- */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
	interrupted = number;
}

/* Once: who presses ^C twice means it. Without SA_RESTART, so that a read that waits ends too. */
static void look_for_signals(void)
{
	struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
	for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
		struct sigaction before;
		/* What is ignored, as under nohup, stays so. */
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			(void)sigaction(signals[i], &action, NULL);
	}
}

bool progress_is_interrupted(void)
{
	return interrupted != 0;
}

void progress_die(void)
{
	(void)signal(interrupted, SIG_DFL);
	(void)raise(interrupted);
}

/* -- words -- */

/* "999 B", "1.0 KiB", "12 GiB": six or seven characters. */
static const char *size_text(char out[TEXT_SIZE], uint64_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t unit = 0;
	uint64_t tenths = size * 10;
	if (size >= 1024) {
		for (unit = 1; size >> 10 * unit >= 1000; unit++)
			continue;
		/* 10 units are less than 2^14 of the next lower one. */
		tenths = (size >> 10 * (unit - 1)) * 10 >> 10;
	}
	if (unit == 0 || tenths >= 100)
		snprintf(out, TEXT_SIZE, "%" PRIu64 " %s", tenths / 10, units[unit]);
	else
		snprintf(out, TEXT_SIZE, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			units[unit]);
	return out;
}

/* "0:07", "1:02:03". */
static const char *time_text(char out[TEXT_SIZE], uint64_t seconds)
{
	if (seconds > 359999)
		snprintf(out, TEXT_SIZE, "days");
	else if (seconds >= 3600)
		snprintf(out, TEXT_SIZE, "%u:%02u:%02u", (unsigned)(seconds / 3600),
			(unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	else
		snprintf(out, TEXT_SIZE, "%u:%02u", (unsigned)(seconds / 60),
			(unsigned)(seconds % 60));
	return out;
}

static unsigned percent(const struct progress *progress)
{
	/* Above 2^56 the size is divided instead. */
	if (progress->size >> 56 != 0)
		return (unsigned)(progress->done / (progress->size / 100));
	return (unsigned)(progress->size == 0 ? 100 : progress->done * 100 / progress->size);
}

static void text_of_known(char out[PROGRESS_WIDTH_MAX + 1], const struct progress *progress)
{
	char done[TEXT_SIZE], size[TEXT_SIZE], rate[TEXT_SIZE], left[TEXT_SIZE];
	uint64_t rest = progress->size - progress->done;
	if (progress->rate > 0)
		time_text(left, rest / progress->rate);
	else
		snprintf(left, sizeof(left), "?");
	snprintf(out, PROGRESS_WIDTH_MAX + 1, "%3u%%  %s of %s  %s/s  %s left", percent(progress),
		size_text(done, progress->done), size_text(size, progress->size),
		size_text(rate, progress->rate), left);
}

/* A bar as long as there is room, in front of the text. */
static void add_bar(char out[PROGRESS_WIDTH_MAX + 1], const struct progress *progress, size_t width)
{
	size_t len = strlen(out);
	if (width < len + BAR_MIN + 4)
		return;
	size_t cells = width - len - 4, full = cells * percent(progress) / 100;
	memmove(out + cells + 3, out, len + 1);
	out[0] = '[';
	memset(out + 1, '#', full);
	memset(out + 1 + full, '.', cells - full);
	out[cells + 1] = ']';
	out[cells + 2] = ' ';
}

void progress_text(char out[PROGRESS_WIDTH_MAX + 1], const struct progress *progress,
	int64_t now_ms, size_t width)
{
	char done[TEXT_SIZE], rate[TEXT_SIZE], time[TEXT_SIZE];
	uint64_t seconds = (uint64_t)(now_ms - progress->began_ms) / 1000;
	if (width > PROGRESS_WIDTH_MAX)
		width = PROGRESS_WIDTH_MAX;
	if (!progress->size_known) {
		snprintf(out, PROGRESS_WIDTH_MAX + 1, "%s  %s/s  %s",
			size_text(done, progress->done), size_text(rate, progress->rate),
			time_text(time, seconds));
	} else if (progress->done < progress->size) {
		text_of_known(out, progress);
		add_bar(out, progress, width);
	} else {
		snprintf(out, PROGRESS_WIDTH_MAX + 1, "%s done; waiting  %s",
			size_text(done, progress->size), time_text(time, seconds));
	}
	if (strlen(out) >= width)
		out[width > 0 ? width - 1 : 0] = '\0';
}

/* -- the terminal -- */

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t terminal_width(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* In one write, so that nothing comes between. */
static void draw(struct progress *progress, int64_t now)
{
	char text[PROGRESS_WIDTH_MAX + 1], line[PROGRESS_WIDTH_MAX + 16];
	progress_text(text, progress, now, terminal_width());
	int len = snprintf(line, sizeof(line), "\r%s\033[K", text);
	(void)!write(STDERR_FILENO, line, (size_t)len);
	progress->is_drawn = true;
	progress->drawn_ms = now;
}

static void begin(struct progress *progress, int64_t now)
{
	look_for_signals();
	progress->has_begun = true;
	progress->is_wanted = progress->is_wanted && isatty(STDERR_FILENO) == 1;
	progress->began_ms = progress->measured_ms = now;
	progress->drawn_ms = now - DRAW_EVERY_MS;
}

/* Three parts of what was, one of what is: it follows, and does not flicker. */
static void measure(struct progress *progress, int64_t now)
{
	uint64_t span = (uint64_t)(now - progress->measured_ms);
	uint64_t rate = (progress->done - progress->measured) * 1000 / span;
	progress->rate = progress->rate == 0 ? rate : (3 * progress->rate + rate) / 4;
	progress->measured_ms = now;
	progress->measured = progress->done;
}

bool progress_step(struct progress *progress, uint64_t done)
{
	int64_t now = now_ms();
	if (!progress->has_begun)
		begin(progress, now);
	if (done < progress->measured) /* sent again from the beginning */
		progress->measured = 0;
	progress->done = done;
	if (now - progress->measured_ms >= MEASURE_EVERY_MS)
		measure(progress, now);
	if (progress->is_wanted && now - progress->drawn_ms >= DRAW_EVERY_MS)
		draw(progress, now);
	return !progress_is_interrupted();
}

void progress_end(struct progress *progress)
{
	static const char erase[] = "\r\033[K";
	if (progress->is_drawn)
		(void)!write(STDERR_FILENO, erase, sizeof(erase) - 1);
	progress->is_drawn = false;
}
