/* A mail on standard output: its body as it is, or the whole as one line of JSON. */
#ifndef CLI_MAIL_PRINT_H
#define CLI_MAIL_PRINT_H

#include <conclave/client.h>

/* ends_line: a line's end follows a body that has none. Errors: MEMORY, and IO
 * where it shows before the end is flushed. */
enum conclave_error mail_print(const struct conclave_mail *mail, bool as_json, bool ends_line);

#endif
