#include <formats/scenario.h>
