// The functions that g++ -fsanitize=thread calls at every access to memory, as g++ 12 names them; the kernels are compiled so, nothing
// else is, and the thread sanitizer's own library is not linked.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/launch.h"
#include "engine/shadow.h"
#include "engine/thread.h"

namespace {

using namespace ot_host;

template <typename value> value* checked(volatile void* address, access how) {
  check_access(const_cast<void*>(address), sizeof(value), how);
  return static_cast<value*>(const_cast<void*>(address));
}

} // namespace

#define OT_PLAIN(BYTES)                                                                                     \
  extern "C" void __tsan_read##BYTES(void* address) { check_access(address, BYTES, plain_read); }           \
  extern "C" void __tsan_write##BYTES(void* address) { check_access(address, BYTES, plain_write); }         \
  extern "C" void __tsan_volatile_read##BYTES(void* address) { check_access(address, BYTES, atomic_read); } \
  extern "C" void __tsan_volatile_write##BYTES(void* address) { check_access(address, BYTES, atomic_write); }

OT_PLAIN(1)
OT_PLAIN(2)
OT_PLAIN(4)
OT_PLAIN(8)
OT_PLAIN(16)

#define OT_UNALIGNED(BYTES)                                                                                       \
  extern "C" void __tsan_unaligned_read##BYTES(const void* address) { check_access(address, BYTES, plain_read); } \
  extern "C" void __tsan_unaligned_write##BYTES(void* address) { check_access(address, BYTES, plain_write); }

OT_UNALIGNED(2)
OT_UNALIGNED(4)
OT_UNALIGNED(8)
OT_UNALIGNED(16)

extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit(void*) {}
extern "C" void __tsan_vptr_update(void*, void*) {}
extern "C" void __tsan_vptr_read(void*) {}
extern "C" void __tsan_read_range(void* address, long bytes) {
  if (bytes > 0)
    check_access(address, static_cast<std::size_t>(bytes), plain_read);
}
extern "C" void __tsan_write_range(void* address, long bytes) {
  if (bytes > 0)
    check_access(address, static_cast<std::size_t>(bytes), plain_write);
}
extern "C" void __tsan_atomic_thread_fence(int) {}
extern "C" void __tsan_atomic_signal_fence(int) {}

// Fibers of one host thread are never interrupted, and an instrumented build has one host thread: plain operations are atomic.
#define OT_FETCH(BITS, NAME, OPERATION)                                                                                       \
  extern "C" std::uint##BITS##_t __tsan_atomic##BITS##_fetch_##NAME(volatile void* address, std::uint##BITS##_t value, int) { \
    auto* place = checked<std::uint##BITS##_t>(address, atomic_update);                                                       \
    std::uint##BITS##_t old = *place;                                                                                         \
    *place = static_cast<std::uint##BITS##_t>(old OPERATION value);                                                           \
    return old;                                                                                                               \
  }

#define OT_ATOMIC(BITS)                                                                                                                        \
  extern "C" std::uint##BITS##_t __tsan_atomic##BITS##_load(const volatile void* address, int) {                                               \
    return *checked<std::uint##BITS##_t>(const_cast<volatile void*>(address), atomic_read);                                                    \
  }                                                                                                                                            \
  extern "C" void __tsan_atomic##BITS##_store(volatile void* address, std::uint##BITS##_t value, int) {                                        \
    check_access(const_cast<void*>(address), BITS / 8, atomic_write);                                                                          \
    *static_cast<std::uint##BITS##_t*>(const_cast<void*>(address)) = value;                                                                    \
  }                                                                                                                                            \
  extern "C" std::uint##BITS##_t __tsan_atomic##BITS##_exchange(volatile void* address, std::uint##BITS##_t value, int) {                      \
    auto* place = checked<std::uint##BITS##_t>(address, atomic_write);                                                                         \
    std::uint##BITS##_t old = *place;                                                                                                          \
    *place = value;                                                                                                                            \
    return old;                                                                                                                                \
  }                                                                                                                                            \
  OT_FETCH(BITS, add, +)                                                                                                                       \
  OT_FETCH(BITS, sub, -)                                                                                                                       \
  OT_FETCH(BITS, and, &)                                                                                                                       \
  OT_FETCH(BITS, or, |)                                                                                                                        \
  OT_FETCH(BITS, xor, ^)                                                                                                                       \
  extern "C" bool __tsan_atomic##BITS##_compare_exchange_strong(volatile void* address, void* expected, std::uint##BITS##_t value, int, int) { \
    auto* place = checked<std::uint##BITS##_t>(address, atomic_update);                                                                        \
    auto* wanted = static_cast<std::uint##BITS##_t*>(expected);                                                                                \
    bool equal = *place == *wanted;                                                                                                            \
    *(equal ? place : wanted) = equal ? value : *place;                                                                                        \
    return equal;                                                                                                                              \
  }                                                                                                                                            \
  extern "C" bool __tsan_atomic##BITS##_compare_exchange_weak(volatile void* address, void* expected, std::uint##BITS##_t value, int, int) {   \
    return __tsan_atomic##BITS##_compare_exchange_strong(address, expected, value, 0, 0);                                                      \
  }

OT_ATOMIC(8)
OT_ATOMIC(16)
OT_ATOMIC(32)
OT_ATOMIC(64)
