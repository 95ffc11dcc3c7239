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

/// Where a mass begins: the last of the runs of equal counts that begins at or before it, and in it the first atom that ends behind it.
template <typename element>
__device__ int sliced_atom_at(const sliced_line<element>& line, const long long* starts, int runs, long long begin, long long& left) {
  int low = 0;
  int high = runs - 1;
  while (low < high) {
    int middle = low + (high - low + 1) / 2;
    if (starts[middle] <= begin)
      low = middle;
    else
      high = middle - 1;
  }

  int k = min(line.count, low * ((line.count - 1) / runs + 1));
  long long end = starts[low];
  for (; k < line.count; k++) {
    end += line.mass_of(k);
    if (end > begin)
      break;
  }

  left = k < line.count ? end - begin : 0;
  return k;
}

/// The mass of lower positions than a thread's run of equal counts; starts receives it for all threads.
template <typename team, typename element> __device__ void sliced_starts(team threads, const sliced_line<element>& line, long long* starts) {
  int share = (line.count - 1) / team::size + 1;
  int first = min(line.count, threads.rank * share);
  int last = min(line.count, first + share);
  long long total = 0;
  for (int k = first; k < last; k++)
    total += line.mass_of(k);
  long long start = sum_before(threads, total, starts);
  starts[threads.rank] = start;
  threads.sync();
}

/// The mass at which a thread's part of the walk begins: every second of the starts of runs of both sides, so that a part has few atoms of
/// either, however uneven the masses are.
template <typename team> __device__ long long sliced_part(int rank, const long long* starts, const long long* other_starts) {
  if (rank == team::size)
    return 0x7FFFFFFFFFFFFFFFLL;
  int k = merge_split(
      2 * rank, team::size, team::size, [&](int at) { return starts[at]; }, [&](int at) { return other_starts[at]; });
  int l = 2 * rank - k;
  if (k == team::size)
    return other_starts[l];
  return l == team::size ? starts[k] : min(starts[k], other_starts[l]);
}

/// Adds to the slope of the first atom that ends in a thread's part what parts before have of it. begins: the first atom of each part, of one side
/// in its lower half; tails: one value a thread.
template <typename team, typename element> __device__ void sliced_join(team threads, const sliced_line<element>& line, int begin, int end, double tail,
                                                                       double* slopes, const long long* begins, int shift, long long* tails) {
  if (slopes == nullptr)
    return;
  tails[threads.rank] = __double_as_longlong(tail);
  threads.sync();
  double carry = sliced_carry(
      threads.rank, [&](int rank) { return static_cast<int>(begins[rank] >> shift & 0xFFFFFFFF); },
      [&](int rank) { return __longlong_as_double(tails[rank]); });
  if (begin < end)
    slopes[line.indices[begin]] += carry;
  threads.sync();
}

/// What one thread has of the walk along both sides; starts and scratch hold one value a thread. Slopes may be null.
template <typename team, typename element> __device__ double sliced_walk(team threads, const sliced_line<element>& a, const sliced_line<element>& b, double p,
                                                                         double unit, double* slopes_a, double* slopes_b, long long* starts,
                                                                         long long* scratch) {
  sliced_starts(threads, a, starts);
  sliced_starts(threads, b, scratch);
  long long at = sliced_part<team>(threads.rank, starts, scratch);
  long long stop = sliced_part<team>(threads.rank + 1, starts, scratch);
  long long left_a, left_b;
  int k = sliced_atom_at(a, starts, team::size, at, left_a);
  int l = sliced_atom_at(b, scratch, team::size, at, left_b);
  if (threads.rank == 0) {
    // Atoms without mass before the first one with mass are the first thread's.
    k = l = 0;
    left_a = a.mass_of(0);
    left_b = b.mass_of(0);
  }

  threads.sync();
  int begin_a = k;
  int begin_b = l;
  starts[threads.rank] = static_cast<long long>(l) << 32 | k;
  threads.sync();
  int end_a = threads.rank + 1 < team::size ? static_cast<int>(starts[threads.rank + 1] & 0xFFFFFFFF) : a.count;
  int end_b = threads.rank + 1 < team::size ? static_cast<int>(starts[threads.rank + 1] >> 32) : b.count;
  double cost = 0;
  double slope_a = 0;
  double slope_b = 0;
  // Atoms that end where the part does, some without mass, are this part's; the next one's first may have begun in it.
  while (k < end_a || l < end_b || at < stop) {
    if (k < end_a && left_a == 0) {
      if (slopes_a != nullptr)
        slopes_a[a.indices[k]] = slope_a;
      slope_a = 0;
      k++;
      left_a = k < a.count ? a.mass_of(k) : 0;
      continue;
    }

    if (l < end_b && left_b == 0) {
      if (slopes_b != nullptr)
        slopes_b[b.indices[l]] = slope_b;
      slope_b = 0;
      l++;
      left_b = l < b.count ? b.mass_of(l) : 0;
      continue;
    }

    long long units = min(min(left_a, left_b), stop - at);
    if (units == 0)
      break;
    at += units;
    left_a -= units;
    left_b -= units;
    double slope;
    double power = sliced_power(a.position(k) - b.position(l), p, slope);
    double mass = static_cast<double>(units) * unit;
    cost = fma(power, mass, cost);
    slope_a = fma(slope, mass, slope_a);
    slope_b = fma(-slope, mass, slope_b);
  }

  sliced_join(threads, a, begin_a, end_a, slope_a, slopes_a, starts, 0, scratch);
  sliced_join(threads, b, begin_b, end_b, slope_b, slopes_b, starts, 32, scratch);
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
  return sliced_walk(threads, a, b, arguments.order, row.unit, slopes_a, slopes_b, starts, scratch);
}

} // namespace ot
