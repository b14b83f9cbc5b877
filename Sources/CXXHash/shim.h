// XXH3 as inline functions: a call through the shared library would cost more than hashing a short key.
#define XXH_INLINE_ALL
#include <xxhash.h>
