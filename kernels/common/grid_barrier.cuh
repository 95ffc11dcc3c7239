// A barrier for all blocks of a cooperative launch: one counter in device memory, zero before the first launch, that only grows.
// Every block must be resident, which a cooperative launch promises.
#pragma once

#include "common/device.cuh"

namespace ot {

#if defined(OT_HOST_DEVICE)

__device__ __forceinline__ void spin_pause() { ::ot_host::spin_pause(); }
__device__ __forceinline__ unsigned load_acquired(const unsigned* address) { return __atomic_load_n(address, __ATOMIC_SEQ_CST); }

#else

__device__ __forceinline__ void spin_pause() {}

__device__ __forceinline__ unsigned load_acquired(const unsigned* address) {
  unsigned value = *reinterpret_cast<const volatile unsigned*>(address);
  __threadfence();
  return value;
}

#endif

/// What a block wrote before it, every block may read after it.
__device__ __forceinline__ void grid_barrier(unsigned* counter) {
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    unsigned arrived = atomicAdd(counter, 1u);
    unsigned generation = arrived / gridDim.x + 1;
    // Differences, so that the counter may wrap.
    while (static_cast<int>(load_acquired(counter) - generation * gridDim.x) < 0)
      spin_pause();
    __threadfence();
  }

  __syncthreads();
}

} // namespace ot
