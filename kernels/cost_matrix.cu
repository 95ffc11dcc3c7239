// CostMatrix: the costs of all pairs of atoms, and what a schedule needs to know of them.
//
// Computes   cost_matrix: C_ij = c(x_i, y_j) as elements of T. cost_reduce: for each row i the least and largest C_ij and sum_j |C_ij| / (n m).
// Mapping    cost_matrix: 256 entries of one row a block, neighbouring threads neighbouring columns. cost_reduce: a warp a row.
// Traffic    cost_matrix: one write an entry, 2 d coordinates from caches. cost_reduce: one read an entry (dense).
// Numerics   double, rounded once to T. A cost that is no number makes the largest one no number.
// Launch     256 threads; grid by tiles: rows times ceil(columns / 256), or ceil(rows / 8); no shared memory.
#include "common/cost.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int cost_matrix_threads = 256;
constexpr int cost_reduce_rows = cost_matrix_threads / warp_threads;

struct cost_matrix_arguments {
  table problems;
  void* costs;              // elements of T
  const long long* offsets; // where the matrix of each problem begins
};

struct cost_reduce_arguments {
  table problems;
  double* least; // one a row of each problem, by the offset of its potentials f
  double* largest;
  double* means;
};

template <typename element> __device__ void cost_matrix(const cost_matrix_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  long long across = (all.columns + cost_matrix_threads - 1) / cost_matrix_threads;
  int i = static_cast<int>(where.tile / across);
  int j = static_cast<int>(where.tile % across) * cost_matrix_threads + static_cast<int>(threadIdx.x);
  if (j < all.columns)
    static_cast<element*>(arguments.costs)[arguments.offsets[where.row] + static_cast<long long>(i) * all.columns + j] =
        static_cast<element>(pair_cost<element>(all, i, j));
}

template <typename element> __device__ void cost_reduce(const cost_reduce_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  int i = static_cast<int>(where.tile * cost_reduce_rows) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= all.rows)
    return;
  double least = infinity();
  double largest = -infinity();
  double mean = 0;
  for (int j = static_cast<int>(threadIdx.x % warp_threads); j < all.columns; j += warp_threads) {
    double cost = pair_cost<element>(all, i, j);
    least = smaller_value()(least, cost);
    largest = larger_value()(largest, cost);
    // Shares, so that no sum of finite costs overflows.
    mean += fabs(cost) / all.columns / all.rows;
  }

  least = warp_min(least);
  largest = warp_max(largest);
  mean = warp_sum(mean);
  if (threadIdx.x % warp_threads == 0) {
    long long k = all.potentials_a + i;
    arguments.least[k] = least;
    arguments.largest[k] = largest;
    arguments.means[k] = mean;
  }
}

} // namespace ot

OT_ENTRY(ot_cost_matrix_f32, 256, ot::cost_matrix_arguments, ot::cost_matrix<float>(arguments))
OT_ENTRY(ot_cost_matrix_f64, 256, ot::cost_matrix_arguments, ot::cost_matrix<double>(arguments))
OT_ENTRY(ot_cost_reduce_f32, 256, ot::cost_reduce_arguments, ot::cost_reduce<float>(arguments))
OT_ENTRY(ot_cost_reduce_f64, 256, ot::cost_reduce_arguments, ot::cost_reduce<double>(arguments))
