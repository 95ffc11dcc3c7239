// One tile of a transform along an axis of a grid: 32 lines times 32 results of each, by one block. What the tiles are of, and where their results
// go, is grid_soft_min.cu's; so is how they are summed.
#pragma once

#include "common/math.cuh"
#include "common/reduce.cuh"
#include "common/shifted_sum.cuh"

namespace ot {

constexpr int grid_threads = 256;
constexpr int grid_lines = warp_threads;
constexpr int grid_results = 32;
constexpr int grid_terms = warp_threads;
constexpr int grid_warps = grid_threads / warp_threads;
constexpr int grid_own = grid_results / grid_warps;
static_assert(grid_lines == grid_own * grid_warps && grid_lines == grid_results);

/// A row of 32 and one more: neighbours along either way lie in different banks.
constexpr int grid_pitch = warp_threads + 1;

/// Cells side by side from which on lanes go along them: those of one term then fill whole sectors of 32 bytes.
constexpr int grid_side_by_side = 4;

// GridTiles.Dropped and GridLogarithms.LeastSum of the CPU.
constexpr double grid_dropped = -500;
constexpr double grid_least_sum = 0x1p-400;

enum grid_use : int { grid_soft, grid_hard, grid_weighted };

/// One axis of one problem, and how the values of a step and of the next lie around it: outer x terms (or length) x inner.
struct grid_line_up {
  const double* costs;
  long long cost_of_result; // from one result to the next
  long long cost_of_term;
  long long lines;
  long long inner;
  int length;
  int terms;
  int use;
  double scale;
  double least;

  __device__ double exponent(int i, int j) const {
    double cost = costs[i * cost_of_result + j * cost_of_term];
    return use == grid_weighted ? fma(-scale, cost, log2(cost - least)) : -scale * cost;
  }

  /// A value with its exponent, in one rounding where there is no weight.
  __device__ double term(double value, int i, int j) const {
    return use == grid_weighted ? value + exponent(i, j) : fma(-scale, costs[i * cost_of_result + j * cost_of_term], value);
  }

  /// Where a line begins in an array whose axis has so many cells.
  __device__ long long start(long long line, int cells) const { return line / inner * cells * inner + line % inner; }

  /// Whether lanes go along lines, which lie side by side, or along the axis.
  __device__ bool along_lines() const { return inner >= grid_side_by_side; }
};

__device__ __forceinline__ double grid_power(double exponent) { return exponent > grid_dropped ? exp2(exponent) : 0.0; }

__device__ __forceinline__ double finite_or_zero(double value) { return isfinite(value) ? value : 0.0; }

/// Terms first on of the tile's lines, [term][line], and of the axis' matrix, [term][result]; beyond the ends minus infinity.
__device__ void grid_load(const grid_line_up& all, const double* source, const long long* starts, long long line, int result, int first, double* values,
                          double* factors) {
  for (int k = static_cast<int>(threadIdx.x); k < grid_lines * grid_terms; k += grid_threads) {
    int fast = k % warp_threads;
    int slow = k / warp_threads;
    int l = all.along_lines() ? fast : slow;
    int j = all.along_lines() ? slow : fast;
    bool within = line + l < all.lines && first + j < all.terms;
    values[j * grid_pitch + l] = within ? source[starts[l] + (first + j) * all.inner] : -infinity();
  }

  for (int k = static_cast<int>(threadIdx.x); k < grid_results * grid_terms; k += grid_threads) {
    int fast = k % warp_threads;
    int slow = k / warp_threads;
    int i = all.cost_of_term == 1 ? slow : fast;
    int j = all.cost_of_term == 1 ? fast : slow;
    bool within = result + i < all.length && first + j < all.terms;
    factors[j * grid_pitch + i] = within ? all.exponent(result + i, first + j) : -infinity();
  }
}

/// Turns each line and each row of the matrix, a lane a term, into powers shifted by the largest, which is kept. A warp has some of each.
__device__ void grid_shift(double* values, double* factors, double* value_peaks, double* factor_peaks) {
  int j = static_cast<int>(threadIdx.x % warp_threads);
  int first = static_cast<int>(threadIdx.x / warp_threads) * grid_own;
  double own[2 * grid_own];
  double peaks[2 * grid_own];
  for (int r = 0; r < grid_own; r++) {
    peaks[r] = own[r] = values[j * grid_pitch + first + r];
    peaks[grid_own + r] = own[grid_own + r] = factors[j * grid_pitch + first + r];
  }

  warp_reduce_each(peaks, larger_value());
  for (int r = 0; r < grid_own; r++) {
    values[j * grid_pitch + first + r] = grid_power(own[r] - finite_or_zero(peaks[r]));
    factors[j * grid_pitch + first + r] = grid_power(own[grid_own + r] - finite_or_zero(peaks[grid_own + r]));
    if (j == 0) {
      value_peaks[first + r] = peaks[r];
      factor_peaks[first + r] = peaks[grid_own + r];
    }
  }
}

/// A sum of so many powers that bounds of the terms, and not the terms, are taken out of it.
struct bounded_sum {
  double bound;
  double sum;

  __device__ __forceinline__ void add(double other_bound, double other_sum) {
    if (other_bound > bound) {
      sum = fma(sum, grid_power(bound - other_bound), other_sum);
      bound = other_bound;
    } else {
      sum = fma(grid_power(other_bound - bound), other_sum, sum);
    }
  }
};

/// The same sum term by term.
__device__ double grid_again(const grid_line_up& all, const double* values, int i) {
  shifted_sum sum = no_terms();
  for (int j = 0; j < all.terms; j++) {
    double value = values[j * all.inner];
    if (value != -infinity())
      add_term(sum, all.term(value, i, j));
  }

  return logarithm(sum);
}

/// The tile's results, from powers of two; 4 a thread.
__device__ void grid_sums(const grid_line_up& all, const double* source, const long long* starts, long long line, int result, double* values, double* factors,
                          double* found) {
  OT_SHARED(double, value_peaks, grid_lines);
  OT_SHARED(double, factor_peaks, grid_results);
  int l = static_cast<int>(threadIdx.x % warp_threads);
  int i = static_cast<int>(threadIdx.x / warp_threads) * grid_own;
  double peak = -infinity();
  bounded_sum sums[grid_own];
  for (int r = 0; r < grid_own; r++)
    sums[r] = {-infinity(), 0.0};
  for (int first = 0; first < all.terms; first += grid_terms) {
    grid_load(all, source, starts, line, result, first, values, factors);
    __syncthreads();
    grid_shift(values, factors, value_peaks, factor_peaks);
    __syncthreads();
    double products[grid_own] = {};
#pragma unroll 8
    for (int j = 0; j < grid_terms; j++) {
      double value = values[j * grid_pitch + l];
#pragma unroll
      for (int r = 0; r < grid_own; r++)
        products[r] = fma(value, factors[j * grid_pitch + i + r], products[r]);
    }

    peak = larger_value()(peak, value_peaks[l]);
    for (int r = 0; r < grid_own; r++)
      sums[r].add(value_peaks[l] + factor_peaks[i + r], products[r]);
    __syncthreads();
  }

  for (int r = 0; r < grid_own; r++) {
    if (!isfinite(peak))
      found[r] = peak;
    else if (sums[r].sum >= grid_least_sum || line + l >= all.lines || result + i + r >= all.length)
      found[r] = sums[r].bound + log2(sums[r].sum);
    else
      found[r] = grid_again(all, source + starts[l], result + i + r);
  }
}

__device__ void grid_maxima(const grid_line_up& all, const double* source, const long long* starts, long long line, int result, double* values, double* factors,
                            double* found) {
  int l = static_cast<int>(threadIdx.x % warp_threads);
  int i = static_cast<int>(threadIdx.x / warp_threads) * grid_own;
  for (int r = 0; r < grid_own; r++)
    found[r] = -infinity();
  for (int first = 0; first < all.terms; first += grid_terms) {
    grid_load(all, source, starts, line, result, first, values, factors);
    __syncthreads();
    for (int j = 0; j < grid_terms; j++) {
      for (int r = 0; r < grid_own; r++)
        found[r] = larger_value()(found[r], values[j * grid_pitch + l] + factors[j * grid_pitch + i + r]);
    }

    __syncthreads();
  }
}

} // namespace ot
