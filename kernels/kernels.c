#include <kernels/kernels.h>
