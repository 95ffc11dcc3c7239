// One direction of a sliced cost on chip: a warp or a block brings both sides into shared memory and, once they are sorted, walks along both.
//
// Contract: all threads of the team call; the cost is in parts, one a thread, for the caller to join. starts and scratch hold one value a thread
// and may be used again after the call.
#pragma once

#include "common/sliced.cuh"

namespace ot {

struct sliced_arguments {
  const sliced_row* rows;
  const long long* tiles; // count + 1 running totals of blocks by row
  const void* points;     // elements of T
  const void* directions;
  const long long* masses;
  void* sorted;
  int* sorted_orders;
  int* orders;
  double* costs;
  double* slopes;
  double order;
  long long count;
};

/// A side on chip in ascending order.
template <typename element> struct sliced_line {
  using bits = typename sliced_key<element>::bits;
  const bits* keys;
  const unsigned short* indices;
  const long long* masses; // by atom; null where each has mass
  long long mass;
  int count;

  __device__ __forceinline__ double position(int k) const { return static_cast<double>(sliced_key<element>::position(keys[k])); }
  __device__ __forceinline__ long long mass_of(int k) const { return masses == nullptr ? mass : masses[indices[k]]; }
};

/// What the walk along own's atoms of one thread costs; starts and scratch hold one value a thread. Writes own's slopes.
template <typename team, typename element> __device__ double sliced_walk(team threads, const sliced_line<element>& own, const sliced_line<element>& other,
                                                                         double p, double unit, double* slopes, long long* starts, long long* scratch) {
  int share = (own.count - 1) / team::size + 1;
  int other_share = (other.count - 1) / team::size + 1;
  int first = min(own.count, threads.rank * share);
  int last = min(own.count, first + share);
  int other_first = min(other.count, threads.rank * other_share);
  int other_last = min(other.count, other_first + other_share);
  long long total = 0;
  for (int k = first; k < last; k++)
    total += own.mass_of(k);
  long long start = sum_before(threads, total, scratch);
  long long other_total = 0;
  for (int k = other_first; k < other_last; k++)
    other_total += other.mass_of(k);
  long long other_start = sum_before(threads, other_total, scratch);
  starts[threads.rank] = other_start;
  threads.sync();

  // The last run of the other side that begins at or before this one's mass, and in it the atom that the mass begins in.
  int low = 0;
  int high = team::size - 1;
  while (low < high) {
    int middle = low + (high - low + 1) / 2;
    if (starts[middle] <= start)
      low = middle;
    else
      high = middle - 1;
  }

  int l = min(other.count, low * other_share);
  long long at = starts[low];
  threads.sync();
  long long rest = 0;
  for (; total > 0 && l < other.count; l++) {
    long long mass = other.mass_of(l);
    if (at + mass > start) {
      rest = at + mass - start;
      break;
    }

    at += mass;
  }

  double cost = 0;
  for (int k = first; k < last; k++) {
    double position = own.position(k);
    double slope_sum = 0;
    long long left = own.mass_of(k);
    while (left > 0) {
      while (rest == 0)
        rest = other.mass_of(++l);
      long long units = left < rest ? left : rest;
      left -= units;
      rest -= units;
      double slope;
      double power = sliced_power(position - other.position(l), p, slope);
      double mass = static_cast<double>(units) * unit;
      cost = fma(power, mass, cost);
      slope_sum = fma(slope, mass, slope_sum);
    }

    if (slopes != nullptr)
      slopes[own.indices[k]] = slope_sum;
  }

  return cost;
}

/// As many atoms of one unit on both sides. Powers are weighted before they are added, so that a sum overflows only where the cost does.
template <typename team, typename element> __device__ double sliced_rank_by_rank(team threads, const sliced_line<element>& a, const sliced_line<element>& b,
                                                                                 double p, double unit, double* slopes_a, double* slopes_b) {
  double cost = 0;
  for (int k = threads.rank; k < a.count; k += team::size) {
    double slope;
    cost = fma(sliced_power(a.position(k) - b.position(k), p, slope), unit, cost);
    if (slopes_a != nullptr)
      slopes_a[a.indices[k]] = unit * slope;
    if (slopes_b != nullptr)
      slopes_b[b.indices[k]] = -unit * slope;
  }

  return cost;
}

/// Brings a side on chip, sorted or not.
template <typename team, typename element> __device__ void sliced_load(team threads, const sliced_arguments& arguments, const sliced_side& side,
                                                                       const element* direction, int dimension, long long number,
                                                                       typename sliced_key<element>::bits* keys, unsigned short* indices) {
  if (side.is_sorted != 0) {
    long long place = side.sorted + number * side.count;
    for (int k = threads.rank; k < side.count; k += team::size) {
      keys[k] = sliced_key<element>::of(static_cast<const element*>(arguments.sorted)[place + k]);
      indices[k] = static_cast<unsigned short>(arguments.sorted_orders[place + k]);
    }
  } else {
    const element* points = static_cast<const element*>(arguments.points) + side.points;
    for (int i = threads.rank; i < side.count; i += team::size) {
      keys[i] = sliced_key<element>::of(sliced_position(points, direction, side.count, dimension, i));
      indices[i] = static_cast<unsigned short>(i);
    }
  }

  threads.sync();
}

/// Writes what is asked of the order of a side; of a row of one side also its positions.
template <typename team, typename element> __device__ void sliced_store(team threads, const sliced_arguments& arguments, const sliced_side& side, bool alone,
                                                                        long long number, const typename sliced_key<element>::bits* keys,
                                                                        const unsigned short* indices) {
  long long place = number * side.count;
  for (int k = threads.rank; k < side.count; k += team::size) {
    if (side.orders >= 0)
      arguments.orders[side.orders + place + k] = indices[k];
    if (alone) {
      static_cast<element*>(arguments.sorted)[side.sorted + place + k] = sliced_key<element>::position(keys[k]);
      arguments.sorted_orders[side.sorted + place + k] = indices[k];
    }
  }
}

__device__ __forceinline__ double* sliced_slopes(const sliced_arguments& arguments, const sliced_side& side, long long number) {
  return side.slopes < 0 ? nullptr : arguments.slopes + side.slopes + number * side.count;
}

/// What one thread has of the cost of two sides on chip.
template <typename team, typename element> __device__ double sliced_match(team threads, const sliced_arguments& arguments, const sliced_row& row,
                                                                          long long number, const typename sliced_key<element>::bits* keys_a,
                                                                          const unsigned short* indices_a, const typename sliced_key<element>::bits* keys_b,
                                                                          const unsigned short* indices_b, long long* starts, long long* scratch) {
  sliced_line<element> a{keys_a, indices_a, row.a.masses < 0 ? nullptr : arguments.masses + row.a.masses, row.a.mass, row.a.count};
  sliced_line<element> b{keys_b, indices_b, row.b.masses < 0 ? nullptr : arguments.masses + row.b.masses, row.b.mass, row.b.count};
  double* slopes_a = sliced_slopes(arguments, row.a, number);
  double* slopes_b = sliced_slopes(arguments, row.b, number);
  if (a.masses == nullptr && b.masses == nullptr && a.count == b.count)
    return sliced_rank_by_rank(threads, a, b, arguments.order, row.unit, slopes_a, slopes_b);
  double cost = sliced_walk(threads, a, b, arguments.order, row.unit, slopes_a, starts, scratch);
  if (slopes_b != nullptr)
    sliced_walk(threads, b, a, arguments.order, row.unit, slopes_b, starts, scratch);
  return cost;
}

} // namespace ot
