// Kernels without bugs that do nothing but meet: in a warp, at votes of a block, across a grid, for a product of matrices. Test-only.
//
// Computes   for every thread what each collective returned to it.
// Mapping    one thread, one slot of results; warps and blocks are what the collectives make of them.
// Traffic    a few words a thread.
// Numerics   integers, and floating-point numbers that only travel.
// Launch     up to 256 threads; the grid's kernel cooperatively, with a counter that is zero.
#include "common/device.cuh"
#include "common/grid_barrier.cuh"
#include "common/reduce.cuh"
#include "common/tensor.cuh"

namespace ot {

constexpr int collective_slots = 16;

struct collective_arguments {
  double* results; // threads of the grid times slots
  unsigned* counter;
  unsigned mask; // lanes of each warp that take part
  int width;     // of the shuffles' segments
  int rounds;
};

__device__ double* slots_of(const collective_arguments& arguments) {
  return arguments.results + (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * collective_slots;
}

// Every shuffle and vote among the lanes of a mask; the other lanes go past.
__device__ void collective_warp(const collective_arguments& arguments) {
  double* slots = slots_of(arguments);
  for (int k = 0; k < collective_slots; k++)
    slots[k] = -1;
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  unsigned mask = arguments.mask;
  int width = arguments.width;
  if ((mask >> lane & 1u) == 0)
    return;
  slots[0] = __shfl_sync(mask, lane, 3, width);
  slots[1] = __shfl_xor_sync(mask, static_cast<unsigned>(lane), 1, width);
  slots[2] = __shfl_up_sync(mask, static_cast<float>(lane) + 0.5f, 2, width);
  slots[3] = __shfl_down_sync(mask, static_cast<double>(lane) + 0.25, 2, width);
  slots[4] = static_cast<double>(__shfl_sync(mask, static_cast<long long>(lane) << 40, lane + 1, width));
  slots[5] = __ballot_sync(mask, lane % 3 == 0);
  slots[6] = __any_sync(mask, lane == 1);
  slots[7] = __all_sync(mask, lane < warp_threads);
  slots[8] = __all_sync(mask, lane != 1);
  __syncwarp(mask);
}

// Votes at the block's barriers, and its reductions.
__device__ void collective_block(const collective_arguments& arguments) {
  OT_SHARED(double, scratch, warp_threads);
  double* slots = slots_of(arguments);
  int thread = static_cast<int>(threadIdx.x);
  slots[0] = __syncthreads_or(thread == 77) != 0;
  slots[1] = __syncthreads_or(thread < 0) != 0;
  slots[2] = __syncthreads_and(thread >= 0) != 0;
  slots[3] = __syncthreads_and(thread != 77) != 0;
  slots[4] = __syncthreads_count(thread % 5 == 0);
  slots[5] = block_sum<256>(static_cast<double>(thread), scratch);
  slots[6] = block_max<256>(static_cast<double>(thread * 37 % 256), scratch);
  slots[7] = block_min<256>(static_cast<double>(thread * 37 % 256 - 5), scratch);
}

// Rounds in which each block reads what its neighbour wrote in the round before: wrong as soon as one barrier lets a block through early.
__device__ void collective_grid(const collective_arguments& arguments) {
  double* mine = arguments.results + blockIdx.x;
  const double* neighbours = arguments.results + (blockIdx.x + 1) % gridDim.x;
  if (threadIdx.x == 0)
    *mine = blockIdx.x;
  for (int round = 0; round < arguments.rounds; round++) {
    grid_barrier(arguments.counter);
    double seen = *neighbours;
    grid_barrier(arguments.counter);
    if (threadIdx.x == 0)
      *mine = seen;
  }
}

// c += a b of matrices in double, row by row: 16 x 8, 8 x 8 and 16 x 8 one after the other, first a.
__device__ void collective_product(const collective_arguments& arguments) {
  const double* a = arguments.results;
  const double* b = a + 16 * 8;
  double* c = arguments.results + 16 * 8 + 8 * 8;
  int group = static_cast<int>(threadIdx.x) / 4;
  int place = static_cast<int>(threadIdx.x) % 4;
  float of_a[4];
  float of_b[2];
  float of_c[4];
  for (int k = 0; k < 4; k++) {
    of_a[k] = static_cast<float>(a[(group + k % 2 * 8) * 8 + place + k / 2 * 4]);
    of_c[k] = static_cast<float>(c[(group + k / 2 * 8) * 8 + place * 2 + k % 2]);
  }

  for (int k = 0; k < 2; k++)
    of_b[k] = static_cast<float>(b[(place + k * 4) * 8 + group]);
  add_product_tf32(of_c, of_a, of_b);
  for (int k = 0; k < 4; k++)
    c[(group + k / 2 * 8) * 8 + place * 2 + k % 2] = static_cast<double>(of_c[k]);
}

} // namespace ot

OT_ENTRY(ot_collective_product, 32, ot::collective_arguments, ot::collective_product(arguments))
OT_ENTRY(ot_collective_warp, 256, ot::collective_arguments, ot::collective_warp(arguments))
OT_ENTRY(ot_collective_block, 256, ot::collective_arguments, ot::collective_block(arguments))
OT_ENTRY(ot_collective_grid, 256, ot::collective_arguments, ot::collective_grid(arguments))
