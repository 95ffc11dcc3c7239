// SlicedCost of clouds that no block holds: passes over the device.
//
// Computes   as sliced_cost.cu, for one row and a run of its directions.
// Mapping    tiles of 2048 keys, a block each: keys and indices are made (project), and for every eight bits counted by tile (count), the counts
//            summed (offsets, a block a direction), and keys moved to their places (scatter); then what is wanted is written, and masses are summed
//            in the order of the keys (tile_masses, tile_starts, ends). merge: of the ends of atoms of both sides in order of mass a thread has
//            eight, which it finds where they begin, however uneven the masses are; total: a block a direction.
// Traffic    of an atom and a direction: d coordinates; keys and indices (4 bytes) are written once, for every eight bits keys read three times and
//            written once, indices read once and written once; the cost reads keys once; masses and their running sums: 52 bytes.
// Numerics   as sliced_cost.cu: a key's place does not depend on the tiles, and costs and the slopes of atoms that threads or
//            tiles share are joined in their order.
// Launch     256 threads; a tile or a direction a block, static shared memory only. Masses of both sides have the same sum.
#include "common/digit_pass.cuh"
#include "common/reduce.cuh"
#include "common/sliced_steps.cuh"

namespace ot {

constexpr int sliced_buckets = 256;

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
  OT_SHARED(double, scratch, sliced_warps);
  OT_SHARED(int, begins, sliced_threads + 1);
  OT_SHARED(double, tails, sliced_threads);
  long long direction = blockIdx.x / static_cast<unsigned int>(arguments.tiles);
  int tile = static_cast<int>(blockIdx.x % static_cast<unsigned int>(arguments.tiles));
  sliced_pair<element> pair(arguments, direction);
  double cost = 0;
  if (pair.is_one_to_one()) {
    int first = min(arguments.count, tile * sliced_tile + static_cast<int>(threadIdx.x) * sliced_tile_share);
    int last = min(arguments.count, first + sliced_tile_share);
    for (int k = first; k < last; k++) {
      double slope;
      cost = fma(sliced_power(pair.difference(k, k), arguments.order, slope), arguments.unit, cost);
      if (arguments.slopes != nullptr)
        arguments.slopes[direction * arguments.count + arguments.indices[direction * arguments.count + k]] = arguments.unit * slope;
      if (arguments.other_slopes != nullptr)
        arguments.other_slopes[direction * arguments.count + arguments.other_indices[direction * arguments.count + k]] = -arguments.unit * slope;
    }
  } else {
    cost = sliced_steps<element>(arguments, direction, tile, begins, tails);
  }

  cost = block_sum<sliced_threads>(cost, scratch);
  if (threadIdx.x == 0)
    arguments.partials[blockIdx.x] = cost;
}

/// Adds to the slope of the first atom that ends in a tile what tiles before have of it.
__device__ __forceinline__ void sliced_join_tiles(const sliced_merge_arguments& arguments, long long place, int count, const unsigned int* indices,
                                                  double* slopes) {
  const int* begins = arguments.begins + place;
  const double* tails = arguments.tails + place;
  for (int tile = 1 + static_cast<int>(threadIdx.x); tile < arguments.tiles; tile += sliced_threads) {
    int end = tile + 1 < arguments.tiles ? begins[tile + 1] : count;
    if (begins[tile] < end)
      slopes[indices[begins[tile]]] += sliced_carry(
          tile, [&](int at) { return begins[at]; }, [&](int at) { return tails[at]; });
  }
}

/// The cost of a direction, and the slopes of atoms that more than one tile has part of; a block a direction.
__device__ __forceinline__ void sliced_total(const sliced_merge_arguments& arguments) {
  OT_SHARED(double, scratch, sliced_warps);
  long long direction = blockIdx.x;
  double cost = 0;
  for (int tile = static_cast<int>(threadIdx.x); tile < arguments.tiles; tile += sliced_threads)
    cost += arguments.partials[direction * arguments.tiles + tile];
  cost = block_sum<sliced_threads>(cost, scratch);
  if (threadIdx.x == 0)
    arguments.costs[direction] = cost;
  if (arguments.begins == nullptr)
    return;
  long long place = 2 * direction * arguments.tiles;
  if (arguments.slopes != nullptr)
    sliced_join_tiles(arguments, place, arguments.count, arguments.indices + direction * arguments.count, arguments.slopes + direction * arguments.count);
  if (arguments.other_slopes != nullptr)
    sliced_join_tiles(arguments, place + arguments.tiles, arguments.other_count, arguments.other_indices + direction * arguments.other_count,
                      arguments.other_slopes + direction * arguments.other_count);
}

} // namespace ot

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
