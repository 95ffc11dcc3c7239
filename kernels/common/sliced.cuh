// What both ways to sliced costs share: the seam's rows, keys that sort as positions do, the cost of a distance, a projection.
//
// Contract: sum_before is called by all threads of a team, with scratch of one value a thread; each receives the sum of the values of lower
// ranks, which is exact for the integers it is used with, and may use the scratch again.
#pragma once

#include "common/device.cuh"

namespace ot {

constexpr int sliced_threads = 256;
constexpr int sliced_warps = sliced_threads / warp_threads;

/// OtEngine's SlicedSide and SlicedRow are the same structures.
struct sliced_side {
  int count, is_sorted;
  long long points, masses, mass, sorted, orders, slopes;
};

struct sliced_row {
  sliced_side a, b;
  int dimension, directions;
  long long first_direction, costs;
  double unit;
};

template <typename element> struct sliced_key;

template <> struct sliced_key<float> {
  using bits = unsigned int;
  static __device__ __forceinline__ bits of(float position) {
    unsigned int own = __float_as_uint(position + 0.0f); // -0 becomes 0
    return own ^ ((own >> 31) != 0 ? 0xFFFFFFFFu : 0x80000000u);
  }
  static __device__ __forceinline__ float position(bits key) { return __uint_as_float(key ^ ((key >> 31) != 0 ? 0x80000000u : 0xFFFFFFFFu)); }
};

template <> struct sliced_key<double> {
  using bits = unsigned long long;
  static __device__ __forceinline__ bits of(double position) {
    unsigned long long own = static_cast<unsigned long long>(__double_as_longlong(position + 0.0));
    return own ^ ((own >> 63) != 0 ? ~0ULL : 1ULL << 63);
  }
  static __device__ __forceinline__ double position(bits key) {
    return __longlong_as_double(static_cast<long long>(key ^ ((key >> 63) != 0 ? 1ULL << 63 : ~0ULL)));
  }
};

/// The threads that work on one direction.
struct sliced_warp_team {
  static constexpr int size = warp_threads;
  int rank;
  __device__ __forceinline__ void sync() const { __syncwarp(); }
};

struct sliced_block_team {
  static constexpr int size = sliced_threads;
  int rank;
  __device__ __forceinline__ void sync() const { __syncthreads(); }
};

/// The sum of the values of lower ranks; scratch of one value a thread.
template <typename team, typename value> __device__ __forceinline__ value sum_before(team threads, value own, value* scratch) {
  scratch[threads.rank] = own;
  threads.sync();
#pragma unroll
  for (int distance = 1; distance < team::size; distance *= 2) {
    value lower = threads.rank >= distance ? scratch[threads.rank - distance] : value(0);
    threads.sync();
    scratch[threads.rank] += lower;
    threads.sync();
  }

  value before = scratch[threads.rank] - own;
  threads.sync();
  return before;
}

/// How many of the first list are among the lowest diagonal of two ascending lists, equal ones of the first list before those of the second.
template <typename first, typename second>
__device__ __forceinline__ int merge_split(long long diagonal, int count, int other_count, first value_of, second other_value_of) {
  int low = static_cast<int>(max(0LL, diagonal - other_count));
  int high = static_cast<int>(min(diagonal, static_cast<long long>(count)));
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (value_of(middle) <= other_value_of(static_cast<int>(diagonal - 1 - middle)))
      low = middle + 1;
    else
      high = middle;
  }

  return low;
}

/// What the ranks before one have of the atom that its part begins with: each leaves a tail of the atom that is the next one's first, and those in
/// a row that begin with the same atom lie within it. Added in the order of the ranks.
template <typename begins, typename tails> __device__ __forceinline__ double sliced_carry(int rank, begins begin_of, tails tail_of) {
  int first = rank;
  do
    first--;
  while (first > 0 && begin_of(first) == begin_of(rank));
  double sum = 0;
  for (int before = max(first, 0); before < rank; before++)
    sum += tail_of(before);
  return sum;
}

/// |d|^p, and p |d|^(p-1) sign d.
__device__ __forceinline__ double sliced_power(double d, double p, double& slope) {
  double distance = fabs(d);
  if (p == 1) {
    slope = d > 0 ? 1 : d < 0 ? -1 : 0;
    return distance;
  }

  if (p == 2) {
    slope = 2 * d;
    return d * d;
  }

  double power = pow(distance, p);
  slope = d == 0 ? 0 : copysign(p * (power / distance), d);
  return power;
}

template <typename element>
__device__ __forceinline__ element sliced_position(const element* points, const element* direction, int count, int dimension, int i) {
  element sum = 0;
  for (int k = 0; k < dimension; k++)
    sum = fma(direction[k], points[static_cast<long long>(k) * count + i], sum);
  return sum;
}

} // namespace ot
