// The language that kernels are written in: CUDA's, compiled by nvcc, or by a C++ compiler with OT_HOST_DEVICE on the host device of
// native/. Every kernel file includes this first. What follows is all that kernels need beside CUDA's own words.
#pragma once

#if defined(OT_HOST_DEVICE)

#include "language/cuda_language.h"

/// A static shared array, `type* const name`.
#define OT_SHARED(TYPE, NAME, COUNT) \
  static const char NAME##_site = 0; \
  TYPE* const NAME = static_cast<TYPE*>(::ot_host::static_shared(&NAME##_site, sizeof(TYPE) * (COUNT), alignof(TYPE)))

/// The dynamic shared memory of the launch, aligned to 16 bytes.
#define OT_DYNAMIC_SHARED(TYPE, NAME) TYPE* const NAME = static_cast<TYPE*>(::ot_host::dynamic_shared())

/// An entry: its name, the most threads of a block, its one parameter, what a thread does with `arguments`.
#define OT_ENTRY(NAME, THREADS, ARGUMENTS, ...)                    \
  extern "C" void NAME(const ARGUMENTS arguments) { __VA_ARGS__; } \
  static const bool NAME##_entered = ::ot_host::enter_kernel({#NAME, THREADS, sizeof(ARGUMENTS), ::ot_host::invoke<const ARGUMENTS, NAME>});

#else

#define OT_SHARED(TYPE, NAME, COUNT)     \
  __shared__ TYPE NAME##_storage[COUNT]; \
  TYPE* const NAME = NAME##_storage

#define OT_DYNAMIC_SHARED(TYPE, NAME)                                \
  extern __shared__ __align__(16) unsigned char ot_dynamic_shared[]; \
  TYPE* const NAME = reinterpret_cast<TYPE*>(ot_dynamic_shared)

// One resident block is all that is asked of registers: left to itself ptxas spills a few to fit more blocks.
#define OT_ENTRY(NAME, THREADS, ARGUMENTS, ...) \
  extern "C" __global__ void __launch_bounds__(THREADS, 1) NAME(const ARGUMENTS arguments) { __VA_ARGS__; }

#endif

namespace ot {

constexpr int warp_threads = 32;
constexpr unsigned full_warp = 0xFFFFFFFFu;

} // namespace ot
