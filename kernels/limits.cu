// Limits: what the device can do at most, measured by work that does nothing else; ot bench and ot verify compare the other kernels with it.
//
// Computes   copy: y_k = x_k; exp2: a thread's chains x = 2^(-x); fma: a thread's chains x = a x + b. Chains are summed and stored, so that
//            they are not left out.
// Mapping    copy: a thread every 256 blocks-th group of 16 bytes. exp2, fma: a thread 8 chains, which hide the latency of each other.
// Traffic    copy: 16 bytes read and 16 written a group. exp2, fma: one value written a thread; 8 operations a thread and round.
// Numerics   copy: bits. exp2: the power that the other kernels take (common/math.cuh). fma: chains stay near one.
// Launch     256 threads; any grid, the copy's at most 16 blocks a multiprocessor; no shared memory.
#include "common/device.cuh"
#include "common/math.cuh"

namespace ot {

constexpr int limits_threads = 256;
constexpr int limits_chains = 8;

struct limits_arguments {
  const float4* source; // copy
  void* destination;    // copy: groups of 16 bytes; else one T a thread
  long long count;      // copy: groups of 16 bytes
  long long rounds;     // exp2, fma
};

__device__ __forceinline__ void limits_copy(const limits_arguments& arguments) {
  long long stride = static_cast<long long>(gridDim.x) * limits_threads;
  float4* destination = static_cast<float4*>(arguments.destination);
  for (long long k = static_cast<long long>(blockIdx.x) * limits_threads + threadIdx.x; k < arguments.count; k += stride)
    destination[k] = arguments.source[k];
}

template <typename element> struct exp2_step {
  __device__ __forceinline__ element operator()(element x) const { return exp2_fast(-x); }
};

template <typename element> struct fma_step {
  __device__ __forceinline__ element operator()(element x) const { return fma(x, element(0.75), element(0.25)); }
};

template <typename element, typename step> __device__ __forceinline__ void limits_chain(const limits_arguments& arguments, step next) {
  long long thread = static_cast<long long>(blockIdx.x) * limits_threads + threadIdx.x;
  element chains[limits_chains];
#pragma unroll
  for (int k = 0; k < limits_chains; k++)
    chains[k] = element(0.5) + element(thread % 7 + k) / element(32);
  for (long long round = 0; round < arguments.rounds; round++) {
#pragma unroll
    for (int k = 0; k < limits_chains; k++)
      chains[k] = next(chains[k]);
  }

  element sum = 0;
#pragma unroll
  for (int k = 0; k < limits_chains; k++)
    sum += chains[k];
  static_cast<element*>(arguments.destination)[thread] = sum;
}

} // namespace ot

OT_ENTRY(ot_limits_copy_f32, 256, ot::limits_arguments, ot::limits_copy(arguments))
OT_ENTRY(ot_limits_exp2_f32, 256, ot::limits_arguments, (ot::limits_chain<float>(arguments, ot::exp2_step<float>())))
OT_ENTRY(ot_limits_exp2_f64, 256, ot::limits_arguments, (ot::limits_chain<double>(arguments, ot::exp2_step<double>())))
OT_ENTRY(ot_limits_fma_f32, 256, ot::limits_arguments, (ot::limits_chain<float>(arguments, ot::fma_step<float>())))
OT_ENTRY(ot_limits_fma_f64, 256, ot::limits_arguments, (ot::limits_chain<double>(arguments, ot::fma_step<double>())))
