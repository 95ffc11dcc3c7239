// PlanReduce: sums over the entries of a plan by row; the sums over columns are PlanApply's, the arithmetic on the n + m results the host's.
//
// Computes   with a plan: r_i = x_i sum_j P_ij y_j and k_i = x_i sum_j C_ij P_ij y_j; without: k_i = x_i sum_j C_ij y_j. x and y are one where
//            they are not given; rows whose x is zero are zero and not read.
// Mapping    a warp a row, lanes along the columns.
// Traffic    each cost is read (or computed) once; one exp an entry with a plan.
// Numerics   double; lanes' sums joined by a tree.
// Launch     256 threads; grid by tiles of 8 rows; no shared memory.
#include "common/plan.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int plan_reduce_threads = 256;
constexpr int plan_reduce_rows = plan_reduce_threads / warp_threads;

struct plan_reduce_arguments {
  table problems;
  const double* epsilons;
  const double* potentials; // null: no plan
  const double* x;          // by the offsets of f; null: ones
  const double* y;          // by the offsets of g; null: ones
  double* sums;             // by the offsets of f
  double* costs;
};

template <typename element> __device__ void plan_reduce(const plan_reduce_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  int i = static_cast<int>(where.tile * plan_reduce_rows) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= all.rows)
    return;
  bool planned = arguments.potentials != nullptr;
  plan<element> own{all, arguments.potentials, planned ? scale_of(arguments.epsilons[where.row]) : 0.0};
  double factor = arguments.x == nullptr ? 1.0 : arguments.x[all.potentials_a + i];
  double exponent = planned ? own.exponent_a(i) : 0.0;
  double sum = 0;
  double total = 0;
  if (factor != 0 && exponent != -infinity()) {
    for (int j = static_cast<int>(threadIdx.x % warp_threads); j < all.columns; j += warp_threads) {
      double other = planned ? own.exponent_b(j) : 0.0;
      double weight = arguments.y == nullptr ? 1.0 : arguments.y[all.potentials_b + j];
      if (other == -infinity() || (!planned && weight == 0))
        continue;
      double cost = pair_cost<element>(all, i, j);
      double entry = planned ? own.entry(exponent, other, cost) * weight : weight;
      sum += entry;
      total = fma(cost, entry, total);
    }
  }

  double both[2] = {sum, total};
  warp_sum_each(both);
  if (threadIdx.x % warp_threads == 0) {
    arguments.sums[all.potentials_a + i] = factor * both[0];
    arguments.costs[all.potentials_a + i] = factor * both[1];
  }
}

} // namespace ot

OT_ENTRY(ot_plan_reduce_f32, 256, ot::plan_reduce_arguments, ot::plan_reduce<float>(arguments))
OT_ENTRY(ot_plan_reduce_f64, 256, ot::plan_reduce_arguments, ot::plan_reduce<double>(arguments))
