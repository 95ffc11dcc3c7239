// PlanApply: a plan times thin matrices, without the plan.
//
// Computes   side a: y_ic = sum_j P_ij v_jc; side b: y_jc = sum_i P_ij v_ic, with P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps). Values beside atoms
//            without mass are not read; results of atoms without mass are zero.
// Mapping    side a: a warp a row, lanes along the columns, 4 columns of V at a time in registers. Side b: 32 columns and 8 groups of rows a
//            block.
// Traffic    each cost is read (or computed) once, and one exp taken, for every 4 columns of V.
// Numerics   double; partial sums joined in a fixed order.
// Launch     256 threads; grid by tiles: 8 rows or 32 columns a block; static shared memory only.
#include "common/plan.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int plan_apply_threads = 256;
constexpr int plan_apply_rows = plan_apply_threads / warp_threads;
constexpr int plan_apply_groups = plan_apply_threads / warp_threads;
constexpr int plan_apply_width = 4;

struct plan_apply_arguments {
  table problems;
  const double* epsilons;
  const double* potentials;
  const double* values; // by the offsets of the other side's potentials, times width
  double* results;      // by the offsets of this side's potentials, times width
  int side;
  int width;
};

/// A value of zero takes no part, however large the entry beside it.
__device__ __forceinline__ double add_product(double entry, double value, double sum) { return value == 0 ? sum : fma(entry, value, sum); }

template <typename element> __device__ void plan_apply_side_a(const plan_apply_arguments& arguments, const plan<element>& own, long long tile) {
  int i = static_cast<int>(tile * plan_apply_rows) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= own.all.rows)
    return;
  double exponent = own.exponent_a(i);
  const double* values = arguments.values + own.all.potentials_b * arguments.width;
  double* results = arguments.results + (own.all.potentials_a + i) * arguments.width;
  for (int first = 0; first < arguments.width; first += plan_apply_width) {
    double sums[plan_apply_width] = {};
    for (int j = static_cast<int>(threadIdx.x % warp_threads); j < own.all.columns && exponent != -infinity(); j += warp_threads) {
      double other = own.exponent_b(j);
      if (other == -infinity())
        continue;
      double entry = own.entry(exponent, other, pair_cost<element>(own.all, i, j));
      for (int c = 0; c < plan_apply_width; c++) {
        if (first + c < arguments.width)
          sums[c] = add_product(entry, values[static_cast<long long>(j) * arguments.width + first + c], sums[c]);
      }
    }

    warp_sum_each(sums);
    for (int c = 0; c < plan_apply_width; c++) {
      if (threadIdx.x % warp_threads == 0 && first + c < arguments.width)
        results[first + c] = sums[c];
    }
  }
}

template <typename element> __device__ void plan_apply_side_b(const plan_apply_arguments& arguments, const plan<element>& own, long long tile) {
  OT_SHARED(double, partials, plan_apply_threads* plan_apply_width);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  int group = static_cast<int>(threadIdx.x / warp_threads);
  int j = static_cast<int>(tile * warp_threads) + lane;
  double exponent = j < own.all.columns ? own.exponent_b(j) : -infinity();
  const double* values = arguments.values + own.all.potentials_a * arguments.width;
  for (int first = 0; first < arguments.width; first += plan_apply_width) {
    double sums[plan_apply_width] = {};
    for (int i = group; i < own.all.rows && exponent != -infinity(); i += plan_apply_groups) {
      double other = own.exponent_a(i);
      if (other == -infinity())
        continue;
      double entry = own.entry(other, exponent, pair_cost<element>(own.all, i, j));
      for (int c = 0; c < plan_apply_width; c++) {
        if (first + c < arguments.width)
          sums[c] = add_product(entry, values[static_cast<long long>(i) * arguments.width + first + c], sums[c]);
      }
    }

    for (int c = 0; c < plan_apply_width; c++)
      partials[c * plan_apply_threads + threadIdx.x] = sums[c];
    __syncthreads();
    if (group == 0 && j < own.all.columns) {
      for (int c = 0; c < plan_apply_width && first + c < arguments.width; c++) {
        double sum = sums[c];
        for (int other = 1; other < plan_apply_groups; other++)
          sum += partials[c * plan_apply_threads + other * warp_threads + lane];
        arguments.results[(own.all.potentials_b + j) * arguments.width + first + c] = sum;
      }
    }

    __syncthreads();
  }
}

template <typename element> __device__ void plan_apply(const plan_apply_arguments& arguments) {
  place where = find_place(arguments.problems);
  plan<element> own{arguments.problems.problems[where.row], arguments.potentials, scale_of(arguments.epsilons[where.row])};
  if (arguments.side == 0)
    plan_apply_side_a(arguments, own, where.tile);
  else
    plan_apply_side_b(arguments, own, where.tile);
}

} // namespace ot

OT_ENTRY(ot_plan_apply_f32, 256, ot::plan_apply_arguments, ot::plan_apply<float>(arguments))
OT_ENTRY(ot_plan_apply_f64, 256, ot::plan_apply_arguments, ot::plan_apply<double>(arguments))
