// SlicedCost: transport between two clouds along each of many lines, exactly, by sorting.
//
// Computes   for each row and direction t: the cost sum over the monotone matching of mass |t.x - t.y|^p, both sides of mass one; on request
//            the orders, and by atom the slope of the cost. A row without side b: its sorted positions and their order alone.
// Mapping    up to 128 atoms a side: a warp a direction, bitonic sort of (key, index). Up to what shared memory holds: a block a direction,
//            radix sort by four bits. Beyond: passes of eight bits over the device, tiles of 2048 keys. A thread then has a run of the atoms of
//            side a, finds where its mass begins among the masses of b, and walks along both.
// Traffic    a direction reads (n + m) d coordinates, of which one block or warp keeps positions and order on chip; nothing else is read or
//            written but masses (8 bytes an atom), a cost, and what is asked for. Beyond that capacity: keys and indices, written once and then
//            read twice and written once for every eight bits of a key, and 8 bytes of running masses an atom.
// Numerics   positions by fma in elements of T, coordinates in order; sorted by bits, -0 as 0, equal ones by index; masses are integers, whose
//            running sums are exact in any order; costs and slopes in double, in an order that depends on n and m alone.
// Launch     256 threads. sliced_warp: 8 directions a block; sliced_block: one, dynamic shared memory of (n + m + max(n, m)) (key + 2) bytes, n
//            and m below 65536; the others a tile or a direction a block. Masses of both sides have the same sum.
#include "common/device.cuh"
#include "common/reduce.cuh"
#include "common/tiles.cuh"

namespace ot {

constexpr int sliced_threads = 256;
constexpr int sliced_warps = sliced_threads / warp_threads;
constexpr int sliced_warp_atoms = 128;
constexpr int sliced_digits = 16;
constexpr int sliced_tile = 2048;
constexpr int sliced_tile_share = sliced_tile / sliced_threads;
constexpr int sliced_buckets = 256;

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

/// One side of one row on some directions, in device memory.
struct sliced_pass {
  const void* points;
  const void* directions;
  void* sorted; // given where they are read, or to be written
  int* sorted_orders;
  int* orders;
  void* keys; // directions x count
  unsigned int* indices;
  void* other_keys;
  unsigned int* other_indices;
  unsigned int* counts; // directions x buckets x tiles
  const long long* masses;
  long long* ends; // directions x count running sums of mass, or null where all weigh the same
  long long* tile_masses;
  int count, dimension, tiles, shift, is_sorted;
};

/// A walk along both sides of one row on some directions.
struct sliced_merge_arguments {
  const void* keys;
  const unsigned int* indices;
  const long long* ends;
  const void* other_keys;
  const long long* other_ends;
  double* partials; // directions x tiles
  double* costs;
  double* slopes; // of the walker's atoms, or null
  long long mass, other_mass;
  double order, unit;
  int count, other_count, tiles;
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

/// Up to 128 keys in ascending order, equal ones by index: every place below the next power of two holds one.
template <typename bits> __device__ void sliced_bitonic(int lane, int count, bits* keys, unsigned short* indices) {
  int size = 1;
  while (size < count)
    size *= 2;
  for (int k = count + lane; k < size; k += warp_threads) {
    keys[k] = ~bits(0);
    indices[k] = static_cast<unsigned short>(k);
  }

  __syncwarp();
  for (int span = 2; span <= size; span *= 2) {
    for (int distance = span / 2; distance > 0; distance /= 2) {
      for (int pair = lane; pair < size / 2; pair += warp_threads) {
        int low = 2 * pair - (pair & (distance - 1));
        int high = low + distance;
        bits key_low = keys[low];
        bits key_high = keys[high];
        unsigned short index_low = indices[low];
        unsigned short index_high = indices[high];
        bool descends = key_low > key_high || (key_low == key_high && index_low > index_high);
        if (descends == ((low & span) == 0)) {
          keys[low] = key_high;
          keys[high] = key_low;
          indices[low] = index_high;
          indices[high] = index_low;
        }
      }

      __syncwarp();
    }
  }
}

template <typename element> __device__ void sliced_warp(const sliced_arguments& arguments) {
  using bits = typename sliced_key<element>::bits;
  OT_SHARED(bits, all_keys, sliced_warps * 2 * sliced_warp_atoms);
  OT_SHARED(unsigned short, all_indices, sliced_warps * 2 * sliced_warp_atoms);
  OT_SHARED(long long, all_sums, sliced_warps * 2 * warp_threads);
  int warp = static_cast<int>(threadIdx.x) / warp_threads;
  sliced_warp_team threads{static_cast<int>(threadIdx.x) % warp_threads};
  int which = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const sliced_row& row = arguments.rows[which];
  long long number = (blockIdx.x - arguments.tiles[which]) * sliced_warps + warp;
  if (number >= row.directions)
    return;
  const element* direction = static_cast<const element*>(arguments.directions) + row.first_direction + number * row.dimension;
  bits* keys = all_keys + warp * 2 * sliced_warp_atoms;
  unsigned short* indices = all_indices + warp * 2 * sliced_warp_atoms;
  long long* sums = all_sums + warp * 2 * warp_threads;
  bool alone = row.b.count == 0;
  for (int side = 0; side < (alone ? 1 : 2); side++) {
    const sliced_side& own = side == 0 ? row.a : row.b;
    bits* own_keys = keys + side * sliced_warp_atoms;
    unsigned short* own_indices = indices + side * sliced_warp_atoms;
    sliced_load(threads, arguments, own, direction, row.dimension, number, own_keys, own_indices);
    if (own.is_sorted == 0)
      sliced_bitonic(threads.rank, own.count, own_keys, own_indices);
    sliced_store<sliced_warp_team, element>(threads, arguments, own, alone, number, own_keys, own_indices);
  }

  if (alone)
    return;
  double cost = warp_sum(sliced_match<sliced_warp_team, element>(threads, arguments, row, number, keys, indices, keys + sliced_warp_atoms,
                                                                 indices + sliced_warp_atoms, sums, sums + warp_threads));
  if (threads.rank == 0)
    arguments.costs[row.costs + number] = cost;
}

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

struct join_bits {
  template <typename value> __device__ __forceinline__ value operator()(value a, value b) const { return a | b; }
};

template <typename element> __device__ void sliced_block(const sliced_arguments& arguments) {
  using bits = typename sliced_key<element>::bits;
  OT_DYNAMIC_SHARED(bits, memory);
  OT_SHARED(unsigned int, counters, sliced_digits* sliced_threads);
  OT_SHARED(unsigned int, scratch, sliced_threads);
  OT_SHARED(long long, sums, 2 * sliced_threads);
  OT_SHARED(bits, differing, sliced_warps);
  OT_SHARED(double, costs, sliced_warps);
  sliced_block_team threads{static_cast<int>(threadIdx.x)};
  int which = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const sliced_row& row = arguments.rows[which];
  long long number = blockIdx.x - arguments.tiles[which];
  const element* direction = static_cast<const element*>(arguments.directions) + row.first_direction + number * row.dimension;
  int n = row.a.count;
  int m = row.b.count;
  int most = max(n, m);
  bits* keys_a = memory;
  bits* keys_b = keys_a + n;
  bits* other_keys = keys_b + m;
  unsigned short* indices_a = reinterpret_cast<unsigned short*>(other_keys + most);
  unsigned short* indices_b = indices_a + n;
  unsigned short* other_indices = indices_b + m;
  bool alone = m == 0;
  for (int side = 0; side < (alone ? 1 : 2); side++) {
    const sliced_side& own = side == 0 ? row.a : row.b;
    bits* keys = side == 0 ? keys_a : keys_b;
    unsigned short* indices = side == 0 ? indices_a : indices_b;
    sliced_load(threads, arguments, own, direction, row.dimension, number, keys, indices);
    if (own.is_sorted == 0) {
      bits differs = 0;
      for (int k = threads.rank; k < own.count; k += sliced_threads)
        differs |= keys[k] ^ keys[0];
      differs = block_reduce<sliced_threads>(differs, differing, join_bits());
      bool moved = false;
      for (int shift = 0; shift < static_cast<int>(8 * sizeof(bits)); shift += 4) {
        if ((differs >> shift) % sliced_digits == 0)
          continue;
        sliced_digit_pass(threads, moved ? other_keys : keys, moved ? other_indices : indices, moved ? keys : other_keys, moved ? indices : other_indices,
                          own.count, shift, counters, scratch);
        moved = !moved;
      }

      for (int k = threads.rank; moved && k < own.count; k += sliced_threads) {
        keys[k] = other_keys[k];
        indices[k] = other_indices[k];
      }

      threads.sync();
    }

    sliced_store<sliced_block_team, element>(threads, arguments, own, alone, number, keys, indices);
  }

  if (alone)
    return;
  double cost = sliced_match<sliced_block_team, element>(threads, arguments, row, number, keys_a, indices_a, keys_b, indices_b, sums, sums + sliced_threads);
  cost = block_sum<sliced_threads>(cost, costs);
  if (threads.rank == 0)
    arguments.costs[row.costs + number] = cost;
}

/// A tile of a side in device memory: of which direction, and which of its atoms.
struct sliced_place {
  int direction, tile, first, count;
  __device__ __forceinline__ sliced_place(int tiles, int all) {
    direction = static_cast<int>(blockIdx.x / static_cast<unsigned int>(tiles));
    tile = static_cast<int>(blockIdx.x % static_cast<unsigned int>(tiles));
    first = tile * sliced_tile;
    count = min(sliced_tile, all - first);
  }
};

template <typename element> __device__ void sliced_project(const sliced_pass& pass) {
  sliced_place place(pass.tiles, pass.count);
  long long start = static_cast<long long>(place.direction) * pass.count;
  const element* direction = static_cast<const element*>(pass.directions) + static_cast<long long>(place.direction) * pass.dimension;
  auto* keys = static_cast<typename sliced_key<element>::bits*>(pass.keys);
  for (int k = static_cast<int>(threadIdx.x); k < place.count; k += sliced_threads) {
    int i = place.first + k;
    if (pass.is_sorted != 0) {
      keys[start + i] = sliced_key<element>::of(static_cast<const element*>(pass.sorted)[start + i]);
      pass.indices[start + i] = static_cast<unsigned int>(pass.sorted_orders[start + i]);
    } else {
      keys[start + i] = sliced_key<element>::of(sliced_position(static_cast<const element*>(pass.points), direction, pass.count, pass.dimension, i));
      pass.indices[start + i] = static_cast<unsigned int>(i);
    }
  }
}

template <typename element> __device__ void sliced_count(const sliced_pass& pass) {
  OT_SHARED(unsigned int, counts, sliced_buckets);
  sliced_place place(pass.tiles, pass.count);
  const auto* keys = static_cast<const typename sliced_key<element>::bits*>(pass.keys) + static_cast<long long>(place.direction) * pass.count + place.first;
  counts[threadIdx.x] = 0;
  __syncthreads();
  for (int k = static_cast<int>(threadIdx.x); k < place.count; k += sliced_threads)
    atomicAdd(&counts[static_cast<int>((keys[k] >> pass.shift) % sliced_buckets)], 1u);
  __syncthreads();
  pass.counts[(static_cast<long long>(place.direction) * sliced_buckets + threadIdx.x) * pass.tiles + place.tile] = counts[threadIdx.x];
}

/// Values of one direction become the sums of those before; a block a direction.
template <typename value> __device__ void sliced_sums_before(value* values, long long count, value* scratch) {
  sliced_block_team threads{static_cast<int>(threadIdx.x)};
  long long share = (count - 1) / sliced_threads + 1;
  long long first = min(count, threads.rank * share);
  long long last = min(count, first + share);
  value total = 0;
  for (long long k = first; k < last; k++)
    total += values[k];
  value before = sum_before(threads, total, scratch);
  for (long long k = first; k < last; k++) {
    value here = values[k];
    values[k] = before;
    before += here;
  }
}

__device__ __forceinline__ void sliced_offsets(const sliced_pass& pass) {
  OT_SHARED(unsigned int, scratch, sliced_threads);
  long long count = static_cast<long long>(sliced_buckets) * pass.tiles;
  sliced_sums_before(pass.counts + blockIdx.x * count, count, scratch);
}

template <typename element> __device__ void sliced_scatter(const sliced_pass& pass) {
  using bits = typename sliced_key<element>::bits;
  OT_SHARED(unsigned int, tagged, sliced_tile);
  OT_SHARED(unsigned int, other, sliced_tile);
  OT_SHARED(unsigned int, counters, sliced_digits* sliced_threads);
  OT_SHARED(unsigned int, scratch, sliced_threads);
  OT_SHARED(int, starts, sliced_buckets);
  sliced_block_team threads{static_cast<int>(threadIdx.x)};
  sliced_place place(pass.tiles, pass.count);
  long long start = static_cast<long long>(place.direction) * pass.count;
  const bits* keys = static_cast<const bits*>(pass.keys) + start + place.first;
  for (int k = threads.rank; k < place.count; k += sliced_threads)
    tagged[k] = static_cast<unsigned int>((keys[k] >> pass.shift) % sliced_buckets) << 16 | static_cast<unsigned int>(k);
  threads.sync();
  sliced_digit_pass<unsigned int>(threads, tagged, nullptr, other, nullptr, place.count, 16, counters, scratch);
  sliced_digit_pass<unsigned int>(threads, other, nullptr, tagged, nullptr, place.count, 20, counters, scratch);
  for (int k = threads.rank; k < place.count; k += sliced_threads) {
    int bucket = static_cast<int>(tagged[k] >> 16);
    if (k == 0 || static_cast<int>(tagged[k - 1] >> 16) != bucket)
      starts[bucket] = k;
  }

  threads.sync();
  for (int k = threads.rank; k < place.count; k += sliced_threads) {
    int bucket = static_cast<int>(tagged[k] >> 16);
    int from = static_cast<int>(tagged[k] & 0xFFFFu);
    unsigned int offset = pass.counts[(static_cast<long long>(place.direction) * sliced_buckets + bucket) * pass.tiles + place.tile];
    long long to = start + offset + (k - starts[bucket]);
    static_cast<bits*>(pass.other_keys)[to] = keys[from];
    pass.other_indices[to] = pass.indices[start + place.first + from];
  }
}

template <typename element> __device__ void sliced_write(const sliced_pass& pass) {
  sliced_place place(pass.tiles, pass.count);
  long long start = static_cast<long long>(place.direction) * pass.count + place.first;
  const auto* keys = static_cast<const typename sliced_key<element>::bits*>(pass.keys);
  for (int k = static_cast<int>(threadIdx.x); k < place.count; k += sliced_threads) {
    int index = static_cast<int>(pass.indices[start + k]);
    if (pass.orders != nullptr)
      pass.orders[start + k] = index;
    if (pass.sorted != nullptr && pass.is_sorted == 0) {
      static_cast<element*>(pass.sorted)[start + k] = sliced_key<element>::position(keys[start + k]);
      pass.sorted_orders[start + k] = index;
    }
  }
}

__device__ __forceinline__ long long sliced_run_of_mass(const sliced_pass& pass, const sliced_place& place, int& first, int& last) {
  first = place.first + min(place.count, static_cast<int>(threadIdx.x) * sliced_tile_share);
  last = min(place.first + place.count, first + sliced_tile_share);
  long long total = 0;
  for (int k = first; k < last; k++)
    total += pass.masses[pass.indices[static_cast<long long>(place.direction) * pass.count + k]];
  return total;
}

__device__ __forceinline__ void sliced_tile_masses(const sliced_pass& pass) {
  OT_SHARED(long long, scratch, sliced_warps);
  sliced_place place(pass.tiles, pass.count);
  int first, last;
  long long total = block_sum<sliced_threads>(sliced_run_of_mass(pass, place, first, last), scratch);
  if (threadIdx.x == 0)
    pass.tile_masses[blockIdx.x] = total;
}

__device__ __forceinline__ void sliced_tile_starts(const sliced_pass& pass) {
  OT_SHARED(long long, scratch, sliced_threads);
  sliced_sums_before(pass.tile_masses + static_cast<long long>(blockIdx.x) * pass.tiles, static_cast<long long>(pass.tiles), scratch);
}

__device__ __forceinline__ void sliced_ends(const sliced_pass& pass) {
  OT_SHARED(long long, scratch, sliced_threads);
  sliced_block_team threads{static_cast<int>(threadIdx.x)};
  sliced_place place(pass.tiles, pass.count);
  int first, last;
  long long total = sliced_run_of_mass(pass, place, first, last);
  long long end = pass.tile_masses[blockIdx.x] + sum_before(threads, total, scratch);
  long long start = static_cast<long long>(place.direction) * pass.count;
  for (int k = first; k < last; k++) {
    end += pass.masses[pass.indices[start + k]];
    pass.ends[start + k] = end;
  }
}

template <typename element> __device__ void sliced_merge(const sliced_merge_arguments& arguments) {
  using key = sliced_key<element>;
  OT_SHARED(double, scratch, sliced_warps);
  sliced_place place(arguments.tiles, arguments.count);
  long long start = static_cast<long long>(place.direction) * arguments.count;
  long long other_start = static_cast<long long>(place.direction) * arguments.other_count;
  const auto* keys = static_cast<const typename key::bits*>(arguments.keys) + start;
  const auto* other_keys = static_cast<const typename key::bits*>(arguments.other_keys) + other_start;
  const unsigned int* indices = arguments.indices + start;
  double* slopes = arguments.slopes == nullptr ? nullptr : arguments.slopes + start;
  const long long* ends = arguments.ends == nullptr ? nullptr : arguments.ends + start;
  const long long* other_ends = arguments.other_ends == nullptr ? nullptr : arguments.other_ends + other_start;
  bool one_to_one = ends == nullptr && other_ends == nullptr && arguments.count == arguments.other_count;
  auto end_of = [&](int k) { return ends == nullptr ? (k + 1LL) * arguments.mass : ends[k]; };
  auto other_end_of = [&](int k) { return other_ends == nullptr ? (k + 1LL) * arguments.other_mass : other_ends[k]; };
  int first = place.first + min(place.count, static_cast<int>(threadIdx.x) * sliced_tile_share);
  int last = min(place.first + place.count, first + sliced_tile_share);
  double cost = 0;
  if (one_to_one) {
    for (int k = first; k < last; k++) {
      double slope;
      double d = static_cast<double>(key::position(keys[k])) - static_cast<double>(key::position(other_keys[k]));
      cost = fma(sliced_power(d, arguments.order, slope), arguments.unit, cost);
      if (slopes != nullptr)
        slopes[indices[k]] = arguments.unit * slope;
    }
  } else if (first < last) {
    // The first atom of the other side whose mass ends behind the start of this run; the last one if the run has no mass at the very end.
    long long done = first == 0 ? 0 : end_of(first - 1);
    int low = 0;
    int high = arguments.other_count - 1;
    while (low < high) {
      int middle = low + (high - low) / 2;
      if (other_end_of(middle) > done)
        high = middle;
      else
        low = middle + 1;
    }

    int l = low;
    for (int k = first; k < last; k++) {
      double position = static_cast<double>(key::position(keys[k]));
      double slope_sum = 0;
      long long end = end_of(k);
      while (done < end) {
        while (other_end_of(l) <= done)
          l++;
        long long other_end = other_end_of(l);
        long long next = end < other_end ? end : other_end;
        double mass = static_cast<double>(next - done) * arguments.unit;
        done = next;
        double slope;
        double power = sliced_power(position - static_cast<double>(key::position(other_keys[l])), arguments.order, slope);
        cost = fma(power, mass, cost);
        slope_sum = fma(slope, mass, slope_sum);
      }

      if (slopes != nullptr)
        slopes[indices[k]] = slope_sum;
    }
  }

  cost = block_sum<sliced_threads>(cost, scratch);
  if (threadIdx.x == 0 && arguments.partials != nullptr)
    arguments.partials[blockIdx.x] = cost;
}

__device__ __forceinline__ void sliced_total(const sliced_merge_arguments& arguments) {
  OT_SHARED(double, scratch, sliced_warps);
  double cost = 0;
  for (int tile = static_cast<int>(threadIdx.x); tile < arguments.tiles; tile += sliced_threads)
    cost += arguments.partials[static_cast<long long>(blockIdx.x) * arguments.tiles + tile];
  cost = block_sum<sliced_threads>(cost, scratch);
  if (threadIdx.x == 0)
    arguments.costs[blockIdx.x] = cost;
}

} // namespace ot

OT_ENTRY(ot_sliced_warp_f32, 256, ot::sliced_arguments, ot::sliced_warp<float>(arguments))
OT_ENTRY(ot_sliced_warp_f64, 256, ot::sliced_arguments, ot::sliced_warp<double>(arguments))
OT_ENTRY(ot_sliced_block_f32, 256, ot::sliced_arguments, ot::sliced_block<float>(arguments))
OT_ENTRY(ot_sliced_block_f64, 256, ot::sliced_arguments, ot::sliced_block<double>(arguments))
OT_ENTRY(ot_sliced_project_f32, 256, ot::sliced_pass, ot::sliced_project<float>(arguments))
OT_ENTRY(ot_sliced_project_f64, 256, ot::sliced_pass, ot::sliced_project<double>(arguments))
OT_ENTRY(ot_sliced_count_f32, 256, ot::sliced_pass, ot::sliced_count<float>(arguments))
OT_ENTRY(ot_sliced_count_f64, 256, ot::sliced_pass, ot::sliced_count<double>(arguments))
OT_ENTRY(ot_sliced_offsets, 256, ot::sliced_pass, ot::sliced_offsets(arguments))
OT_ENTRY(ot_sliced_scatter_f32, 256, ot::sliced_pass, ot::sliced_scatter<float>(arguments))
OT_ENTRY(ot_sliced_scatter_f64, 256, ot::sliced_pass, ot::sliced_scatter<double>(arguments))
OT_ENTRY(ot_sliced_write_f32, 256, ot::sliced_pass, ot::sliced_write<float>(arguments))
OT_ENTRY(ot_sliced_write_f64, 256, ot::sliced_pass, ot::sliced_write<double>(arguments))
OT_ENTRY(ot_sliced_tile_masses, 256, ot::sliced_pass, ot::sliced_tile_masses(arguments))
OT_ENTRY(ot_sliced_tile_starts, 256, ot::sliced_pass, ot::sliced_tile_starts(arguments))
OT_ENTRY(ot_sliced_ends, 256, ot::sliced_pass, ot::sliced_ends(arguments))
OT_ENTRY(ot_sliced_merge_f32, 256, ot::sliced_merge_arguments, ot::sliced_merge<float>(arguments))
OT_ENTRY(ot_sliced_merge_f64, 256, ot::sliced_merge_arguments, ot::sliced_merge<double>(arguments))
OT_ENTRY(ot_sliced_total, 256, ot::sliced_merge_arguments, ot::sliced_total(arguments))
