// The steps of a sweep on formed exponents, each by one block of sweep_threads: a part of the rows, a tile of columns, a problem's end.
// Where the exponents lie, in device memory or on chip, and which block takes which step, is the kernels'; the sums are the same ones.
#pragma once

#include "common/cost.cuh"
#include "common/sweep.cuh"

namespace ot {

constexpr int sweep_threads = 256;
constexpr int sweep_warps = sweep_threads / warp_threads;
constexpr int most_rows_together = 4;

/// Shared doubles that sums over a part's rows need.
constexpr int part_scratch = most_rows_together * sweep_warps;

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

template <typename element, int width, int rows> __device__ void sweep_narrow(const sweep_arguments& arguments, const problem& all, const element* exponents,
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
      const element* row = exponents + static_cast<long long>(i + q - first) * all.columns;
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

template <typename element, int rows> __device__ void sweep_wide(const sweep_arguments& arguments, const problem& all, const element* exponents, int parity,
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
      const element* row = exponents + static_cast<long long>(i + q - first) * all.columns;
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
          sum += factors[q] *
                 exp2_fast(exponents[static_cast<long long>(i + q - first) * all.columns + j] + static_cast<element>(u[i + q]) + static_cast<element>(v[j]));
      }

      partials[j] = sum;
    }
  }
}

/// The rows of a problem that one of its parts has.
struct part_rows {
  int first;
  int end;

  __device__ part_rows(const problem& all, const sweep_layout& layout, long long part) {
    first = static_cast<int>(part) * layout.part_rows;
    end = min(first + layout.part_rows, all.rows);
  }
};

/// Exponents of one part of a problem's rows, from its potentials.
template <typename element> __device__ void form_part(const sweep_arguments& arguments, int row, part_rows part, element* exponents) {
  const problem& all = arguments.problems.problems[row];
  double scale = scale_of(arguments.stages[arguments.states[row].stage].epsilon);
  for (int i = part.first; i < part.end; i++) {
    element* formed = exponents + static_cast<long long>(i - part.first) * all.columns;
    for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += sweep_threads)
      formed[j] = formed_exponent<element>(arguments.potentials, all, i, j, scale);
  }
}

/// A part's row sums and what follows from them: increments, its column sums, errors, flags. Shared scratch of part_scratch doubles.
template <typename element>
__device__ void sweep_part(const sweep_arguments& arguments, int row, long long part, part_rows rows, const element* exponents, double* scratch) {
  constexpr int widest = sizeof(element) == 4 ? 16 : 8;
  const problem& all = arguments.problems.problems[row];
  int parity = arguments.controls[row].parity;
  double omega = arguments.states[row].omega;
  element* partials = static_cast<element*>(arguments.partials) + arguments.layouts[row].partials + part * all.columns;
  row_update<element> update;
  if (all.columns <= sweep_threads)
    sweep_narrow<element, 1, 4>(arguments, all, exponents, parity, rows.first, rows.end, omega, partials, update, scratch);
  else if (all.columns <= 4 * sweep_threads)
    sweep_narrow<element, 4, 4>(arguments, all, exponents, parity, rows.first, rows.end, omega, partials, update, scratch);
  else if (all.columns <= widest * sweep_threads)
    sweep_narrow<element, widest, 2>(arguments, all, exponents, parity, rows.first, rows.end, omega, partials, update, scratch);
  else
    sweep_wide<element, most_rows_together>(arguments, all, exponents, parity, rows.first, rows.end, omega, partials, update, scratch);
  if (threadIdx.x == 0) {
    arguments.errors_a[all.potentials_a + rows.first] = update.error;
    arguments.flags_a[all.potentials_a + rows.first] = update.flags;
  }
}

/// One tile of a problem's columns, over all parts: their increments, errors and flags. Shared scratch of one double a warp.
template <typename element> __device__ void sweep_column_tile(const sweep_arguments& arguments, int row, long long tile, double* scratch) {
  const problem& all = arguments.problems.problems[row];
  const sweep_layout& layout = arguments.layouts[row];
  int parity = arguments.controls[row].parity;
  double omega = arguments.states[row].omega;
  int first = static_cast<int>(tile) * sweep_threads;
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

/// What follows a problem's sweep, by one block. Shared scratch of one double a warp.
__device__ inline void advance_problem(const sweep_arguments& arguments, int row, double* scratch) {
  const problem& all = arguments.problems.problems[row];
  const sweep_layout& layout = arguments.layouts[row];
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
    absorb(arguments, all, row, scale_of(arguments.stages[arguments.states[row].stage].epsilon));
    __syncthreads();
    if (threadIdx.x == 0) {
      arguments.controls[row].mode = mode_shifted;
      arguments.states[row].omega = 1;
    }

    return;
  }

  if (threadIdx.x == 0)
    arguments.controls[row].parity = 1 - arguments.controls[row].parity;
  __syncthreads();
  conclude(arguments, all, row, error_a, error_b, drifted, false);
}

} // namespace ot
