// SinkhornSweep on stored exponents: full sweeps of every running problem of a table, each entry read once and one exp taken of it a sweep.
//
// Computes   with S_ij = (f_i + g_j - C_ij) log2 e / eps of the absorbed potentials, and increments u, v in powers of two:
//            form:    S, where the potentials have changed;
//            rows:    r_i = sum_j b_j 2^(S_ij + u_i + v_j), u'_i = u_i - omega log2 r_i, and by parts of the rows
//                     c_j = sum_i a_i 2^(u'_i - u_i) 2^(S_ij + u_i + v_j) from the same terms;
//            columns: c_j over the parts, v'_j = v_j - omega log2 c_j;
//            advance: both errors, the guards, the rule for what follows; increments into potentials where they have grown or eps changes;
//            begin, shifted_a, shifted_b, finish: the ends of a call, and a plain sweep by sums shifted by their own maxima (SoftMin's).
// Mapping    form, rows: a block a part of the rows; a thread owns columns 256 apart and keeps the terms of a few rows at a time in
//            registers, up to 4096 columns in float, 2048 in double; beyond, rows are read twice, the second time from the second cache.
//            columns: a thread a column. The others: a block a problem. The steps themselves are in common/sweep_steps.cuh.
// Traffic    form: C once, S written once, a few times a solve. rows: S once; the parts' column sums, 1/16 of S or less, written and read once.
// Numerics   S is formed in double and rounded to T; sums of a thread's terms in T, of threads and parts in double; u, v, f, g in double. An
//            atom without mass has no terms. A ratio or increment beyond 2^40 undoes the sweep.
// Launch     256 threads; rows: grid by parts; columns: tiles of 256 columns; the others: one block a problem. Static shared memory.
#include "common/sweep_steps.cuh"

namespace ot {

template <typename element> __device__ element* stored_part(const sweep_arguments& arguments, int row, part_rows rows) {
  return static_cast<element*>(arguments.kernels) + arguments.layouts[row].kernel +
         static_cast<long long>(rows.first) * arguments.problems.problems[row].columns;
}

/// Exponents of a problem whose potentials have changed: those of one part of its rows.
template <typename element> __device__ void sweep_form(const sweep_arguments& arguments) {
  place where = find_place(arguments.problems);
  const sweep_layout& layout = arguments.layouts[where.row];
  if (!sweeps_now(arguments, where.row) || layout.kernel < 0 || arguments.controls[where.row].fresh == 0)
    return;
  part_rows rows(arguments.problems.problems[where.row], layout, where.tile);
  form_part(arguments, where.row, rows, stored_part<element>(arguments, where.row, rows));
}

template <typename element> __device__ void sweep_rows(const sweep_arguments& arguments) {
  OT_SHARED(double, scratch, part_scratch);
  place where = find_place(arguments.problems);
  const sweep_layout& layout = arguments.layouts[where.row];
  if (!sweeps_now(arguments, where.row) || layout.kernel < 0)
    return;
  part_rows rows(arguments.problems.problems[where.row], layout, where.tile);
  sweep_part<element>(arguments, where.row, where.tile, rows, stored_part<element>(arguments, where.row, rows), scratch);
}

template <typename element> __device__ void sweep_columns(const sweep_arguments& arguments) {
  OT_SHARED(double, scratch, sweep_warps);
  place where = find_place(arguments.problems);
  if (sweeps_now(arguments, where.row))
    sweep_column_tile<element>(arguments, where.row, where.tile, scratch);
}

__device__ void sweep_advance(const sweep_arguments& arguments) {
  OT_SHARED(double, scratch, sweep_warps);
  place where = find_place(arguments.problems);
  if (sweeps_now(arguments, where.row))
    advance_problem(arguments, where.row, scratch);
}

/// Puts every problem of the launch at the beginning of a call.
__device__ void sweep_begin(const sweep_arguments& arguments) {
  OT_SHARED(double, scratch, sweep_warps);
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  sinkhorn_state& state = arguments.states[where.row];
  sweep_control& control = arguments.controls[where.row];
  for (int half = 0; half < 2; half++) {
    double* increments = arguments.increments + half * arguments.half;
    for (int i = static_cast<int>(threadIdx.x); i < all.rows; i += sweep_threads)
      increments[all.potentials_a + i] = 0;
    for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += sweep_threads)
      increments[all.potentials_b + j] = 0;
  }

  bool warm = state.cold == 0 && state.sweeps == 0;
  bool ended = state.phase != phase_running;
  if (warm && !ended)
    centre<sweep_threads>(arguments, all, scratch);
  __syncthreads();
  if (threadIdx.x == 0) {
    state.cold = ended ? state.cold : 0;
    control.parity = 0;
    control.fresh = 1;
    control.mode = ended || control.left == 0 ? mode_ended : control.always_shifted ? mode_shifted : mode_sweep;
    arguments.epsilons[where.row] = arguments.stages[state.stage].epsilon;
  }
}

/// Half a sweep by shifted sums, whose logarithms are there: r = 2^(f log2 e / eps + L), f' = f - omega eps ln r.
__device__ double shifted_side(const double* weights, double* potentials, const double* logarithms, int count, double scale, double omega, double* scratch) {
  double error = 0;
  for (int k = static_cast<int>(threadIdx.x); k < count; k += sweep_threads) {
    if (weights[k] == 0)
      continue;
    error = fma(weights[k], fabs(exp2(fma(potentials[k], scale, logarithms[k])) - 1), error);
    double plain = -logarithms[k] / scale;
    potentials[k] = omega == 1 ? plain : fma(omega, plain - potentials[k], potentials[k]);
  }

  return block_sum<sweep_threads>(error, scratch);
}

__device__ void sweep_shifted(const sweep_arguments& arguments, bool side_a) {
  OT_SHARED(double, scratch, sweep_warps);
  place where = find_place(arguments.problems);
  if (arguments.controls[where.row].mode != mode_shifted)
    return;
  const problem& all = arguments.problems.problems[where.row];
  double scale = scale_of(arguments.epsilons[where.row]);
  // On a grid all sweeps are taken this way, relaxed ones too.
  bool grid = all.geometry == geometry_grid && arguments.controls[where.row].always_shifted == always_by_axes;
  double omega = grid ? arguments.states[where.row].omega : 1.0;
  if (side_a) {
    double error = shifted_side(all.a, arguments.potentials + all.potentials_a, arguments.logarithms + all.potentials_a, all.rows, scale, omega, scratch);
    if (threadIdx.x == 0)
      arguments.errors_a[all.potentials_a] = error;
    return;
  }

  double error = shifted_side(all.b, arguments.potentials + all.potentials_b, arguments.logarithms + all.potentials_b, all.columns, scale, omega, scratch);
  double error_a = arguments.errors_a[all.potentials_a];
  __syncthreads();
  if (!grid) {
    centre<sweep_threads>(arguments, all, scratch);
    if (threadIdx.x == 0)
      arguments.states[where.row].omega = 1;
    __syncthreads();
  }

  conclude(arguments, all, where.row, error_a, error, false, true);
}

} // namespace ot

OT_ENTRY(ot_sinkhorn_sweep_form_f32, 256, ot::sweep_arguments, ot::sweep_form<float>(arguments))
OT_ENTRY(ot_sinkhorn_sweep_form_f64, 256, ot::sweep_arguments, ot::sweep_form<double>(arguments))
OT_ENTRY(ot_sinkhorn_sweep_rows_f32, 256, ot::sweep_arguments, ot::sweep_rows<float>(arguments))
OT_ENTRY(ot_sinkhorn_sweep_rows_f64, 256, ot::sweep_arguments, ot::sweep_rows<double>(arguments))
OT_ENTRY(ot_sinkhorn_sweep_columns_f32, 256, ot::sweep_arguments, ot::sweep_columns<float>(arguments))
OT_ENTRY(ot_sinkhorn_sweep_columns_f64, 256, ot::sweep_arguments, ot::sweep_columns<double>(arguments))
OT_ENTRY(ot_sinkhorn_sweep_advance, 256, ot::sweep_arguments, ot::sweep_advance(arguments))
OT_ENTRY(ot_sinkhorn_sweep_begin, 256, ot::sweep_arguments, ot::sweep_begin(arguments))
OT_ENTRY(ot_sinkhorn_sweep_shifted_a, 256, ot::sweep_arguments, ot::sweep_shifted(arguments, true))
OT_ENTRY(ot_sinkhorn_sweep_shifted_b, 256, ot::sweep_arguments, ot::sweep_shifted(arguments, false))
