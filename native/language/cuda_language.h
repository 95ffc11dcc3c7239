// CUDA's device language for a C++ compiler: what the kernels use of it, with the same meaning, on the fibers of native/engine.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "engine/registry.h"
#include "engine/thread.h"
#include "language/vector_types.h"
#include "language/warp.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)

#define threadIdx (::ot_host::current_thread->thread)
#define blockIdx (::ot_host::current_thread->block)
#define blockDim (::ot_host::current_thread->block_size)
#define gridDim (::ot_host::current_thread->grid_size)

#define __syncthreads() ((void)::ot_host::block_barrier(::ot_host::barrier_vote::none, 0, __LINE__))
#define __syncthreads_or(VALUE) (::ot_host::block_barrier(::ot_host::barrier_vote::either, (VALUE) != 0, __LINE__))
#define __syncthreads_and(VALUE) (::ot_host::block_barrier(::ot_host::barrier_vote::all, (VALUE) != 0, __LINE__))
#define __syncthreads_count(VALUE) (::ot_host::block_barrier(::ot_host::barrier_vote::count, (VALUE) != 0, __LINE__))

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline long long clock64() { return static_cast<long long>(::ot_host::clock_ticks()); }

template <typename value_type> inline value_type __ldg(const value_type* address) { return *address; }

// Atomic operations; those on floating-point numbers by compare and exchange.
template <typename value_type> inline value_type atomicAdd(value_type* address, value_type value) {
  if constexpr (std::is_integral_v<value_type>) {
    return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
  } else {
    using bits = std::conditional_t<sizeof(value_type) == 4, std::uint32_t, std::uint64_t>;
    auto* place = reinterpret_cast<bits*>(address);
    bits seen = __atomic_load_n(place, __ATOMIC_SEQ_CST);
    while (true) {
      value_type old;
      std::memcpy(&old, &seen, sizeof old);
      value_type sum = old + value;
      bits next;
      std::memcpy(&next, &sum, sizeof next);
      if (__atomic_compare_exchange_n(place, &seen, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return old;
    }
  }
}

template <typename value_type> inline value_type atomicExch(value_type* address, value_type value) {
  return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
}

template <typename value_type> inline value_type atomicCAS(value_type* address, value_type expected, value_type value) {
  __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

template <typename value_type> inline value_type atomicMax(value_type* address, value_type value) {
  value_type seen = __atomic_load_n(address, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(address, &seen, seen < value ? value : seen, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
  }

  return seen;
}

template <typename value_type> inline value_type atomicMin(value_type* address, value_type value) {
  value_type seen = __atomic_load_n(address, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(address, &seen, value < seen ? value : seen, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
  }

  return seen;
}

template <typename value_type> inline value_type atomicOr(value_type* address, value_type value) { return __atomic_fetch_or(address, value, __ATOMIC_SEQ_CST); }

// Mathematics under CUDA's names.
using std::isfinite;
using std::isinf;
using std::isnan;

template <typename value_type> inline value_type min(value_type a, value_type b) { return b < a ? b : a; }
template <typename value_type> inline value_type max(value_type a, value_type b) { return a < b ? b : a; }

inline int __float_as_int(float value) {
  int bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float __int_as_float(int bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned __float_as_uint(float value) { return static_cast<unsigned>(__float_as_int(value)); }
inline float __uint_as_float(unsigned bits) { return __int_as_float(static_cast<int>(bits)); }

inline long long __double_as_longlong(double value) {
  long long bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline double __longlong_as_double(long long bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline int __clz(int bits) { return bits == 0 ? 32 : __builtin_clz(static_cast<unsigned>(bits)); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
