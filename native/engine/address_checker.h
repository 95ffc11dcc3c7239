// What AddressSanitizer is told of memory that it did not hand out. Nothing, in a build without it.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define OT_ADDRESS_CHECKED 1
#else
#define OT_ADDRESS_CHECKED 0
#endif

namespace ot_host {

/// Accesses are errors from now on.
inline void forbid([[maybe_unused]] const void* base, [[maybe_unused]] std::size_t bytes) {
#if OT_ADDRESS_CHECKED
  __asan_poison_memory_region(base, bytes);
#endif
}

/// Accesses are right again.
inline void permit([[maybe_unused]] const void* base, [[maybe_unused]] std::size_t bytes) {
#if OT_ADDRESS_CHECKED
  __asan_unpoison_memory_region(base, bytes);
#endif
}

} // namespace ot_host
