// Kernels with one bug each, and beside each the same kernel without it: the proof that the host device can fail. Test-only.
//
// Computes   nothing of use.
// Mapping    one block of 64 threads, two warps.
// Traffic    a few words.
// Numerics   none.
// Launch     64 threads; `wrong` chooses the bug.
#include "common/device.cuh"
#include "common/grid_barrier.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int planted_threads = 64;

struct planted_arguments {
  int* data; // as many words as threads
  int wrong;
};

// Every thread adds to one word of shared memory, with an atomic operation or without.
__device__ void planted_update(const planted_arguments& arguments) {
  OT_SHARED(int, total, 1);
  if (threadIdx.x == 0)
    *total = 0;
  __syncthreads();
  if (arguments.wrong)
    *total = *total + 1;
  else
    atomicAdd(total, 1);
  __syncthreads();
  arguments.data[threadIdx.x] = *total;
}

// Neighbours exchange values through shared memory, with a barrier between or without.
__device__ void planted_barrier(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  if (!arguments.wrong)
    __syncthreads();
  arguments.data[threadIdx.x] = values[(threadIdx.x + 1) % planted_threads];
}

// Lanes of one warp exchange values: __syncwarp is enough, nothing is not.
__device__ void planted_warp(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  if (!arguments.wrong)
    __syncwarp();
  arguments.data[threadIdx.x] = values[threadIdx.x ^ 1];
}

// Sums of warps by halves: what a lane adds must be read before anyone writes.
__device__ void planted_warp_reuse(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  __syncwarp();
  for (unsigned distance = warp_threads / 2; distance > 0; distance /= 2) {
    int other = values[threadIdx.x ^ distance];
    if (!arguments.wrong)
      __syncwarp();
    values[threadIdx.x] += other;
    __syncwarp();
  }

  arguments.data[threadIdx.x] = values[threadIdx.x];
}

// One word of a warp that all of its lanes read, and one of them changes after.
__device__ void planted_warp_broadcast(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads / warp_threads);
  int* word = values + threadIdx.x / warp_threads;
  int seen = 0;
  for (int round = 0; round < 3; round++) {
    if (threadIdx.x % warp_threads == 31)
      *word = round;
    __syncwarp();
    seen += *word;
    if (!arguments.wrong)
      __syncwarp();
  }

  arguments.data[threadIdx.x] = seen;
}

// The halves of a warp synchronise on their own; lanes may read within their half, not across.
__device__ void planted_warp_halves(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x] = 0;
  __syncthreads();
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  if (threadIdx.x % warp_threads < 16)
    __syncwarp(0x0000FFFFu);
  else
    __syncwarp(0xFFFF0000u);
  arguments.data[threadIdx.x] = values[threadIdx.x ^ (arguments.wrong ? 16 : 8)];
}

// Lane 2 reads what lane 0 wrote; between them stands lane 1, which meets the one and then the other, or the other way round.
__device__ void planted_warp_chain(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  unsigned lane = threadIdx.x % warp_threads;
  int* word = values + (threadIdx.x - lane);
  values[threadIdx.x] = 0;
  __syncthreads();
  for (int meeting = 0; meeting < 2; meeting++) {
    if (meeting == arguments.wrong && lane < 2) {
      if (lane == 0)
        *word = 1;
      __syncwarp(3u);
    }

    if (meeting != arguments.wrong && (lane == 1 || lane == 2))
      __syncwarp(6u);
  }

  arguments.data[threadIdx.x] = lane == 2 ? *word : 0;
}

// __syncwarp orders no accesses of other warps.
__device__ void planted_warp_across(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x] = 0;
  __syncthreads();
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  __syncwarp();
  arguments.data[threadIdx.x] = values[threadIdx.x ^ (arguments.wrong ? warp_threads : 1)];
}

// All lanes come to a vote, but a vote orders no memory.
__device__ void planted_vote(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  if (arguments.wrong)
    (void)__any_sync(full_warp, 1);
  else
    __syncwarp();
  arguments.data[threadIdx.x] = values[threadIdx.x ^ 1];
}

// A counter that all threads raise and the last to come sets back: after a barrier, or at once.
__device__ void planted_atomic_then_write(const planted_arguments& arguments) {
  OT_SHARED(int, total, 1);
  if (threadIdx.x == 0)
    *total = 0;
  __syncthreads();
  bool last = atomicAdd(total, 1) == planted_threads - 1;
  if (!arguments.wrong)
    __syncthreads();
  if (last)
    *total = 0;
  arguments.data[threadIdx.x] = last;
}

// The same counter, read by the last to come without an atomic operation.
__device__ void planted_atomic_then_read(const planted_arguments& arguments) {
  OT_SHARED(int, total, 1);
  if (threadIdx.x == 0)
    *total = 0;
  __syncthreads();
  bool last = atomicAdd(total, 1) == planted_threads - 1;
  if (!arguments.wrong)
    __syncthreads();
  arguments.data[threadIdx.x] = last ? *total : 0;
}

// A flag that all threads read atomically and the last to come overwrites: after a barrier, or at once.
__device__ void planted_poll_then_write(const planted_arguments& arguments) {
  OT_SHARED(unsigned, flags, 2);
  if (threadIdx.x < 2)
    flags[threadIdx.x] = 0;
  __syncthreads();
  int seen = static_cast<int>(load_acquired(flags));
  bool last = atomicAdd(flags + 1, 1u) == planted_threads - 1;
  if (!arguments.wrong)
    __syncthreads();
  if (last)
    flags[0] = 1;
  arguments.data[threadIdx.x] = seen;
}

// Two threads of a block write one word of device memory.
__device__ void planted_global_race(const planted_arguments& arguments) {
  arguments.data[arguments.wrong ? threadIdx.x / 2 : threadIdx.x] = static_cast<int>(threadIdx.x);
}

__device__ void planted_global_bounds(const planted_arguments& arguments) { arguments.data[threadIdx.x + (arguments.wrong ? 1 : 0)] = 1; }

__device__ void planted_global_uninitialised(const planted_arguments& arguments) {
  if (!arguments.wrong)
    arguments.data[threadIdx.x] = 1;
  arguments.data[threadIdx.x] = arguments.data[threadIdx.x] + 1;
}

__device__ void planted_shared_bounds(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  values[threadIdx.x + (arguments.wrong ? 1 : 0)] = 1;
  arguments.data[threadIdx.x] = 1;
}

__device__ void planted_shared_uninitialised(const planted_arguments& arguments) {
  OT_SHARED(int, values, planted_threads);
  if (!arguments.wrong || threadIdx.x != 7)
    values[threadIdx.x] = 1;
  arguments.data[threadIdx.x] = values[threadIdx.x];
}

// A shuffle that half of the warp does not come to.
__device__ void planted_shuffle(const planted_arguments& arguments) {
  int value = static_cast<int>(threadIdx.x);
  if (!arguments.wrong || threadIdx.x % 2 == 0)
    value = __shfl_xor_sync(full_warp, value, 2);
  arguments.data[threadIdx.x] = value;
}

// A vote whose mask names a lane that has ended.
__device__ void planted_lane(const planted_arguments& arguments) {
  arguments.data[threadIdx.x] = 0;
  if (threadIdx.x % warp_threads == 5)
    return;
  unsigned mask = arguments.wrong ? full_warp : full_warp & ~(1u << 5);
  arguments.data[threadIdx.x] = __any_sync(mask, threadIdx.x == 3);
}

// A barrier in a branch that half of the block takes.
__device__ void planted_half(const planted_arguments& arguments) {
  if (!arguments.wrong || threadIdx.x < planted_threads / 2)
    __syncthreads();
  arguments.data[threadIdx.x] = 1;
}

// A loop that waits for a word that nobody writes.
__device__ void planted_wait(const planted_arguments& arguments) {
  if (threadIdx.x == 0)
    atomicExch(arguments.data, arguments.wrong ? 0 : 1);
  __syncthreads();
  while (load_acquired(reinterpret_cast<unsigned*>(arguments.data)) == 0)
    spin_pause();
  if (threadIdx.x > 0)
    arguments.data[threadIdx.x] = 1;
}

} // namespace ot

OT_ENTRY(ot_planted_update, 64, ot::planted_arguments, ot::planted_update(arguments))
OT_ENTRY(ot_planted_barrier, 64, ot::planted_arguments, ot::planted_barrier(arguments))
OT_ENTRY(ot_planted_warp, 64, ot::planted_arguments, ot::planted_warp(arguments))
OT_ENTRY(ot_planted_warp_reuse, 64, ot::planted_arguments, ot::planted_warp_reuse(arguments))
OT_ENTRY(ot_planted_warp_broadcast, 64, ot::planted_arguments, ot::planted_warp_broadcast(arguments))
OT_ENTRY(ot_planted_warp_halves, 64, ot::planted_arguments, ot::planted_warp_halves(arguments))
OT_ENTRY(ot_planted_warp_chain, 64, ot::planted_arguments, ot::planted_warp_chain(arguments))
OT_ENTRY(ot_planted_warp_across, 64, ot::planted_arguments, ot::planted_warp_across(arguments))
OT_ENTRY(ot_planted_vote, 64, ot::planted_arguments, ot::planted_vote(arguments))
OT_ENTRY(ot_planted_atomic_then_write, 64, ot::planted_arguments, ot::planted_atomic_then_write(arguments))
OT_ENTRY(ot_planted_atomic_then_read, 64, ot::planted_arguments, ot::planted_atomic_then_read(arguments))
OT_ENTRY(ot_planted_poll_then_write, 64, ot::planted_arguments, ot::planted_poll_then_write(arguments))
OT_ENTRY(ot_planted_global_race, 64, ot::planted_arguments, ot::planted_global_race(arguments))
OT_ENTRY(ot_planted_global_bounds, 64, ot::planted_arguments, ot::planted_global_bounds(arguments))
OT_ENTRY(ot_planted_global_uninitialised, 64, ot::planted_arguments, ot::planted_global_uninitialised(arguments))
OT_ENTRY(ot_planted_shared_bounds, 64, ot::planted_arguments, ot::planted_shared_bounds(arguments))
OT_ENTRY(ot_planted_shared_uninitialised, 64, ot::planted_arguments, ot::planted_shared_uninitialised(arguments))
OT_ENTRY(ot_planted_shuffle, 64, ot::planted_arguments, ot::planted_shuffle(arguments))
OT_ENTRY(ot_planted_lane, 64, ot::planted_arguments, ot::planted_lane(arguments))
OT_ENTRY(ot_planted_half, 64, ot::planted_arguments, ot::planted_half(arguments))
OT_ENTRY(ot_planted_wait, 64, ot::planted_arguments, ot::planted_wait(arguments))
