// SinkhornSweep without stored exponents: for matrices that memory does not hold, of points above all.
//
// Computes   what the sweeps of sinkhorn_sweep.cu compute, each exponent formed where it is used: rows r_i and u'_i, then columns
//            c_j = sum_i a_i 2^(S_ij + u'_i + v_j) and v'_j; what follows is advanced by sinkhorn_sweep.cu.
// Mapping    rows: a warp a row, lanes along the columns. columns: 32 columns and 8 groups of rows a block.
// Traffic    d coordinates of either side an entry, from caches; two exps an entry and sweep.
// Numerics   as sinkhorn_sweep.cu: exponents formed in double and rounded to T, terms in T, sums in double, in a fixed order.
// Launch     256 threads; grid by tiles: 8 rows or 32 columns a block; static shared memory.
#include "common/sweep.cuh"

namespace ot {

constexpr int points_threads = 256;
constexpr int points_rows = points_threads / warp_threads;
constexpr int points_groups = points_threads / warp_threads;

template <typename element> __device__ void points_sums_of_rows(const sweep_arguments& arguments) {
  place where = find_place(arguments.problems);
  if (!sweeps_now(arguments, where.row) || arguments.layouts[where.row].kernel >= 0)
    return;
  const problem& all = arguments.problems.problems[where.row];
  const sinkhorn_state& state = arguments.states[where.row];
  int parity = arguments.controls[where.row].parity;
  const double* u = arguments.increments + parity * arguments.half + all.potentials_a;
  const double* v = arguments.increments + parity * arguments.half + all.potentials_b;
  double scale = scale_of(arguments.stages[state.stage].epsilon);
  int i = static_cast<int>(where.tile) * points_rows + static_cast<int>(threadIdx.x / warp_threads);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  OT_SHARED(double, errors, points_rows);
  OT_SHARED(int, flags, points_rows);
  row_update<element> update;
  if (i < all.rows && all.a[i] > 0) {
    double sum = 0;
    element shift = static_cast<element>(u[i]);
    for (int j = lane; j < all.columns; j += warp_threads)
      sum += static_cast<double>(static_cast<element>(all.b[j]) *
                                 exp2_fast(formed_exponent<element>(arguments.potentials, all, i, j, scale) + shift + static_cast<element>(v[j])));
    double increment;
    update.apply(all.a[i], u[i], warp_sum(sum), state.omega, &increment);
    if (lane == 0)
      arguments.increments[(1 - parity) * arguments.half + all.potentials_a + i] = increment;
  }

  if (lane == 0) {
    errors[threadIdx.x / warp_threads] = update.error;
    flags[threadIdx.x / warp_threads] = update.flags;
  }

  __syncthreads();
  if (threadIdx.x == 0) {
    double error = 0;
    int any = 0;
    for (int k = 0; k < points_rows; k++) {
      error += errors[k];
      any |= flags[k];
    }

    long long first = all.potentials_a + where.tile * points_rows;
    arguments.errors_a[first] = error;
    arguments.flags_a[first] = any;
  }
}

template <typename element> __device__ void points_sums_of_columns(const sweep_arguments& arguments) {
  OT_SHARED(double, sums, points_threads);
  place where = find_place(arguments.problems);
  const sweep_layout& layout = arguments.layouts[where.row];
  if (!sweeps_now(arguments, where.row) || layout.kernel >= 0)
    return;
  const problem& all = arguments.problems.problems[where.row];
  int parity = arguments.controls[where.row].parity;
  const double* u = arguments.increments + (1 - parity) * arguments.half + all.potentials_a;
  const double* v = arguments.increments + parity * arguments.half + all.potentials_b;
  double scale = scale_of(arguments.stages[arguments.states[where.row].stage].epsilon);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  int group = static_cast<int>(threadIdx.x / warp_threads);
  int j = static_cast<int>(where.tile) * warp_threads + lane;
  double sum = 0;
  if (j < all.columns && all.b[j] > 0) {
    element shift = static_cast<element>(v[j]);
    for (int i = group; i < all.rows; i += points_groups) {
      if (all.a[i] > 0)
        sum += static_cast<double>(static_cast<element>(all.a[i]) *
                                   exp2_fast(formed_exponent<element>(arguments.potentials, all, i, j, scale) + static_cast<element>(u[i]) + shift));
    }
  }

  sums[threadIdx.x] = sum;
  __syncthreads();
  if (group == 0 && j < all.columns) {
    for (int other = 1; other < points_groups; other++)
      sum += sums[other * warp_threads + lane];
    // The one part of its column sums.
    static_cast<element*>(arguments.partials)[layout.partials + j] = static_cast<element>(sum);
  }
}

} // namespace ot

OT_ENTRY(ot_sinkhorn_points_rows_f32, 256, ot::sweep_arguments, ot::points_sums_of_rows<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_rows_f64, 256, ot::sweep_arguments, ot::points_sums_of_rows<double>(arguments))
OT_ENTRY(ot_sinkhorn_points_columns_f32, 256, ot::sweep_arguments, ot::points_sums_of_columns<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_columns_f64, 256, ot::sweep_arguments, ot::points_sums_of_columns<double>(arguments))
