/* Filling a conclave_report: only outside the enclave, at the outermost layer. */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdio.h>

#include <conclave/error.h>

/* printf into a report that may be NULL; longer text is cut. An expression, so that `return
 * report_fill(...), ERROR;` reads well. */
#define report_fill(report, ...)                                                                \
	((report) != NULL ? (void)snprintf((report)->text, sizeof((report)->text), __VA_ARGS__) \
			  : (void)0)

#endif
