// The sums of one pass (common/points.cuh) by direct differences: a thread the whole sums of its own atoms, the others through shared memory.
#pragma once

#include "common/points.cuh"

namespace ot {

/// What a thread reads of an atom of the other side.
template <typename element, int dimension> struct alignas(16) point_record {
  element coordinates[dimension];
  point_exponent<element> exponent;
};

template <typename element> constexpr int points_own = sizeof(element) == 4 ? 4 : 2;
constexpr int points_own_in_slabs = 2;

/// Sums in up to `dimension` dimensions; the own atoms' coordinates stay in registers. What is past the last own atom is computed and dropped.
template <typename element, int dimension> __device__ void points_sums_narrow(const points_pass<element>& pass, void* shared) {
  constexpr int own = points_own<element>;
  auto* records = static_cast<point_record<element, dimension>*>(shared);
  element coordinates[own][dimension];
  element whole[own];
  double sums[own];
#pragma unroll
  for (int r = 0; r < own; r++) {
    int i = min(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), pass.own - 1);
    whole[r] = pass.own_whole(i);
    sums[r] = 0;
#pragma unroll
    for (int k = 0; k < dimension; k++)
      coordinates[r][k] = pass.own_coordinate(i, k);
  }

  for (int start = pass.first; start < pass.end; start += points_tile) {
    __syncthreads();
    int j = static_cast<int>(threadIdx.x) % points_tile;
    for (int k = static_cast<int>(threadIdx.x) / points_tile; k < dimension; k += points_threads / points_tile)
      records[j].coordinates[k] = pass.other_coordinate(start + j, k);
    if (threadIdx.x < points_tile)
      records[j].exponent = pass.other_exponent(start + j);
    __syncthreads();
    element terms[own] = {};
#pragma unroll(sizeof(element) == 4 ? 4 : 1)
    for (int c = 0; c < points_tile; c++) {
      // Not copied: what is between the records' ends is nobody's.
      const point_record<element, dimension>& other = records[c];
#pragma unroll
      for (int r = 0; r < own; r++) {
        element exponent = whole[r] + other.exponent.whole;
#pragma unroll
        for (int k = 0; k < dimension; k++) {
          element difference = coordinates[r][k] - other.coordinates[k];
          exponent = fma(-difference, difference, exponent);
        }

        terms[r] = fma(other.exponent.weight, exp2_fast(exponent), terms[r]);
      }
    }

#pragma unroll
    for (int r = 0; r < own; r++)
      sums[r] += static_cast<double>(terms[r]);
  }

#pragma unroll
  for (int r = 0; r < own; r++)
    pass.store(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), sums[r]);
}

/// Sums in any number of dimensions, a slab of them at a time.
template <typename element> __device__ void points_sums_wide(const points_pass<element>& pass, void* shared) {
  constexpr int own = points_own_in_slabs;
  auto* slab = static_cast<point_record<element, points_depth>*>(shared);
  int rows[own];
  element whole[own];
  double sums[own];
#pragma unroll
  for (int r = 0; r < own; r++) {
    rows[r] = min(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), pass.own - 1);
    whole[r] = pass.own_whole(rows[r]);
    sums[r] = 0;
  }

  int j = static_cast<int>(threadIdx.x) % points_at_once;
  int k = static_cast<int>(threadIdx.x) / points_at_once;
  for (int start = pass.first; start < pass.end; start += points_at_once) {
    element exponents[own][points_at_once];
    for (int from = 0; from < pass.dimension; from += points_depth) {
      __syncthreads();
      if (k < points_depth)
        slab[j].coordinates[k] = pass.other_coordinate(start + j, from + k);
      else if (k == points_depth && from == 0)
        slab[j].exponent = pass.other_exponent(start + j);
      __syncthreads();
#pragma unroll
      for (int r = 0; r < own; r++) {
        element coordinates[points_depth];
#pragma unroll
        for (int q = 0; q < points_depth; q++)
          coordinates[q] = pass.own_coordinate(rows[r], from + q);
#pragma unroll
        for (int c = 0; c < points_at_once; c++) {
          element exponent = from == 0 ? whole[r] + slab[c].exponent.whole : exponents[r][c];
#pragma unroll
          for (int q = 0; q < points_depth; q++) {
            element difference = coordinates[q] - slab[c].coordinates[q];
            exponent = fma(-difference, difference, exponent);
          }

          exponents[r][c] = exponent;
        }
      }
    }

#pragma unroll
    for (int r = 0; r < own; r++) {
      element terms = 0;
#pragma unroll
      for (int c = 0; c < points_at_once; c++)
        terms = fma(slab[c].exponent.weight, exp2_fast(exponents[r][c]), terms);
      sums[r] += static_cast<double>(terms);
    }
  }

#pragma unroll
  for (int r = 0; r < own; r++)
    pass.store(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), sums[r]);
}

} // namespace ot
