// SinkhornSweep of small problems: all sweeps of a call within one block, everything in its shared memory.
//
// Computes   what sinkhorn_sweep.cu computes, with E_ij = 2^S_ij kept in place of S and scalings U = 2^u, V = 2^v, so that a sweep has no exp:
//            r_i = U_i sum_j b_j V_j E_ij, u' = u - omega log2 r, c_j = V_j sum_i a_i U'_i E_ij, v' = v - omega log2 c, both errors, guards,
//            the rule; cold starts, absorption and sweeps by shifted sums too.
// Mapping    a block a problem, the next one from a counter, so that problems that end early free their block. rows: a warp a row, four at a
//            time; columns: each warp takes every eighth row for all columns, and the eight sums are joined.
// Traffic    the costs once for each time that E is formed; potentials and state in and out; where a history is recorded, 16 bytes a
//            sweep; nothing else leaves the chip.
// Numerics   E formed in double and rounded to T; a lane's sums in T, joined in double in a fixed order; u, v, f, g in double. Increments
//            beyond 2^20 are absorbed and E formed anew; beyond 2^40, or with shares below 2^-60 (float) or 2^-500 (double), the sweep is
//            done again, plain, by sums shifted by their own maxima.
// Launch     256 threads; grid: as many blocks as are resident, at most the problems; dynamic shared memory: that of the largest problem, laid
//            out by block_layout of common/block_problem.cuh, which has all but the sums of a sweep.
#include "common/block_problem.cuh"

namespace ot {

constexpr int rows_together = 4;

/// What is recorded of one sweep.
struct block_point {
  double error_a;
  int stage;
  int unused;
};

struct block_arguments {
  sweep_arguments sweeps;
  unsigned* next;      // zero before the launch
  block_point* points; // of each problem of the launch as many as it has sweeps left; null: nobody records
};

template <typename element> struct block_solve : block_problem<element> {
  bool always_shifted;

  using block_problem<element>::all;
  using block_problem<element>::own;
  using block_problem<element>::at;
  using block_problem<element>::common;
  using block_problem<element>::lane;
  using block_problem<element>::warp;
  using block_problem<element>::scale;

  /// One sweep on E; false if a guard objects, and then u and v are as they were.
  __device__ bool sweep(double omega, double* error_a, double* error_b, bool* drifted) {
    double error = 0;
    int flags = 0;
    for (int first = warp() * rows_together; first < own.rows; first += block_warps * rows_together) {
      double sums[rows_together];
#pragma unroll
      for (int q = 0; q < rows_together; q++) {
        element sum = 0;
        for (int j = lane(); j < own.columns && first + q < own.rows; j += warp_threads)
          sum += at.b[j] * at.kernel[(first + q) * own.columns + j];
        sums[q] = static_cast<double>(sum);
      }

      warp_sum_each(sums);
#pragma unroll
      for (int q = 0; q < rows_together; q++) {
        int i = first + q;
        if (lane() != q || i >= own.rows)
          continue;
        double weight = own.a[i];
        if (weight == 0) {
          at.a[i] = 0;
          continue;
        }

        double sum = sums[q] * exp2(at.u[i]);
        double ratio = log2(sum);
        double increment = fma(-omega, ratio, at.u[i]);
        error = fma(weight, fabs(sum - 1), error);
        flags |= flags_of(ratio, increment);
        at.u_next[i] = increment;
        at.a[i] = static_cast<element>(weight * exp2(increment));
      }
    }

    *error_a = block_sum<block_threads>(error, common.scratch);
    for (int j = lane(); j < own.columns; j += warp_threads) {
      element sum = 0;
      for (int i = warp(); i < own.rows; i += block_warps)
        sum += at.a[i] * at.kernel[i * own.columns + j];
      at.partials[warp() * own.columns + j] = sum;
    }

    __syncthreads();
    error = 0;
    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      double weight = own.b[j];
      if (weight == 0)
        continue;
      double sum = 0;
      for (int part = 0; part < block_warps; part++)
        sum += static_cast<double>(at.partials[part * own.columns + j]);
      sum *= exp2(at.v[j]);
      double ratio = log2(sum);
      double increment = fma(-omega, ratio, at.v[j]);
      error = fma(weight, fabs(sum - 1), error);
      flags |= flags_of(ratio, increment);
      at.v_next[j] = increment;
    }

    *error_b = block_sum<block_threads>(error, common.scratch);
    *drifted = __syncthreads_or(flags & flag_drifted) != 0;
    if (__syncthreads_or(flags & flag_unsafe) != 0)
      return false;
    for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += block_threads)
      at.u[i] = at.u_next[i];
    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      at.v[j] = at.v_next[j];
      at.b[j] = static_cast<element>(own.b[j] * exp2(at.v[j]));
    }

    __syncthreads();
    return true;
  }

  /// A plain sweep by shifted sums in double, whatever the potentials.
  __device__ void sweep_shifted(double* error_a, double* error_b) {
    double factor = scale();
    double error = 0;
    for (int i = warp(); i < own.rows; i += block_warps) {
      double largest = -infinity();
      for (int j = lane(); j < own.columns; j += warp_threads)
        largest = larger_value()(largest, exponent_of(at.g[j] - pair_cost<element>(own, i, j), factor, own.log_b[j]));
      largest = warp_max(largest);
      double sum = 0;
      for (int j = lane(); j < own.columns; j += warp_threads)
        sum += exp2(exponent_of(at.g[j] - pair_cost<element>(own, i, j), factor, own.log_b[j]) - largest);
      double logarithm = largest + log2(warp_sum(sum));
      if (lane() == 0 && own.a[i] > 0) {
        error = fma(own.a[i], fabs(exp2(fma(at.f[i], factor, logarithm)) - 1), error);
        at.f[i] = -logarithm / factor;
      }
    }

    *error_a = block_sum<block_threads>(error, common.scratch);
    error = 0;
    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      if (own.b[j] == 0)
        continue;
      double largest = -infinity();
      for (int i = 0; i < own.rows; i++)
        largest = larger_value()(largest, exponent_of(at.f[i] - pair_cost<element>(own, i, j), factor, own.log_a[i]));
      double sum = 0;
      for (int i = 0; i < own.rows; i++)
        sum += exp2(exponent_of(at.f[i] - pair_cost<element>(own, i, j), factor, own.log_a[i]) - largest);
      double logarithm = largest + log2(sum);
      error = fma(own.b[j], fabs(exp2(fma(at.g[j], factor, logarithm)) - 1), error);
      at.g[j] = -logarithm / factor;
    }

    *error_b = block_sum<block_threads>(error, common.scratch);
    this->centre();
  }

  __device__ void run(long long budget, block_point* points) {
    bool fresh = true;
    for (long long left = budget; left > 0 && common.state.phase == phase_running; left--) {
      double error_a = 0;
      double error_b = 0;
      bool drifted = false;
      bool shifted = always_shifted;
      double factor = scale();
      if (!shifted) {
        if (fresh)
          this->form();
        shifted = !sweep(common.state.omega, &error_a, &error_b, &drifted);
      }

      if (shifted) {
        this->absorb(factor);
        sweep_shifted(&error_a, &error_b);
        drifted = false;
      }

      int stage = common.state.stage;
      __syncthreads();
      if (threadIdx.x == 0) {
        if (shifted)
          common.state.omega = 1;
        rule::advance(common.state, all.stages[stage], error_a, error_b);
        if (points != nullptr)
          points[budget - left] = block_point{error_a, stage, 0};
      }

      __syncthreads();
      fresh = shifted || drifted || common.state.stage != stage;
      if (fresh && !shifted)
        this->absorb(factor);
    }

    // What the loop has not absorbed.
    this->absorb(scale());
  }
};

template <typename element> __device__ void sinkhorn_block(const block_arguments& arguments) {
  OT_DYNAMIC_SHARED(unsigned char, shared);
  OT_SHARED(block_state, common, 1);
  const sweep_arguments& all = arguments.sweeps;
  while (true) {
    __syncthreads();
    if (threadIdx.x == 0) {
      common->position = atomicAdd(arguments.next, 1u);
      if (common->position < all.problems.count)
        common->state = all.states[all.problems.chosen[common->position]];
    }

    __syncthreads();
    long long position = common->position;
    if (position >= all.problems.count)
      return;
    int row = all.problems.chosen[position];
    const problem& own = all.problems.problems[row];
    block_layout<element> at(shared, own.rows, own.columns);
    block_solve<element> solve{{all, own, at, *common}, all.controls[row].always_shifted != 0};
    if (common->state.phase != phase_running)
      continue;
    bool cold = common->state.cold != 0;
    bool warm = !cold && common->state.sweeps == 0;
    solve.load();
    if (cold)
      solve.start_cold();
    else if (warm)
      solve.centre();
    if (threadIdx.x == 0)
      common->state.cold = 0;
    __syncthreads();
    long long budget = all.controls[row].left;
    solve.run(budget, arguments.points == nullptr ? nullptr : arguments.points + position * budget);
    solve.store();
    if (threadIdx.x == 0)
      all.states[row] = common->state;
  }
}

} // namespace ot

OT_ENTRY(ot_sinkhorn_block_f32, 256, ot::block_arguments, ot::sinkhorn_block<float>(arguments))
OT_ENTRY(ot_sinkhorn_block_f64, 256, ot::block_arguments, ot::sinkhorn_block<double>(arguments))
