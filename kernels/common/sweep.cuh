// What the kernels of a Sinkhorn sweep share: the control of each problem, and the steps that follow its sums.
#pragma once

#include "common/cost.cuh"
#include "common/problem.cuh"
#include "common/reduce.cuh"
#include "common/rule.cuh"

namespace ot {

/// What a problem does next.
enum sweep_mode : int { mode_sweep, mode_shifted, mode_ended };

/// Why every sweep of a problem is taken by shifted sums.
enum sweep_always : int { not_always, always_by_shares, always_by_axes };

/// One a problem of the table, beside its sinkhorn_state.
struct sweep_control {
  int mode;
  int fresh;          // exponents are to be formed anew from the potentials
  int parity;         // which half of the increments is current
  int always_shifted; // a sweep_always: a share so small that terms leave the range of the elements, or a grid, axis by axis
  long long left;     // sweeps of this call
};

/// Where the sums of one problem lie; the memory is laid out by the launcher from its shape.
struct sweep_layout {
  long long kernel;   // first element of its exponents; -1: formed anew in every sweep
  long long partials; // first element of its column sums by parts of the rows
  int parts;          // of its column sums
  int error_parts;    // of its errors of side a, each of so many rows:
  int part_rows;
  int column_tiles;
};

struct sweep_arguments {
  table problems;
  sinkhorn_state* states;
  sweep_control* controls;
  const sweep_layout* layouts;
  const sinkhorn_stage* stages;
  double* potentials; // f and g
  double* increments; // u and v in powers of two, by the same offsets: two halves
  double* logarithms; // of shifted sums, by the same offsets
  double* errors_a;   // by row of the problem, its part's first row
  double* errors_b;   // by column, its tile's first
  int* flags_a;       // likewise: bits of sweep_flags
  int* flags_b;
  double* epsilons; // one a problem: that of its current stage
  void* kernels;    // elements of T
  void* partials;   // elements of T
  long long half;   // length of one half of the increments
  long long count;  // problems of the whole table
};

enum sweep_flags : int { flag_drifted = 1, flag_unsafe = 2 };

// In powers of two; ScalingBounds.Following of the CPU.
constexpr double drift_limit = 20;
constexpr double safe_limit = 40;

__device__ __forceinline__ int flags_of(double log_ratio, double increment) {
  double largest = fmax(fabs(log_ratio), fabs(increment));
  // A NaN is not below any limit.
  return (largest <= drift_limit ? 0 : flag_drifted) | (largest <= safe_limit ? 0 : flag_unsafe);
}

__device__ __forceinline__ bool sweeps_now(const sweep_arguments& all, int row) {
  const sweep_control& control = all.controls[row];
  return control.mode == mode_sweep && control.left > 0 && all.states[row].phase == phase_running;
}

/// (f_i + g_j - C_ij) log2 e / eps, formed in double; minus infinity beside a column without mass.
template <typename element> __device__ __forceinline__ element formed_exponent(const double* potentials, const problem& all, int i, int j, double scale) {
  if (all.b[j] == 0)
    return static_cast<element>(-infinity());
  double sum = potentials[all.potentials_a + i] + potentials[all.potentials_b + j];
  return static_cast<element>((sum - pair_cost<element>(all, i, j)) * scale);
}

/// What a row's sum means: its new increment, the factor for the column sums, the error, the guards.
template <typename element> struct row_update {
  double error = 0;
  int flags = 0;

  __device__ __forceinline__ element apply(double weight, double old, double sum, double omega, double* next) {
    double ratio = log2(sum);
    double increment = fma(-omega, ratio, old);
    error = fma(weight, fabs(sum - 1), error);
    flags |= flags_of(ratio, increment);
    *next = increment;
    return static_cast<element>(weight * exp2(increment - old));
  }
};

/// f += u eps / log2 e, g likewise, and the increments are zero again. All threads of the block.
__device__ inline void absorb(const sweep_arguments& all, const problem& own, int row, double scale) {
  double* increments = all.increments + all.controls[row].parity * all.half;
  for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += static_cast<int>(blockDim.x)) {
    if (own.a[i] > 0)
      all.potentials[own.potentials_a + i] += increments[own.potentials_a + i] / scale;
    increments[own.potentials_a + i] = 0;
  }

  for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += static_cast<int>(blockDim.x)) {
    if (own.b[j] > 0)
      all.potentials[own.potentials_b + j] += increments[own.potentials_b + j] / scale;
    increments[own.potentials_b + j] = 0;
  }
}

/// Moves a constant from g to f, which changes no plan: one of the values first, then their mean. All threads of the block.
template <int threads> __device__ void centre(const sweep_arguments& all, const problem& own, double* scratch) {
  double* f = all.potentials + own.potentials_a;
  double* g = all.potentials + own.potentials_b;
  for (int step = 0; step < 2; step++) {
    double constant = 0;
    if (step == 0) {
      int first = 0;
      while (own.b[first] == 0)
        first++;
      constant = g[first];
    } else {
      for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += threads)
        constant += own.b[j] > 0 ? own.b[j] * g[j] : 0.0;
      constant = block_sum<threads>(constant, scratch);
    }

    // Everyone has read what is now moved.
    __syncthreads();
    if (isfinite(constant)) {
      for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += threads) {
        if (own.a[i] > 0)
          f[i] += constant;
      }

      for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += threads) {
        if (own.b[j] > 0)
          g[j] -= constant;
      }
    }

    __syncthreads();
  }
}

/// After both sums of a sweep: the rule by one thread, and what it means for the next one. All threads of the block; the errors are known to
/// all of them.
__device__ inline void conclude(const sweep_arguments& all, const problem& own, int row, double error_a, double error_b, bool drifted, bool shifted) {
  sinkhorn_state& state = all.states[row];
  sweep_control& control = all.controls[row];
  OT_SHARED(int, absorbs, 1);
  double scale = scale_of(all.stages[state.stage].epsilon);
  __syncthreads();
  if (threadIdx.x == 0) {
    int stage = state.stage;
    rule::advance(state, all.stages[stage], error_a, error_b);
    control.left--;
    *absorbs = drifted || state.stage != stage || state.phase != phase_running || control.left == 0;
    control.mode = state.phase != phase_running || control.left == 0 ? mode_ended : control.always_shifted ? mode_shifted : mode_sweep;
    all.epsilons[row] = all.stages[state.stage].epsilon;
    control.fresh = *absorbs || shifted;
  }

  __syncthreads();
  if (*absorbs && !shifted)
    absorb(all, own, row, scale);
}

} // namespace ot
