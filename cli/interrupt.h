/** SIGINT and SIGTERM: the first asks the program to stop at the next good place, a second ends it at once. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/** From now on the first signal only sets a flag. */
void interrupt_install(void);

/** True once a signal came. */
bool interrupt_requested(void);

#endif
