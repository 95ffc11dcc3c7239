// SlicedCost: transport between two clouds along each of many lines, exactly, by sorting on chip.
//
// Computes   for each row and direction t: the cost sum over the monotone matching of mass |t.x - t.y|^p, both sides of mass one; on request
//            the orders, and by atom the slope of the cost. A row without side b: its sorted positions and their order alone.
// Mapping    up to 128 atoms a side: a warp a direction, bitonic sort of (key, index). Up to what shared memory holds: a block a direction,
//            radix sort by four bits. A thread then has a run of the atoms of side a, finds where its mass begins among the masses of b, and
//            walks along both. Larger clouds: sliced_passes.cu.
// Traffic    a direction reads (n + m) d coordinates, of which one block or warp keeps positions and order on chip; nothing else is read or
//            written but masses (8 bytes an atom), a cost, and what is asked for.
// Numerics   positions by fma in elements of T, coordinates in order; sorted by bits, -0 as 0, equal ones by index; masses are integers, whose
//            running sums are exact in any order; costs and slopes in double, in an order that depends on n and m alone.
// Launch     256 threads. sliced_warp: 8 directions a block; sliced_block: one, dynamic shared memory of (n + m + max(n, m)) (key + 2) bytes, n
//            and m below 65536. Masses of both sides have the same sum.
#include "common/digit_pass.cuh"
#include "common/reduce.cuh"
#include "common/sliced_line.cuh"
#include "common/tiles.cuh"

namespace ot {

constexpr int sliced_warp_atoms = 128;

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

} // namespace ot

OT_ENTRY(ot_sliced_warp_f32, 256, ot::sliced_arguments, ot::sliced_warp<float>(arguments))
OT_ENTRY(ot_sliced_warp_f64, 256, ot::sliced_arguments, ot::sliced_warp<double>(arguments))
OT_ENTRY(ot_sliced_block_f32, 256, ot::sliced_arguments, ot::sliced_block<float>(arguments))
OT_ENTRY(ot_sliced_block_f64, 256, ot::sliced_arguments, ot::sliced_block<double>(arguments))
