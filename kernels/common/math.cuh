// Powers and logarithms of two. In float the device's own approximations (2 units in the last place for exponents, denormals flushed to
// zero: a term that small is no part of any sum); in double the library's.
#pragma once

#include "common/device.cuh"

namespace ot {

#if defined(OT_HOST_DEVICE)

__device__ __forceinline__ float exp2_fast(float x) {
  // As ex2.approx.ftz: what is below the least normal number is zero.
  float power = std::exp2(x);
  return power < 0x1p-126f ? 0.0f : power;
}

__device__ __forceinline__ float log2_fast(float x) {
  // As lg2.approx.ftz: denormals count as zero.
  return std::log2(std::fabs(x) < 0x1p-126f ? 0.0f : x);
}

#else

__device__ __forceinline__ float exp2_fast(float x) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
}

__device__ __forceinline__ float log2_fast(float x) {
  float logarithm;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(logarithm) : "f"(x));
  return logarithm;
}

#endif

__device__ __forceinline__ double exp2_fast(double x) { return exp2(x); }
__device__ __forceinline__ double log2_fast(double x) { return log2(x); }

constexpr double ln_2 = 0.693147180559945309417;

__device__ __forceinline__ double infinity() { return __longlong_as_double(0x7FF0000000000000LL); }

} // namespace ot
