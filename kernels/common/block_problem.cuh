// One small problem within one block: its place in shared memory, and all that is done to it there but the sums of a sweep.
#pragma once

#include "common/sweep.cuh"

namespace ot {

constexpr int block_threads = 256;
constexpr int block_warps = block_threads / warp_threads;

/// Shared memory of one problem: doubles first, then elements.
template <typename element> struct block_layout {
  double* f;
  double* g;
  double* u;
  double* v;
  double* u_next;
  double* v_next;
  element* a; // a_i U_i, for the column sums
  element* b; // b_j V_j, for the row sums
  element* partials;
  element* kernel;

  __device__ block_layout(unsigned char* shared, int rows, int columns) {
    f = reinterpret_cast<double*>(shared);
    g = f + rows;
    u = g + columns;
    v = u + rows;
    u_next = v + columns;
    v_next = u_next + rows;
    a = reinterpret_cast<element*>(v_next + columns);
    b = a + rows;
    partials = b + columns;
    kernel = partials + block_warps * columns;
  }
};

/// What the threads of a block tell each other.
struct block_state {
  sinkhorn_state state;
  double scratch[block_warps];
  unsigned position; // among the problems of the launch
};

/// All threads of the block call each of these. Those that change shared memory end with a barrier.
template <typename element> struct block_problem {
  const sweep_arguments& all;
  const problem& own;
  block_layout<element>& at;
  block_state& common;

  __device__ __forceinline__ int lane() const { return static_cast<int>(threadIdx.x % warp_threads); }
  __device__ __forceinline__ int warp() const { return static_cast<int>(threadIdx.x / warp_threads); }
  __device__ __forceinline__ double scale() const { return scale_of(all.stages[common.state.stage].epsilon); }

  __device__ void load() {
    for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += block_threads) {
      at.f[i] = own.a[i] > 0 ? all.potentials[own.potentials_a + i] : 0.0;
      at.u[i] = at.u_next[i] = 0;
    }

    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      at.g[j] = own.b[j] > 0 ? all.potentials[own.potentials_b + j] : 0.0;
      at.v[j] = at.v_next[j] = 0;
    }

    __syncthreads();
  }

  __device__ void store() {
    for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += block_threads) {
      if (own.a[i] > 0)
        all.potentials[own.potentials_a + i] = at.f[i];
    }

    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      if (own.b[j] > 0)
        all.potentials[own.potentials_b + j] = at.g[j];
    }
  }

  /// f_i = min_j C_ij, then g_j = min_i (C_ij - f_i), over the atoms with mass.
  __device__ void start_cold() {
    for (int i = warp(); i < own.rows; i += block_warps) {
      double least = infinity();
      for (int j = lane(); j < own.columns; j += warp_threads) {
        if (own.b[j] > 0)
          least = smaller_value()(least, pair_cost<element>(own, i, j));
      }

      least = warp_min(least);
      if (lane() == 0)
        at.f[i] = own.a[i] > 0 ? least : 0.0;
    }

    __syncthreads();
    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      double least = infinity();
      for (int i = 0; i < own.rows && own.b[j] > 0; i++) {
        if (own.a[i] > 0)
          least = smaller_value()(least, pair_cost<element>(own, i, j) - at.f[i]);
      }

      at.g[j] = own.b[j] > 0 ? least : 0.0;
    }

    __syncthreads();
  }

  __device__ void centre() {
    int first = 0;
    while (own.b[first] == 0)
      first++;
    for (int step = 0; step < 2; step++) {
      double constant = step == 0 ? at.g[first] : 0.0;
      if (step == 1) {
        for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads)
          constant += own.b[j] > 0 ? own.b[j] * at.g[j] : 0.0;
        constant = block_sum<block_threads>(constant, common.scratch);
      }

      __syncthreads();
      if (isfinite(constant)) {
        for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += block_threads)
          at.f[i] += constant;
        for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads)
          at.g[j] -= constant;
      }

      __syncthreads();
    }
  }

  /// Increments into potentials.
  __device__ void absorb(double scale) {
    for (int i = static_cast<int>(threadIdx.x); i < own.rows; i += block_threads) {
      at.f[i] += at.u[i] / scale;
      at.u[i] = 0;
    }

    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads) {
      at.g[j] += at.v[j] / scale;
      at.v[j] = 0;
    }

    __syncthreads();
  }

  __device__ void form() {
    double factor = scale();
    for (int i = warp(); i < own.rows; i += block_warps) {
      for (int j = lane(); j < own.columns; j += warp_threads) {
        bool counts = own.a[i] > 0 && own.b[j] > 0;
        double exponent = counts ? (at.f[i] + at.g[j] - pair_cost<element>(own, i, j)) * factor : -infinity();
        at.kernel[i * own.columns + j] = exp2_fast(static_cast<element>(exponent));
      }
    }

    for (int j = static_cast<int>(threadIdx.x); j < own.columns; j += block_threads)
      at.b[j] = static_cast<element>(own.b[j]);
    __syncthreads();
  }
};

} // namespace ot
