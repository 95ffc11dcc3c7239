// Sums, largest and least values over a warp and over a block, in an order that depends on the number of threads alone.
//
// Contract: all threads of the warp (block) call with the same operation; every thread receives the result. Those of a block use one
// value of shared scratch a warp, which may be used again after the call.
#pragma once

#include "common/device.cuh"

namespace ot {

struct add_values {
  template <typename value> __device__ __forceinline__ value operator()(value a, value b) const { return a + b; }
};

// A NaN on either side is the result, so that nothing is hidden.
struct larger_value {
  template <typename value> __device__ __forceinline__ value operator()(value a, value b) const { return a > b || a != a ? a : b; }
};

struct smaller_value {
  template <typename value> __device__ __forceinline__ value operator()(value a, value b) const { return a < b || a != a ? a : b; }
};

#if defined(OT_HOST_DEVICE)

/// The same tree as below in one meeting of the lanes: switching between them is what costs on the host device.
template <int count, typename operation, typename value> struct lanes_together {
  value values[count];

  __attribute__((no_sanitize("thread"))) static void combine(void** payloads, unsigned) {
    for (int distance = warp_threads / 2; distance > 0; distance /= 2) {
      for (int lane = 0; lane < warp_threads; lane++) {
        if ((lane & distance) != 0)
          continue;
        auto& low = *static_cast<lanes_together*>(payloads[lane]);
        auto& high = *static_cast<lanes_together*>(payloads[lane ^ distance]);
        for (int k = 0; k < count; k++) {
          value of_low = low.values[k];
          value of_high = high.values[k];
          low.values[k] = operation()(of_low, of_high);
          high.values[k] = operation()(of_high, of_low);
        }
      }
    }
  }
};

/// Reduces several values of each lane over the warp.
template <int count, typename operation, typename value> __device__ __forceinline__ void warp_reduce_each(value (&own)[count], operation) {
  lanes_together<count, operation, value> together;
  for (int k = 0; k < count; k++)
    together.values[k] = own[k];
  ::ot_host::warp_collective("warp_reduce", full_warp, &together, lanes_together<count, operation, value>::combine, false, __LINE__);
  for (int k = 0; k < count; k++)
    own[k] = together.values[k];
}

#else

/// Reduces several values of each lane over the warp.
template <int count, typename operation, typename value> __device__ __forceinline__ void warp_reduce_each(value (&own)[count], operation join) {
#pragma unroll
  for (int k = 0; k < count; k++) {
#pragma unroll
    for (int distance = warp_threads / 2; distance > 0; distance /= 2)
      own[k] = join(own[k], __shfl_xor_sync(full_warp, own[k], distance));
  }
}

#endif

template <typename operation, typename value> __device__ __forceinline__ value warp_reduce(value own, operation join) {
  value each[1] = {own};
  warp_reduce_each(each, join);
  return each[0];
}

template <int threads, typename operation, typename value> __device__ __forceinline__ value block_reduce(value own, value* scratch, operation join) {
  static_assert(threads % warp_threads == 0 && threads <= warp_threads * warp_threads);
  constexpr int warps = threads / warp_threads;
  own = warp_reduce(own, join);
  if constexpr (warps > 1) {
    if (threadIdx.x % warp_threads == 0)
      scratch[threadIdx.x / warp_threads] = own;
    __syncthreads();
    own = scratch[0];
    for (int warp = 1; warp < warps; warp++)
      own = join(own, scratch[warp]);
    __syncthreads();
  }

  return own;
}

template <typename value> __device__ __forceinline__ value warp_sum(value own) { return warp_reduce(own, add_values()); }
template <int count, typename value> __device__ __forceinline__ void warp_sum_each(value (&own)[count]) { warp_reduce_each(own, add_values()); }
template <typename value> __device__ __forceinline__ value warp_max(value own) { return warp_reduce(own, larger_value()); }
template <typename value> __device__ __forceinline__ value warp_min(value own) { return warp_reduce(own, smaller_value()); }

template <int threads, typename value> __device__ __forceinline__ value block_sum(value own, value* scratch) {
  return block_reduce<threads>(own, scratch, add_values());
}
template <int threads, typename value> __device__ __forceinline__ value block_max(value own, value* scratch) {
  return block_reduce<threads>(own, scratch, larger_value());
}
template <int threads, typename value> __device__ __forceinline__ value block_min(value own, value* scratch) {
  return block_reduce<threads>(own, scratch, smaller_value());
}

} // namespace ot
