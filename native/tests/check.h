// Checks that say where they failed and let the test go on.
#pragma once

#include <cstdio>
#include <cstring>

inline int failures = 0;

#define CHECK(CONDITION)                                                  \
  do {                                                                    \
    if (!(CONDITION)) {                                                   \
      failures++;                                                         \
      std::printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #CONDITION); \
    }                                                                     \
  } while (false)

#define CHECK_FAULT(CALL, CODE)                                                                                      \
  do {                                                                                                               \
    ot_host::fault found = (CALL);                                                                                   \
    if (found.code != (CODE)) {                                                                                      \
      failures++;                                                                                                    \
      std::printf("%s:%d: ended with %d, not %d: %s\n", __FILE__, __LINE__, found.code, (CODE), found.text.c_str()); \
    }                                                                                                                \
  } while (false)

inline int finish() {
  std::printf(failures == 0 ? "passed\n" : "%d checks failed\n", failures);
  return failures == 0 ? 0 : 1;
}
