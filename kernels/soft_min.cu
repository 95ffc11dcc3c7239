// SoftMin: the soft or hard c-transform of a potential along one axis.
//
// Computes   side a, eps > 0: L_i = log2 sum_j b_j 2^((g_j - C_ij) log2 e / eps), and from it f_i = -L_i eps / log2 e, or L_i itself;
//            eps = 0: f_i = min_j (C_ij - g_j) over the j with mass, plus infinity if there are none. Side b: the same with i and j exchanged.
//            For the atoms with mass, for those without, or for all; what is not asked for is not written.
// Mapping    side a: a warp a row, lanes along the columns. Side b: 32 columns and 8 groups of rows a block, a thread a column and group,
//            so that neighbouring threads read neighbouring costs either way.
// Traffic    each cost is read once (dense) or computed once from 2 d coordinates that caches hold; one exp an entry; n + m values in, one out
//            an atom.
// Numerics   double throughout; terms are shifted by the largest so far, partial sums joined in a fixed order.
// Launch     256 threads; grid by tiles: 8 rows (side a) or 32 columns (side b) a block; static shared memory only.
#include "common/cost.cuh"
#include "common/shifted_sum.cuh"

namespace ot {

constexpr int soft_min_threads = 256;
constexpr int soft_min_rows = soft_min_threads / warp_threads;
constexpr int soft_min_groups = soft_min_threads / warp_threads;

struct soft_min_arguments {
  table problems;
  const double* epsilons; // one a problem of the table; 0 is the hard transform
  const double* inputs;   // potentials of the other side, by offset
  double* outputs;        // of this side, by offset
  int side;
  int atoms;
  int output;
  int reserved;
};

template <typename element> struct transform {
  const soft_min_arguments& arguments;
  const problem& all;
  double epsilon;
  double scale;

  __device__ __forceinline__ double input(int k) const { return arguments.inputs[(arguments.side == 0 ? all.potentials_b : all.potentials_a) + k]; }
  __device__ __forceinline__ double log_weight(int k) const { return (arguments.side == 0 ? all.log_b : all.log_a)[k]; }

  /// One term: of the sum of powers, or of the minimum, which is kept as the largest of the negatives.
  __device__ __forceinline__ void take(shifted_sum& sum, int i, int j) const {
    int other = arguments.side == 0 ? j : i;
    double weight = log_weight(other);
    if (weight == -infinity())
      return;
    double cost = pair_cost<element>(all, i, j);
    if (epsilon == 0)
      sum.largest = larger_value()(sum.largest, input(other) - cost);
    else
      add_term(sum, fma(input(other) - cost, scale, weight));
  }

  __device__ __forceinline__ shifted_sum join(shifted_sum a, shifted_sum b) const {
    return epsilon == 0 ? shifted_sum{larger_value()(a.largest, b.largest), 0.0} : joined(a, b);
  }

  __device__ __forceinline__ void write(int k, shifted_sum sum) const {
    double* place = arguments.outputs + (arguments.side == 0 ? all.potentials_a : all.potentials_b) + k;
    if (epsilon == 0)
      *place = -sum.largest;
    else
      *place = arguments.output == output_logarithms ? logarithm(sum) : -logarithm(sum) / scale;
  }
};

template <typename element> __device__ void soft_min_side_a(const transform<element>& own, long long tile) {
  int i = static_cast<int>(tile * soft_min_rows) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= own.all.rows || !wanted(own.arguments.atoms, own.all.a[i]))
    return;
  shifted_sum sum = no_terms();
  for (int j = static_cast<int>(threadIdx.x % warp_threads); j < own.all.columns; j += warp_threads)
    own.take(sum, i, j);
  for (int distance = warp_threads / 2; distance > 0; distance /= 2) {
    shifted_sum other{__shfl_xor_sync(full_warp, sum.largest, distance), __shfl_xor_sync(full_warp, sum.sum, distance)};
    // Both lanes join in the same order.
    sum = (threadIdx.x & distance) == 0 ? own.join(sum, other) : own.join(other, sum);
  }

  if (threadIdx.x % warp_threads == 0)
    own.write(i, sum);
}

template <typename element> __device__ void soft_min_side_b(const transform<element>& own, long long tile) {
  OT_SHARED(shifted_sum, sums, soft_min_threads);
  int j = static_cast<int>(tile * warp_threads) + static_cast<int>(threadIdx.x % warp_threads);
  int group = static_cast<int>(threadIdx.x / warp_threads);
  bool writes = j < own.all.columns && wanted(own.arguments.atoms, own.all.b[j]);
  shifted_sum sum = no_terms();
  if (writes) {
    for (int i = group; i < own.all.rows; i += soft_min_groups)
      own.take(sum, i, j);
  }

  sums[threadIdx.x] = sum;
  __syncthreads();
  if (group > 0 || !writes)
    return;
  for (int other = 1; other < soft_min_groups; other++)
    sum = own.join(sum, sums[other * warp_threads + threadIdx.x]);
  own.write(j, sum);
}

template <typename element> __device__ void soft_min(const soft_min_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  double epsilon = arguments.epsilons[where.row];
  transform<element> own{arguments, all, epsilon, epsilon == 0 ? 0.0 : scale_of(epsilon)};
  if (arguments.side == 0)
    soft_min_side_a(own, where.tile);
  else
    soft_min_side_b(own, where.tile);
}

} // namespace ot

OT_ENTRY(ot_soft_min_f32, 256, ot::soft_min_arguments, ot::soft_min<float>(arguments))
OT_ENTRY(ot_soft_min_f64, 256, ot::soft_min_arguments, ot::soft_min<double>(arguments))
