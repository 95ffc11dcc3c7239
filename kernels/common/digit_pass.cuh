// One pass of a radix sort in the shared memory of a block.
//
// Contract: all threads of the block call; keys and to_keys do not overlap; counters hold sliced_digits and scratch one value a thread, and may
// be used again after the call, as the keys that were read.
#pragma once

#include "common/sliced.cuh"

namespace ot {

constexpr int sliced_digits = 16;

/// One stable pass over four bits: a thread counts and moves a run of its own. counters: sliced_digits a thread. Indices may be null.
template <typename bits> __device__ void sliced_digit_pass(sliced_block_team threads, const bits* keys, const unsigned short* indices, bits* to_keys,
                                                           unsigned short* to_indices, int count, int shift, unsigned int* counters, unsigned int* scratch) {
  int share = (count - 1) / sliced_threads + 1;
  int first = min(count, threads.rank * share);
  int last = min(count, first + share);
#pragma unroll
  for (int digit = 0; digit < sliced_digits; digit++)
    counters[digit * sliced_threads + threads.rank] = 0;
  for (int k = first; k < last; k++)
    counters[static_cast<int>((keys[k] >> shift) % sliced_digits) * sliced_threads + threads.rank]++;
  threads.sync();
  unsigned int* own = counters + threads.rank * sliced_digits;
  unsigned int total = 0;
#pragma unroll
  for (int k = 0; k < sliced_digits; k++)
    total += own[k];
  unsigned int before = sum_before(threads, total, scratch);
#pragma unroll
  for (int k = 0; k < sliced_digits; k++) {
    unsigned int here = own[k];
    own[k] = before;
    before += here;
  }

  threads.sync();
  for (int k = first; k < last; k++) {
    bits key = keys[k];
    unsigned int place = counters[static_cast<int>((key >> shift) % sliced_digits) * sliced_threads + threads.rank]++;
    to_keys[place] = key;
    if (indices != nullptr)
      to_indices[place] = indices[k];
  }

  threads.sync();
}

} // namespace ot
