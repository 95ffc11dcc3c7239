// The walk along both sides of a direction in device memory, in steps that each end where an atom of either side does.
//
// Contract: all threads of a block call sliced_steps, with begins for one more and tails for as many values as threads; the cost is in parts, one
// a thread. Slopes of atoms that lie within one tile are then complete, those of others want what tiles before have of them.
#pragma once

#include "common/sliced.cuh"

namespace ot {

constexpr int sliced_tile = 2048;
constexpr int sliced_tile_share = sliced_tile / sliced_threads;

/// A walk along both sides of one row on some directions.
struct sliced_merge_arguments {
  const void* keys;
  const unsigned int* indices;
  const long long* ends; // running sums of mass, or null where all weigh the same
  const void* other_keys;
  const unsigned int* other_indices;
  const long long* other_ends;
  double* partials; // directions x tiles
  int* begins;      // directions x 2 x tiles, or null where no atom is split: the first atom of each tile
  double* tails;    // directions x 2 x tiles: what a tile has of the atom that the next one begins with
  double* costs;
  double* slopes; // by atom, or null
  double* other_slopes;
  long long mass, other_mass;
  double order, unit;
  int count, other_count, tiles;
};

/// Both sides of one direction in the order of their keys.
template <typename element> struct sliced_pair {
  using key = sliced_key<element>;
  const typename key::bits* keys;
  const typename key::bits* other_keys;
  const long long* ends;
  const long long* other_ends;
  const sliced_merge_arguments& all;

  __device__ __forceinline__ sliced_pair(const sliced_merge_arguments& arguments, long long direction)
      : keys(static_cast<const typename key::bits*>(arguments.keys) + direction * arguments.count),
        other_keys(static_cast<const typename key::bits*>(arguments.other_keys) + direction * arguments.other_count),
        ends(arguments.ends == nullptr ? nullptr : arguments.ends + direction * arguments.count),
        other_ends(arguments.other_ends == nullptr ? nullptr : arguments.other_ends + direction * arguments.other_count), all(arguments) {}

  __device__ __forceinline__ bool is_one_to_one() const { return ends == nullptr && other_ends == nullptr && all.count == all.other_count; }
  __device__ __forceinline__ long long end_of(int k) const { return ends == nullptr ? (k + 1LL) * all.mass : ends[k]; }
  __device__ __forceinline__ long long other_end_of(int l) const { return other_ends == nullptr ? (l + 1LL) * all.other_mass : other_ends[l]; }
  __device__ __forceinline__ double difference(int k, int l) const {
    return static_cast<double>(key::position(keys[k])) - static_cast<double>(key::position(other_keys[l]));
  }
};

/// Adds to the slope of the first atom that ends in a thread's part what parts before have of it in this tile, and leaves what the tile has of the
/// atom that is under way at its end.
__device__ __forceinline__ void sliced_join_threads(int rank, int begin, int end, double tail, const unsigned int* indices, double* slopes, int* begins,
                                                    double* tails, int* tile_begin, double* tile_tail) {
  begins[rank] = begin;
  tails[rank] = tail;
  if (rank == sliced_threads - 1)
    begins[sliced_threads] = end;
  __syncthreads();
  auto begin_of = [&](int at) { return begins[at]; };
  auto tail_of = [&](int at) { return tails[at]; };
  double carry = sliced_carry(rank, begin_of, tail_of);
  if (begin < end)
    slopes[indices[begin]] += carry;
  if (rank == 0)
    *tile_begin = begin;
  if (rank == sliced_threads - 1)
    *tile_tail = sliced_carry(sliced_threads, begin_of, tail_of);
  __syncthreads();
}

/// What a thread's steps cost, of which each ends at the next end of an atom of either side, so that all threads have as many.
template <typename element> __device__ double sliced_steps(const sliced_merge_arguments& arguments, long long direction, int tile, int* begins, double* tails) {
  sliced_pair<element> pair(arguments, direction);
  int n = arguments.count;
  int m = arguments.other_count;
  int rank = static_cast<int>(threadIdx.x);
  long long all = static_cast<long long>(n) + m;
  long long step = min(all, static_cast<long long>(tile) * sliced_tile + rank * sliced_tile_share);
  long long last = min(all, step + sliced_tile_share);
  const unsigned int* indices = arguments.indices + direction * n;
  const unsigned int* other_indices = arguments.other_indices + direction * m;
  double* slopes = arguments.slopes == nullptr ? nullptr : arguments.slopes + direction * n;
  double* other_slopes = arguments.other_slopes == nullptr ? nullptr : arguments.other_slopes + direction * m;
  int k = merge_split(
      step, n, m, [&](int at) { return pair.end_of(at); }, [&](int at) { return pair.other_end_of(at); });
  int l = static_cast<int>(step - k);
  int begin = k;
  int other_begin = l;
  long long done = max(k > 0 ? pair.end_of(k - 1) : 0LL, l > 0 ? pair.other_end_of(l - 1) : 0LL);
  double cost = 0;
  double slope_sum = 0;
  double other_slope_sum = 0;
  for (; step < last; step++) {
    bool is_own = l == m || (k < n && pair.end_of(k) <= pair.other_end_of(l));
    long long end = is_own ? pair.end_of(k) : pair.other_end_of(l);
    if (end > done) {
      double mass = static_cast<double>(end - done) * arguments.unit;
      done = end;
      double slope;
      cost = fma(sliced_power(pair.difference(k, l), arguments.order, slope), mass, cost);
      slope_sum = fma(slope, mass, slope_sum);
      other_slope_sum = fma(-slope, mass, other_slope_sum);
    }

    if (is_own) {
      if (slopes != nullptr)
        slopes[indices[k]] = slope_sum;
      slope_sum = 0;
      k++;
    } else {
      if (other_slopes != nullptr)
        other_slopes[other_indices[l]] = other_slope_sum;
      other_slope_sum = 0;
      l++;
    }
  }

  long long place = 2 * direction * arguments.tiles + tile;
  if (slopes != nullptr)
    sliced_join_threads(rank, begin, k, slope_sum, indices, slopes, begins, tails, arguments.begins + place, arguments.tails + place);
  place += arguments.tiles;
  if (other_slopes != nullptr)
    sliced_join_threads(rank, other_begin, l, other_slope_sum, other_indices, other_slopes, begins, tails, arguments.begins + place, arguments.tails + place);
  return cost;
}

} // namespace ot
