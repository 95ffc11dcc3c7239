// GromovGradient: what a Gromov-Wasserstein step does beside sweeps and matrix products (Multiply).
//
// Computes   constants: c_i = sum_k (f(C_ik) + f(C_ki)) w_k / 2 over square matrices of inner costs, f(x) = x^2, x ln(x + 1e-15) - x, or x;
//            plan: P_ij = a_i b_j exp((f_i + g_j - D_ij) / eps) over the plan of before, with row sums, column sums and sum_j |P_ij - before|;
//            gradient: D_ij = factor (r_i + s_j - X_ij) + feature_factor M_ij in place of X = h1(C1) P h2(C2)^T, with sum_j P_ij X_ij,
//            sum_j P_ij M_ij, min_j, max_j D_ij and sum_j |D_ij|.
// Mapping    constants, gradient: a warp a row, lanes along the columns. plan: a block 32 rows by 256 columns, a thread a column, and the sums of
//            such a tile to memory; combine: a thread a row or a column, over the tiles.
// Traffic    constants: two reads an entry. plan: two reads and one write an entry, one exp. gradient: two reads and one write an entry, one
//            more read with features.
// Numerics   double, what is stored rounded to T; entries of P below 2^-80 (float) or 2^-600 (double) are zero. Sums of a warp by a tree, of tiles
//            in order. Atoms without mass have rows and columns of zeros.
// Launch     256 threads; grid by tiles: ceil(rows / 8) a problem (constants, gradient), ceil(rows / 32) ceil(columns / 256) (plan),
//            ceil((rows + columns) / 256) (combine); static shared memory only.
#include "common/plan.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int gromov_threads = 256;
constexpr int gromov_warps = gromov_threads / warp_threads;
constexpr int gromov_rows = 32; // of a tile of the plan
constexpr double gromov_shift = 1e-15;

enum gromov_function : int { gromov_square, gromov_entropy, gromov_identity };

/// Vectors of gradient sums, each as long as the potentials.
enum gromov_sum : int { gromov_cross, gromov_features, gromov_least, gromov_largest, gromov_magnitude };

/// One of a batch; OtEngine's GromovRow is the same structure.
struct gromov_row {
  int problem;
  int has_features;
  long long matrix;   // offset in plans and gradients
  long long features; // offset in features
  double factor, feature_factor;
};

/// One matrix of inner costs; OtEngine's GromovInner is the same structure.
struct gromov_inner {
  int size;
  int function;
  long long costs;   // offset
  long long weights; // offset of weights and sums
};

struct gromov_constants_arguments {
  const gromov_inner* inners;
  const long long* tiles; // count + 1 running totals
  const void* costs;      // elements of T
  const double* weights;
  double* constants;
  long long count;
};

struct gromov_plan_arguments {
  const problem* problems;
  const gromov_row* rows;
  const long long* tiles; // count + 1 running totals
  const long long* parts; // count + 1 running totals of partial sums: of tiles, 32 rows twice and 256 columns each
  const double* epsilons;
  const double* potentials;
  void* plans; // elements of T
  double* partials;
  double* marginals;
  double* moved;
  long long count;
};

struct gromov_gradient_arguments {
  const problem* problems;
  const gromov_row* rows;
  const long long* tiles;
  const double* constants;
  const void* plans; // elements of T
  const void* features;
  void* gradients;
  double* sums;
  long long length; // of the potentials
  long long count;
};

__device__ __forceinline__ double gromov_value(int function, double x) {
  if (function == gromov_square)
    return x * x;
  return function == gromov_entropy ? x * log(x + gromov_shift) - x : x;
}

template <typename element> __device__ void gromov_constants(const gromov_constants_arguments& arguments) {
  int number = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const gromov_inner& inner = arguments.inners[number];
  int i = static_cast<int>(blockIdx.x - arguments.tiles[number]) * gromov_warps + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= inner.size)
    return;
  const element* costs = static_cast<const element*>(arguments.costs) + inner.costs;
  double sum = 0;
  for (int k = static_cast<int>(threadIdx.x % warp_threads); k < inner.size; k += warp_threads) {
    double weight = arguments.weights[inner.weights + k];
    if (weight == 0)
      continue;
    double across = static_cast<double>(costs[static_cast<long long>(i) * inner.size + k]);
    double down = static_cast<double>(costs[static_cast<long long>(k) * inner.size + i]);
    sum = fma(weight, gromov_value(inner.function, across) + gromov_value(inner.function, down), sum);
  }

  sum = warp_sum(sum);
  if (threadIdx.x % warp_threads == 0)
    arguments.constants[inner.weights + i] = sum / 2;
}

/// Numbers that a tile of the plan leaves: row sums and moves of its rows, sums of its columns.
constexpr int gromov_tile_sums = 2 * gromov_rows + gromov_threads;

template <typename element> __device__ void gromov_plan(const gromov_plan_arguments& arguments) {
  OT_SHARED(double, scratch, 2 * gromov_rows * gromov_warps);
  int number = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const gromov_row& row = arguments.rows[number];
  const problem& all = arguments.problems[row.problem];
  plan<element> own{all, arguments.potentials, scale_of(arguments.epsilons[row.problem])};
  long long tile = blockIdx.x - arguments.tiles[number];
  int across = (all.columns - 1) / gromov_threads + 1;
  int first = static_cast<int>(tile / across) * gromov_rows;
  int j = static_cast<int>(tile % across) * gromov_threads + static_cast<int>(threadIdx.x);
  int count = min(gromov_rows, all.rows - first);
  int warp = static_cast<int>(threadIdx.x) / warp_threads;
  element* plans = static_cast<element*>(arguments.plans) + row.matrix;
  double least = sizeof(element) == sizeof(float) ? 0x1p-80 : 0x1p-600;
  double exponent = j < all.columns ? own.exponent_b(j) : -infinity();
  double column = 0;
  for (int k = 0; k < count; k++) {
    double both[2] = {0.0, 0.0};
    if (j < all.columns) {
      element* place = plans + static_cast<long long>(first + k) * all.columns + j;
      double before = static_cast<double>(*place);
      double mass = own.entry(own.exponent_a(first + k), exponent, pair_cost<element>(all, first + k, j));
      *place = mass < least ? element(0) : static_cast<element>(mass);
      both[0] = static_cast<double>(*place);
      both[1] = fabs(both[0] - before);
      column += both[0];
    }

    warp_sum_each(both);
    if (threadIdx.x % warp_threads == 0) {
      scratch[k * gromov_warps + warp] = both[0];
      scratch[(gromov_rows + k) * gromov_warps + warp] = both[1];
    }
  }

  __syncthreads();
  double* sums = arguments.partials + arguments.parts[number] + tile * gromov_tile_sums;
  if (threadIdx.x < 2 * gromov_rows && static_cast<int>(threadIdx.x) % gromov_rows < count) {
    double sum = 0;
    for (int k = 0; k < gromov_warps; k++)
      sum += scratch[static_cast<int>(threadIdx.x) * gromov_warps + k];
    sums[threadIdx.x] = sum;
  }

  sums[2 * gromov_rows + threadIdx.x] = column;
}

__device__ void gromov_combine(const gromov_plan_arguments& arguments) {
  int number = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const problem& all = arguments.problems[arguments.rows[number].problem];
  long long place = (blockIdx.x - arguments.tiles[number]) * gromov_threads + threadIdx.x;
  const double* sums = arguments.partials + arguments.parts[number];
  long long across = (all.columns - 1) / gromov_threads + 1;
  if (place < all.rows) {
    long long tile = place / gromov_rows * across;
    double mass = 0;
    double moved = 0;
    for (long long k = 0; k < across; k++) {
      mass += sums[(tile + k) * gromov_tile_sums + place % gromov_rows];
      moved += sums[(tile + k) * gromov_tile_sums + gromov_rows + place % gromov_rows];
    }

    arguments.marginals[all.potentials_a + place] = mass;
    arguments.moved[all.potentials_a + place] = moved;
  } else if (place < static_cast<long long>(all.rows) + all.columns) {
    long long j = place - all.rows;
    long long down = (all.rows - 1) / gromov_rows + 1;
    double mass = 0;
    for (long long k = 0; k < down; k++)
      mass += sums[(k * across + j / gromov_threads) * gromov_tile_sums + 2 * gromov_rows + j % gromov_threads];
    arguments.marginals[all.potentials_b + j] = mass;
  }
}

template <typename element> __device__ void gromov_gradient(const gromov_gradient_arguments& arguments) {
  int number = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const gromov_row& row = arguments.rows[number];
  const problem& all = arguments.problems[row.problem];
  int i = static_cast<int>(blockIdx.x - arguments.tiles[number]) * gromov_warps + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= all.rows)
    return;
  long long at = static_cast<long long>(i) * all.columns;
  const element* plans = static_cast<const element*>(arguments.plans) + row.matrix + at;
  const element* features = row.has_features != 0 ? static_cast<const element*>(arguments.features) + row.features + at : nullptr;
  element* gradients = static_cast<element*>(arguments.gradients) + row.matrix + at;
  double r = arguments.constants[all.potentials_a + i];
  double sums[3] = {0.0, 0.0, 0.0};
  double least = infinity();
  double largest = -infinity();
  for (int j = static_cast<int>(threadIdx.x % warp_threads); j < all.columns; j += warp_threads) {
    double x = static_cast<double>(gradients[j]);
    double mass = static_cast<double>(plans[j]);
    double value = row.factor * (r + arguments.constants[all.potentials_b + j] - x);
    sums[0] = fma(mass, x, sums[0]);
    if (features != nullptr) {
      double feature = static_cast<double>(features[j]);
      sums[1] = fma(mass, feature, sums[1]);
      value = fma(row.feature_factor, feature, value);
    }

    gradients[j] = static_cast<element>(value);
    value = static_cast<double>(gradients[j]);
    least = smaller_value()(least, value);
    largest = larger_value()(largest, value);
    sums[2] += fabs(value);
  }

  warp_sum_each(sums);
  least = warp_min(least);
  largest = warp_max(largest);
  if (threadIdx.x % warp_threads == 0) {
    double* place = arguments.sums + all.potentials_a + i;
    place[gromov_cross * arguments.length] = sums[0];
    place[gromov_features * arguments.length] = sums[1];
    place[gromov_least * arguments.length] = least;
    place[gromov_largest * arguments.length] = largest;
    place[gromov_magnitude * arguments.length] = sums[2];
  }
}

} // namespace ot

OT_ENTRY(ot_gromov_constants_f32, 256, ot::gromov_constants_arguments, ot::gromov_constants<float>(arguments))
OT_ENTRY(ot_gromov_constants_f64, 256, ot::gromov_constants_arguments, ot::gromov_constants<double>(arguments))
OT_ENTRY(ot_gromov_plan_f32, 256, ot::gromov_plan_arguments, ot::gromov_plan<float>(arguments))
OT_ENTRY(ot_gromov_plan_f64, 256, ot::gromov_plan_arguments, ot::gromov_plan<double>(arguments))
OT_ENTRY(ot_gromov_combine_f64, 256, ot::gromov_plan_arguments, ot::gromov_combine(arguments))
OT_ENTRY(ot_gromov_gradient_f32, 256, ot::gromov_gradient_arguments, ot::gromov_gradient<float>(arguments))
OT_ENTRY(ot_gromov_gradient_f64, 256, ot::gromov_gradient_arguments, ot::gromov_gradient<double>(arguments))
