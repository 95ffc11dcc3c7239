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
// registers, up
//            to 4096 columns in float, 2048 in double; beyond, rows are read twice, the second time from the second cache. columns: a thread
//            a column. The others: a block a problem.
// Traffic    form: C once, S written once, a few times a solve. rows: S once; the parts' column sums, 1/32 of S or less, written and read once.
// Numerics   S is formed in double and rounded to T; sums of a thread's terms in T, of threads and parts in double; u, v, f, g in double. An
//            atom without mass has no terms. A ratio or increment beyond 2^40 undoes the sweep.
// Launch     256 threads; rows: grid by parts; columns: tiles of 256 columns; the others: one block a problem. Static
// shared memory.
#include "common/cost.cuh"
#include "common/sweep.cuh"

namespace ot {

constexpr int sweep_threads = 256;
constexpr int sweep_warps = sweep_threads / warp_threads;

/// Sums over the block of one value a row, for a few rows at once. Every thread has the results.
template <int rows> __device__ __forceinline__ void sum_rows(double (&values)[rows], double* scratch) {
  warp_sum_each(values);
#pragma unroll
  for (int q = 0; q < rows; q++) {
    if (threadIdx.x % warp_threads == 0)
      scratch[q * sweep_warps + threadIdx.x / warp_threads] = values[q];
  }

  __syncthreads();
#pragma unroll
  for (int q = 0; q < rows; q++) {
    double sum = scratch[q * sweep_warps];
    for (int warp = 1; warp < sweep_warps; warp++)
      sum += scratch[q * sweep_warps + warp];
    values[q] = sum;
  }

  __syncthreads();
}

template <typename element, int width, int rows> __device__ void sweep_narrow(const sweep_arguments& arguments, const problem& all, const element* kernel,
                                                                              int parity, int first, int end, double omega, element* partials,
                                                                              row_update<element>& update, double* scratch) {
  const double* u = arguments.increments + parity * arguments.half + all.potentials_a;
  const double* v = u - all.potentials_a + all.potentials_b;
  double* next = arguments.increments + (1 - parity) * arguments.half + all.potentials_a;
  element columns[width];
  element weights[width];
  element sums[width];
#pragma unroll
  for (int k = 0; k < width; k++) {
    int j = static_cast<int>(threadIdx.x) + k * sweep_threads;
    columns[k] = j < all.columns ? static_cast<element>(v[j]) : element(0);
    weights[k] = j < all.columns ? static_cast<element>(all.b[j]) : element(0);
    sums[k] = 0;
  }

  for (int i = first; i < end; i += rows) {
    element terms[rows][width];
    double totals[rows];
#pragma unroll
    for (int q = 0; q < rows; q++) {
      element total = 0;
      bool counts = i + q < end && all.a[i + q] > 0;
      element shift = counts ? static_cast<element>(u[i + q]) : element(0);
      const element* row = kernel + static_cast<long long>(i + q) * all.columns;
#pragma unroll
      for (int k = 0; k < width; k++) {
        int j = static_cast<int>(threadIdx.x) + k * sweep_threads;
        terms[q][k] = counts && j < all.columns ? exp2_fast(row[j] + shift + columns[k]) : element(0);
        total += weights[k] * terms[q][k];
      }

      totals[q] = static_cast<double>(total);
    }

    sum_rows(totals, scratch);
#pragma unroll
    for (int q = 0; q < rows; q++) {
      if (i + q >= end || all.a[i + q] == 0)
        continue;
      double increment;
      element factor = update.apply(all.a[i + q], u[i + q], totals[q], omega, &increment);
      if (threadIdx.x == 0)
        next[i + q] = increment;
#pragma unroll
      for (int k = 0; k < width; k++)
        sums[k] += factor * terms[q][k];
    }
  }

#pragma unroll
  for (int k = 0; k < width; k++) {
    int j = static_cast<int>(threadIdx.x) + k * sweep_threads;
    if (j < all.columns)
      partials[j] = sums[k];
  }
}

template <typename element, int rows> __device__ void sweep_wide(const sweep_arguments& arguments, const problem& all, const element* kernel, int parity,
                                                                 int first, int end, double omega, element* partials, row_update<element>& update,
                                                                 double* scratch) {
  const double* u = arguments.increments + parity * arguments.half + all.potentials_a;
  const double* v = u - all.potentials_a + all.potentials_b;
  double* next = arguments.increments + (1 - parity) * arguments.half + all.potentials_a;
  for (int i = first; i < end; i += rows) {
    double totals[rows];
    element factors[rows];
#pragma unroll
    for (int q = 0; q < rows; q++) {
      totals[q] = 0;
      if (i + q >= end || all.a[i + q] == 0)
        continue;
      element shift = static_cast<element>(u[i + q]);
      const element* row = kernel + static_cast<long long>(i + q) * all.columns;
      for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += sweep_threads)
        totals[q] += static_cast<double>(static_cast<element>(all.b[j]) * exp2_fast(row[j] + shift + static_cast<element>(v[j])));
    }

    sum_rows(totals, scratch);
#pragma unroll
    for (int q = 0; q < rows; q++) {
      factors[q] = 0;
      if (i + q >= end || all.a[i + q] == 0)
        continue;
      double increment;
      factors[q] = update.apply(all.a[i + q], u[i + q], totals[q], omega, &increment);
      if (threadIdx.x == 0)
        next[i + q] = increment;
    }

    for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += sweep_threads) {
      element sum = i == first ? element(0) : partials[j];
#pragma unroll
      for (int q = 0; q < rows; q++) {
        if (i + q < end && all.a[i + q] > 0)
          sum += factors[q] * exp2_fast(kernel[static_cast<long long>(i + q) * all.columns + j] + static_cast<element>(u[i + q]) + static_cast<element>(v[j]));
      }

      partials[j] = sum;
    }
  }
}

/// Exponents of a problem whose potentials have changed: those of one part of its rows.
template <typename element> __device__ void sweep_form(const sweep_arguments& arguments) {
  place where = find_place(arguments.problems);
  const sweep_layout& layout = arguments.layouts[where.row];
  if (!sweeps_now(arguments, where.row) || layout.kernel < 0 || arguments.controls[where.row].fresh == 0)
    return;
  const problem& all = arguments.problems.problems[where.row];
  double scale = scale_of(arguments.stages[arguments.states[where.row].stage].epsilon);
  int first = static_cast<int>(where.tile) * layout.part_rows;
  int end = min(first + layout.part_rows, all.rows);
  for (int i = first; i < end; i++) {
    element* row = static_cast<element*>(arguments.kernels) + layout.kernel + static_cast<long long>(i) * all.columns;
    for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += sweep_threads)
      row[j] = formed_exponent<element>(arguments.potentials, all, i, j, scale);
  }
}

template <typename element> __device__ void sweep_rows(const sweep_arguments& arguments) {
  constexpr int widest = sizeof(element) == 4 ? 16 : 8;
  constexpr int rows_at_once = 4;
  OT_SHARED(double, scratch, rows_at_once* sweep_warps);
  place where = find_place(arguments.problems);
  const sweep_layout& layout = arguments.layouts[where.row];
  if (!sweeps_now(arguments, where.row) || layout.kernel < 0)
    return;
  const problem& all = arguments.problems.problems[where.row];
  const sinkhorn_state& state = arguments.states[where.row];
  const element* kernel = static_cast<const element*>(arguments.kernels) + layout.kernel;
  int parity = arguments.controls[where.row].parity;
  int first = static_cast<int>(where.tile) * layout.part_rows;
  int end = min(first + layout.part_rows, all.rows);
  element* partials = static_cast<element*>(arguments.partials) + layout.partials + where.tile * all.columns;
  row_update<element> update;
  if (all.columns <= sweep_threads)
    sweep_narrow<element, 1, 4>(arguments, all, kernel, parity, first, end, state.omega, partials, update, scratch);
  else if (all.columns <= 4 * sweep_threads)
    sweep_narrow<element, 4, 4>(arguments, all, kernel, parity, first, end, state.omega, partials, update, scratch);
  else if (all.columns <= widest * sweep_threads)
    sweep_narrow<element, widest, 2>(arguments, all, kernel, parity, first, end, state.omega, partials, update, scratch);
  else
    sweep_wide<element, rows_at_once>(arguments, all, kernel, parity, first, end, state.omega, partials, update, scratch);
  if (threadIdx.x == 0) {
    arguments.errors_a[all.potentials_a + first] = update.error;
    arguments.flags_a[all.potentials_a + first] = update.flags;
  }
}

template <typename element> __device__ void sweep_columns(const sweep_arguments& arguments) {
  OT_SHARED(double, scratch, sweep_warps);
  place where = find_place(arguments.problems);
  if (!sweeps_now(arguments, where.row))
    return;
  const problem& all = arguments.problems.problems[where.row];
  const sweep_layout& layout = arguments.layouts[where.row];
  int parity = arguments.controls[where.row].parity;
  double omega = arguments.states[where.row].omega;
  int first = static_cast<int>(where.tile) * sweep_threads;
  int j = first + static_cast<int>(threadIdx.x);
  double error = 0;
  int flags = 0;
  if (j < all.columns && all.b[j] > 0) {
    const element* partials = static_cast<const element*>(arguments.partials) + layout.partials;
    double sum = 0;
    for (int part = 0; part < layout.parts; part++)
      sum += static_cast<double>(partials[static_cast<long long>(part) * all.columns + j]);
    double old = arguments.increments[parity * arguments.half + all.potentials_b + j];
    double ratio = log2(sum);
    double increment = fma(-omega, ratio, old);
    arguments.increments[(1 - parity) * arguments.half + all.potentials_b + j] = increment;
    error = all.b[j] * fabs(sum - 1);
    flags = flags_of(ratio, increment);
  }

  error = block_sum<sweep_threads>(error, scratch);
  int drifted = __syncthreads_or(flags & flag_drifted);
  int unsafe = __syncthreads_or(flags & flag_unsafe);
  if (threadIdx.x == 0) {
    arguments.errors_b[all.potentials_b + first] = error;
    arguments.flags_b[all.potentials_b + first] = (drifted ? flag_drifted : 0) | (unsafe ? flag_unsafe : 0);
  }
}

__device__ void sweep_advance(const sweep_arguments& arguments) {
  OT_SHARED(double, scratch, sweep_warps);
  place where = find_place(arguments.problems);
  if (!sweeps_now(arguments, where.row))
    return;
  const problem& all = arguments.problems.problems[where.row];
  const sweep_layout& layout = arguments.layouts[where.row];
  double error_a = 0;
  double error_b = 0;
  int flags = 0;
  for (int part = static_cast<int>(threadIdx.x); part < layout.error_parts; part += sweep_threads) {
    error_a += arguments.errors_a[all.potentials_a + part * layout.part_rows];
    flags |= arguments.flags_a[all.potentials_a + part * layout.part_rows];
  }

  for (int tile = static_cast<int>(threadIdx.x); tile < layout.column_tiles; tile += sweep_threads) {
    error_b += arguments.errors_b[all.potentials_b + tile * sweep_threads];
    flags |= arguments.flags_b[all.potentials_b + tile * sweep_threads];
  }

  error_a = block_sum<sweep_threads>(error_a, scratch);
  error_b = block_sum<sweep_threads>(error_b, scratch);
  bool drifted = __syncthreads_or(flags & flag_drifted) != 0;
  bool unsafe = __syncthreads_or(flags & flag_unsafe) != 0;
  if (unsafe) {
    // Nothing of the sweep is kept; it is done again, plain, by shifted sums.
    absorb(arguments, all, where.row, scale_of(arguments.stages[arguments.states[where.row].stage].epsilon));
    __syncthreads();
    if (threadIdx.x == 0) {
      arguments.controls[where.row].mode = mode_shifted;
      arguments.states[where.row].omega = 1;
    }

    return;
  }

  if (threadIdx.x == 0)
    arguments.controls[where.row].parity = 1 - arguments.controls[where.row].parity;
  __syncthreads();
  conclude(arguments, all, where.row, error_a, error_b, drifted, false);
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
