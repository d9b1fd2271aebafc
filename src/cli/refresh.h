/* conclave attestation refresh. */
#ifndef CLI_REFRESH_H
#define CLI_REFRESH_H

/* argv[0] is "refresh". Returns an exit code. */
int refresh_run(int argc, char **argv);

#endif
