// The sums of sinkhorn_points.cu for float points in more than 8 dimensions, their inner products made on tensor cores.
//
// Computes   with z the points about their centre times sqrt(2 log2 e / eps), rounded to what the products take, p and q the exponents of the
//            atoms less |z|^2 / 2 each:
//            take: z where eps or the potentials have changed, p and q;
//            sums: by parts of the other side's atoms sum_j b_j 2^(p_i + q_j + z_i . z_j), for both sides as in sinkhorn_points.cu.
// Mapping    take: a thread an atom. sums: a block 128 atoms of its own, a warp 16 of them, 64 of the other side at a time, by products of
//            16 x 8 and 8 x 8; coordinates lie as lanes read them.
// Traffic    sums: 4 bytes a coordinate of the other side for every 128 atoms of its own, from the second cache, and of its own for every 64 of
//            the other side, from the first; d multiply-adds on tensor cores an entry and product, one exp, 4 additions and multiply-adds; a
//            sweep is both sides.
// Numerics   z = h + l, each of TF32's 11 bits. Strict: h h + h l + l h, z itself being rounded to h + l; what is left out is some 2^-23 of
//            |z_i| |z_j|. Fast: h h, z being rounded to h: exact but for sums, for points that are moved by up to 2^-12 of their distance from
//            the centre in each coordinate. |z|^2 in double, of z as it is rounded. Sums as in sinkhorn_points.cu.
// Launch     256 threads; take: tiles of 256 rows, then of 256 columns; sums: tiles of 128 own atoms times parts. Static shared memory. Compute
//            capability 8.0; nothing for older devices.
#include "common/points.cuh"
#include "common/tensor.cuh"

namespace ot {

constexpr int product_rows = 16;
constexpr int product_side = 8; // of what a product takes of the other side, and its depth
constexpr int products_own = points_threads / warp_threads * product_rows;
constexpr int products_steps = 4; // depths of a slab
constexpr int products_wide = points_tile / product_side;
constexpr int products_slab = products_wide * products_steps * warp_threads;
constexpr int products_staged = products_slab / 2 / points_threads;

/// What a lane holds of 16 atoms and 8 coordinates: with g = lane / 4, t = lane % 4, atoms g, g + 8 at t, then at t + 4. Or of 8 atoms: both parts.
struct alignas(16) quad {
  float values[4];
};

__device__ __forceinline__ int depths_of(int dimension) { return (dimension - 1) / product_side + 1; }

/// Where coordinate k of an atom lies among those of its side.
__device__ __forceinline__ long long packed_place(int i, int k, int depths) {
  int lane = i % product_side * 4 + k % 4;
  long long step = static_cast<long long>(i / product_rows) * depths + k / product_side;
  return (step * warp_threads + lane) * 4 + i % product_rows / product_side + k % product_side / 4 * 2;
}

__device__ void products_take(const points_arguments& arguments) {
  place where = find_place(arguments.sweep.problems);
  if (!sweeps_now(arguments.sweep, where.row))
    return;
  const problem& all = arguments.sweep.problems.problems[where.row];
  points_atom atom = atom_of(all, where);
  if (atom.i >= atom.atoms)
    return;
  double scale = scale_of(arguments.sweep.stages[arguments.sweep.states[where.row].stage].epsilon);
  if (arguments.sweep.controls[where.row].fresh != 0) {
    const points_layout& layout = arguments.layouts[where.row];
    const double* means = arguments.means + layout.means;
    float* coordinates = static_cast<float*>(arguments.coordinates) + (atom.side_a ? layout.coordinates_a : layout.coordinates_b);
    double root = sqrt(2 * scale);
    double square = 0;
    for (int k = 0; k < all.dimension; k++) {
      double x = coordinate<float>(atom.side_a ? all.x : all.y, all.wide, static_cast<long long>(atom.i) * all.dimension + k);
      float z = static_cast<float>((x - means[k]) * root);
      float high = tf32_of(z);
      float held = arguments.strict != 0 ? high + tf32_of(z - high) : high;
      coordinates[packed_place(atom.i, k, depths_of(all.dimension))] = held;
      square = fma(static_cast<double>(held), static_cast<double>(held), square);
    }

    arguments.norms[atom.at] = square / 2;
  }

  take_exponent<float>(arguments, where.row, atom, scale);
}

__device__ __forceinline__ void split(const quad& whole, float (&high)[4], float (&low)[4]) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    high[k] = tf32_of(whole.values[k]);
    low[k] = tf32_of(whole.values[k] - high[k]);
  }
}

/// The atoms of the other side on their way to shared memory.
struct products_stage {
  quad coordinates[products_staged];
  point_exponent<float> exponent;

  __device__ __forceinline__ void fetch(const points_pass<float>& pass, int depths, int start, int from) {
    const auto* packed = reinterpret_cast<const quad*>(pass.other_coordinates);
#pragma unroll
    for (int s = 0; s < products_staged; s++) {
      int place = static_cast<int>(threadIdx.x) + s * points_threads;
      int step = from + place / warp_threads % products_steps;
      long long tile = start / product_rows + place / warp_threads / products_steps;
      coordinates[s] = step < depths ? packed[(tile * depths + step) * warp_threads + place % warp_threads] : quad{};
    }

    if (from == 0)
      exponent = pass.other_exponent(start + static_cast<int>(threadIdx.x) % points_tile);
  }

  __device__ __forceinline__ void store(quad* slab) const {
#pragma unroll
    for (int s = 0; s < products_staged; s++) {
      int place = static_cast<int>(threadIdx.x) + s * points_threads;
      int step = place / warp_threads % products_steps;
      int tile = place / warp_threads / products_steps;
      float high[4];
      float low[4];
      split(coordinates[s], high, low);
#pragma unroll
      for (int half = 0; half < 2; half++)
        slab[((tile * 2 + half) * products_steps + step) * warp_threads + place % warp_threads] = {{high[half], high[half + 2], low[half], low[half + 2]}};
    }
  }
};

/// Adds the products of one slab: those of high parts, and apart, being far smaller, those of high and low ones.
__device__ __forceinline__ void add_slab(const quad* own, const quad* slab, int steps, bool strict, float (&main)[products_wide][4],
                                         float (&small)[products_wide][4]) {
  int lane = static_cast<int>(threadIdx.x) % warp_threads;
#pragma unroll
  for (int step = 0; step < products_steps; step++) {
    if (step >= steps)
      break;
    float high[4];
    float low[4];
    split(own[step * warp_threads + lane], high, low);
#pragma unroll
    for (int n = 0; n < products_wide; n++) {
      quad other = slab[(n * products_steps + step) * warp_threads + lane];
      float other_high[2] = {other.values[0], other.values[1]};
      float other_low[2] = {other.values[2], other.values[3]};
      if (strict) {
        add_product_tf32(small[n], low, other_high);
        add_product_tf32(small[n], high, other_low);
      }

      add_product_tf32(main[n], high, other_high);
    }
  }
}

__device__ void products_sums(const points_arguments& arguments) {
  if constexpr (has_tensor_cores) {
    OT_SHARED(quad, slabs, 2 * products_slab);
    OT_SHARED(point_exponent<float>, exponents, 2 * points_tile);
    place where = find_place(arguments.sweep.problems);
    if (!sweeps_now(arguments.sweep, where.row))
      return;
    const problem& all = arguments.sweep.problems.problems[where.row];
    points_pass<float> pass = pass_of<float>(arguments, all, where, products_own);
    int depths = depths_of(all.dimension);
    int warp = static_cast<int>(threadIdx.x) / warp_threads;
    int lane = static_cast<int>(threadIdx.x) % warp_threads;
    int i = pass.own_first + warp * product_rows + lane / 4;
    const quad* own =
        reinterpret_cast<const quad*>(pass.own_coordinates) + static_cast<long long>(pass.own_first / product_rows + warp) * depths * warp_threads;
    float whole[2] = {pass.own_whole(i), pass.own_whole(i + product_side)};
    double sums[2] = {};
    products_stage stage;
    stage.fetch(pass, depths, pass.first, 0);
    int slab = 0;
    int tile = 0;
    for (int start = pass.first; start < pass.end; start += points_tile) {
      float main[products_wide][4] = {};
      float small[products_wide][4] = {};
      for (int from = 0; from < depths; from += products_steps) {
        // What is written over here everybody has left at the barrier of the turn before.
        stage.store(slabs + slab * products_slab);
        if (from == 0 && threadIdx.x < points_tile)
          exponents[tile * points_tile + threadIdx.x] = stage.exponent;
        __syncthreads();
        if (from + products_steps < depths)
          stage.fetch(pass, depths, start, from + products_steps);
        else if (pass.end - start > points_tile)
          stage.fetch(pass, depths, start + points_tile, 0);
        add_slab(own + static_cast<long long>(from) * warp_threads, slabs + slab * products_slab, depths - from, arguments.strict != 0, main, small);
        slab = 1 - slab;
      }

      float terms[2] = {};
#pragma unroll
      for (int n = 0; n < products_wide; n++) {
#pragma unroll
        for (int c = 0; c < 4; c++) {
          point_exponent<float> other = exponents[tile * points_tile + n * product_side + lane % 4 * 2 + c % 2];
          float exponent = whole[c / 2] + other.whole + main[n][c] + small[n][c];
          terms[c / 2] = fma(other.weight, exp2_fast(exponent), terms[c / 2]);
        }
      }

      sums[0] += static_cast<double>(terms[0]);
      sums[1] += static_cast<double>(terms[1]);
      tile = 1 - tile;
    }

#pragma unroll
    for (int r = 0; r < 2; r++) {
      sums[r] += __shfl_xor_sync(full_warp, sums[r], 1);
      sums[r] += __shfl_xor_sync(full_warp, sums[r], 2);
      if (lane % 4 == 0)
        pass.store(i + r * product_side, sums[r]);
    }
  }
}

} // namespace ot

OT_ENTRY(ot_sinkhorn_products_take, 256, ot::points_arguments, ot::products_take(arguments))
OT_ENTRY(ot_sinkhorn_products_sums, 256, ot::points_arguments, ot::products_sums(arguments))
