/* The guest's files while it runs natively: a temporary folder that is the working directory, and
 * a copy of it as it was after the last input that was handled. A failure ends the test. */
#ifndef MOCK_FOLDER_H
#define MOCK_FOLDER_H

void folder_open(void);
/* Make the copy; go back to it. */
void folder_commit(void);
void folder_rollback(void);
void folder_close(void);

#endif
