// The cost of one pair of atoms in double, whatever the geometry: read, computed from coordinates by direct differences, or added up over
// the axes of a grid. |x - y|^2 is never expanded, which would lose the digits that clouds far from the origin need.
#pragma once

#include "common/problem.cuh"

namespace ot {

template <typename element> __device__ __forceinline__ double coordinate(const void* points, int wide, long long place) {
  return wide != 0 ? static_cast<const double*>(points)[place] : static_cast<double>(static_cast<const element*>(points)[place]);
}

/// x^p for x >= 0, right to a few units in the last place of the exponent; the library's pow is a call, and registers spill around it.
__device__ __forceinline__ double power(double x, double p) { return exp2(p * log2(x)); }

template <typename element> __device__ inline double point_cost(const problem& all, int i, int j) {
  long long x = static_cast<long long>(i) * all.dimension;
  long long y = static_cast<long long>(j) * all.dimension;
  double sum = 0;
  for (int k = 0; k < all.dimension; k++) {
    double difference = coordinate<element>(all.x, all.wide, x + k) - coordinate<element>(all.y, all.wide, y + k);
    switch (all.cost) {
    case cost_manhattan:
      sum += fabs(difference);
      break;
    case cost_chebyshev:
      sum = fmax(sum, fabs(difference));
      break;
    case cost_p_norm:
      if (all.norm == infinity())
        sum = fmax(sum, fabs(difference));
      else
        sum += all.norm == 1 ? fabs(difference) : power(fabs(difference), all.norm);
      break;
    default:
      sum = fma(difference, difference, sum);
      break;
    }
  }

  switch (all.cost) {
  case cost_euclidean:
    return sqrt(sum);
  case cost_p_norm:
    if (all.norm == infinity())
      return power(sum, all.exponent);
    return all.exponent == all.norm ? sum : power(sum, all.exponent / all.norm);
  case cost_cosine:
    // Of points scaled to length one.
    return fmin(2.0, sum / 2);
  default:
    return sum;
  }
}

__device__ inline double grid_cost(const grid_description& grid, int i, int j) {
  // The last axis is the fastest; costs are added up from the first.
  int place_a[most_axes] = {};
  int place_b[most_axes] = {};
  for (int axis = most_axes - 1; axis >= 0; axis--) {
    if (axis < grid.axes) {
      place_a[axis] = i % grid.shape_a[axis];
      place_b[axis] = j % grid.shape_b[axis];
      i /= grid.shape_a[axis];
      j /= grid.shape_b[axis];
    }
  }

  double sum = 0;
  for (int axis = 0; axis < most_axes; axis++) {
    if (axis < grid.axes)
      sum += grid.costs[axis][static_cast<long long>(place_a[axis]) * grid.shape_b[axis] + place_b[axis]];
  }

  return sum;
}

template <typename element> __device__ __forceinline__ double pair_cost(const problem& all, int i, int j) {
  switch (all.geometry) {
  case geometry_dense:
    return static_cast<double>(static_cast<const element*>(all.costs)[static_cast<long long>(i) * all.columns + j]);
  case geometry_points:
    return point_cost<element>(all, i, j);
  default:
    return grid_cost(*all.grid, i, j);
  }
}

} // namespace ot
