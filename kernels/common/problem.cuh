// One row of a table of problems, resolved to addresses of the device; OtEngine.Cuda's DeviceProblem is the same structure.
#pragma once

#include "common/device.cuh"
#include "common/math.cuh"
#include "common/tiles.cuh"

namespace ot {

enum geometry_kind : int { geometry_dense, geometry_points, geometry_grid };

// In the order of CostKind.
enum cost_kind : int { cost_squared_euclidean, cost_euclidean, cost_manhattan, cost_chebyshev, cost_p_norm, cost_cosine };

constexpr int most_axes = 8;

/// A separable cost: the matrices of all axes, in double, one row a cell of side a.
struct grid_description {
  int axes;
  int shape_a[most_axes];
  int shape_b[most_axes];
  const double* costs[most_axes];
};

struct problem {
  int rows, columns;
  int geometry;
  int cost;
  int dimension;
  int wide; // points: x and y hold doubles whatever the element type
  double norm, exponent;
  const void* costs; // dense: rows x columns elements
  const void* x;     // points: rows x dimension
  const void* y;     // points: columns x dimension
  const grid_description* grid;
  const double* a; // shares of total one
  const double* b;
  const double* log_a; // their logarithms to base two, minus infinity without mass
  const double* log_b;
  long long potentials_a; // offsets of f and g in a buffer of potentials
  long long potentials_b;
};

/// The problems of a launch, and how many blocks each has: count + 1 running totals.
struct table {
  const problem* problems;
  const long long* tiles;
  const int* chosen; // which problems of the table; null for all, in order
  long long count;
};

/// The problem that this block works on, and the number of the block within it.
struct place {
  int row;
  long long tile;
};

__device__ __forceinline__ place find_place(const table& all) {
  int k = locate(all.tiles, static_cast<int>(all.count), blockIdx.x);
  return {all.chosen == nullptr ? k : all.chosen[k], blockIdx.x - all.tiles[k]};
}

/// A potential in powers of two with its weight folded in; minus infinity without mass, whatever the potential.
__device__ __forceinline__ double exponent_of(double potential, double scale, double log_weight) {
  return log_weight == -infinity() ? log_weight : fma(potential, scale, log_weight);
}

/// log2 e / eps.
__device__ __forceinline__ double scale_of(double epsilon) { return 1.0 / (epsilon * ln_2); }

} // namespace ot
