// Ragged batches without padding: blocks are numbered through all problems of a launch, and each finds the problem it belongs to.
#pragma once

#include "common/device.cuh"

namespace ot {

/// The problem that a block belongs to: tiles holds count + 1 running totals of blocks. Problems without blocks are passed over.
__device__ __forceinline__ int locate(const long long* tiles, int count, long long block) {
  int low = 0;
  int high = count - 1;
  while (low < high) {
    int middle = low + (high - low + 1) / 2;
    if (tiles[middle] <= block)
      low = middle;
    else
      high = middle - 1;
  }

  return low;
}

} // namespace ot
