// PlanWrite: rows of a plan.
//
// Computes   P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps) for the rows first .. first + count of each problem, zero where there is no mass.
// Mapping    256 entries of one row a block, neighbouring threads neighbouring columns.
// Traffic    one cost read (or computed), one exp and one write an entry.
// Numerics   double.
// Launch     256 threads; grid by tiles: count times ceil(columns / 256); no shared memory.
#include "common/plan.cuh"

namespace ot {

constexpr int plan_write_threads = 256;

struct plan_write_arguments {
  table problems;
  const double* epsilons;
  const double* potentials;
  double* entries; // count x columns of the one problem
  long long first;
};

template <typename element> __device__ void plan_write(const plan_write_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  plan<element> own{all, arguments.potentials, scale_of(arguments.epsilons[where.row])};
  long long across = (all.columns + plan_write_threads - 1) / plan_write_threads;
  long long row = where.tile / across;
  int i = static_cast<int>(arguments.first + row);
  int j = static_cast<int>(where.tile % across) * plan_write_threads + static_cast<int>(threadIdx.x);
  if (j < all.columns)
    arguments.entries[row * all.columns + j] = own.entry(own.exponent_a(i), own.exponent_b(j), pair_cost<element>(all, i, j));
}

} // namespace ot

OT_ENTRY(ot_plan_write_f32, 256, ot::plan_write_arguments, ot::plan_write<float>(arguments))
OT_ENTRY(ot_plan_write_f64, 256, ot::plan_write_arguments, ot::plan_write<double>(arguments))
