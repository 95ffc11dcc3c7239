// Limits: what the device can do at most, measured by work that does nothing else; ot bench and ot verify compare the other kernels with it.
//
// Computes   copy: y_k = x_k; exp2: a thread's chains x = 2^(-x); fma: a thread's chains x = a x + b; products: a warp's chains C = C + A B of
//            matrices 16 x 8, A 16 x 8, B 8 x 8, on tensor cores in TF32. Chains are summed and stored, so that they are not left out.
// Mapping    copy: a thread every 256 blocks-th group of 16 bytes. exp2, fma: a thread 8 chains, which hide the latency of each other;
//            products: a warp 8 of them.
// Traffic    copy: 16 bytes read and 16 written a group. exp2, fma: one value written a thread; 8 operations a thread and round. products: one
//            value written a thread; 8 products a warp and round, 1024 multiply-adds each.
// Numerics   copy: bits. exp2: the power that the other kernels take (common/math.cuh). fma: chains stay near one. products: operands are
//            eighths, so that sums of a few rounds are exact; those of many grow, and are rounded.
// Launch     256 threads; any grid, the copy's at most 16 blocks a multiprocessor; no shared memory. products: compute capability 8.0; nothing for
//            older devices.
#include "common/device.cuh"
#include "common/math.cuh"
#include "common/tensor.cuh"

namespace ot {

constexpr int limits_threads = 256;
constexpr int limits_chains = 8;

struct limits_arguments {
  const float4* source; // copy
  void* destination;    // copy: groups of 16 bytes; else one T a thread
  long long count;      // copy: groups of 16 bytes
  long long rounds;     // exp2, fma, products
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

__device__ __forceinline__ float limits_left(int row, int inner) { return static_cast<float>((row + 3 * inner) % 7 - 3) / 8; }

__device__ __forceinline__ float limits_right(int inner, int column) { return static_cast<float>((2 * inner + column) % 5 - 2) / 8; }

__device__ __forceinline__ void limits_products(const limits_arguments& arguments) {
  if constexpr (has_tensor_cores) {
    int group = static_cast<int>(threadIdx.x) % warp_threads / 4;
    int place = static_cast<int>(threadIdx.x) % 4;
    float left[4] = {limits_left(group, place), limits_left(group + 8, place), limits_left(group, place + 4), limits_left(group + 8, place + 4)};
    float right[2] = {limits_right(place, group), limits_right(place + 4, group)};
    float chains[limits_chains][4];
#pragma unroll
    for (int k = 0; k < limits_chains; k++) {
#pragma unroll
      for (int c = 0; c < 4; c++)
        chains[k][c] = static_cast<float>(k);
    }

    for (long long round = 0; round < arguments.rounds; round++) {
#pragma unroll
      for (int k = 0; k < limits_chains; k++)
        add_product_tf32(chains[k], left, right);
    }

    float sum = 0;
#pragma unroll
    for (int k = 0; k < limits_chains; k++) {
#pragma unroll
      for (int c = 0; c < 4; c++)
        sum += chains[k][c];
    }

    static_cast<float*>(arguments.destination)[static_cast<long long>(blockIdx.x) * limits_threads + threadIdx.x] = sum;
  }
}

} // namespace ot

OT_ENTRY(ot_limits_copy_f32, 256, ot::limits_arguments, ot::limits_copy(arguments))
OT_ENTRY(ot_limits_exp2_f32, 256, ot::limits_arguments, (ot::limits_chain<float>(arguments, ot::exp2_step<float>())))
OT_ENTRY(ot_limits_exp2_f64, 256, ot::limits_arguments, (ot::limits_chain<double>(arguments, ot::exp2_step<double>())))
OT_ENTRY(ot_limits_fma_f32, 256, ot::limits_arguments, (ot::limits_chain<float>(arguments, ot::fma_step<float>())))
OT_ENTRY(ot_limits_fma_f64, 256, ot::limits_arguments, (ot::limits_chain<double>(arguments, ot::fma_step<double>())))
OT_ENTRY(ot_limits_products, 256, ot::limits_arguments, ot::limits_products(arguments))
