// PlanCostGradient: how the cost of a plan changes with the points, the plan held fixed.
//
// Computes   side a: D_ik = sum_j P_ij dc(x_i, y_j)/dx_ik, rows x dimension; side b: D_jk = sum_i P_ij dc(x_i, y_j)/dy_jk, columns x dimension;
//            with P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps) and any ground cost. Atoms without mass have zeros. At kinks: zero where two
//            points or coordinates coincide, and of several largest differences the first.
// Mapping    a warp an atom, lanes along the atoms of the other side. Up to 8 coordinates every lane keeps its sums; beyond, 32 pairs at a time
//            leave their factors in shared memory, and the lanes go along the coordinates.
// Traffic    each cost is computed once, from 2 d coordinates, and one exp taken; d coordinates of either side are read again for the slopes.
// Numerics   double; pairs with a plan of zero take no part, however far apart they are; sums in a fixed order.
// Launch     256 threads; grid by tiles of 8 atoms; static shared memory; all problems of the launch are of points.
#include "common/plan.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int plan_cost_gradient_threads = 256;
constexpr int plan_cost_gradient_atoms = plan_cost_gradient_threads / warp_threads;
constexpr int plan_cost_gradient_width = 8;
constexpr int every_coordinate = -1;

struct plan_cost_gradient_arguments {
  table problems;
  const double* epsilons;
  const double* potentials;
  const double* lengths;    // cosine: of the points as they were given, by the offsets of the potentials
  const long long* offsets; // of the results of each problem of the table
  double* gradients;
  int side;
  int reserved;
};

/// The atoms of one side of a plan as those that move, those of the other side as those they move against. The costs are symmetric.
template <typename element> struct moving_side {
  plan<element> own;
  int side;
  bool largest; // whether only the largest difference of coordinates counts
  double power_of_cost;

  __device__ moving_side(const plan<element>& all, int which) : own(all), side(which) {
    largest = own.all.cost == cost_chebyshev || (own.all.cost == cost_p_norm && own.all.norm == infinity());
    power_of_cost = 1 - (largest ? 1.0 : own.all.norm) / own.all.exponent;
  }

  __device__ __forceinline__ int count() const { return side == 0 ? own.all.rows : own.all.columns; }
  __device__ __forceinline__ int others() const { return side == 0 ? own.all.columns : own.all.rows; }
  __device__ __forceinline__ long long potentials() const { return side == 0 ? own.all.potentials_a : own.all.potentials_b; }
  __device__ __forceinline__ double exponent(int i) const { return side == 0 ? own.exponent_a(i) : own.exponent_b(i); }
  __device__ __forceinline__ double exponent_of_other(int j) const { return side == 0 ? own.exponent_b(j) : own.exponent_a(j); }
  __device__ __forceinline__ double cost(int i, int j) const { return side == 0 ? point_cost<element>(own.all, i, j) : point_cost<element>(own.all, j, i); }
  __device__ __forceinline__ double place(int i, int k) const {
    return coordinate<element>(side == 0 ? own.all.x : own.all.y, own.all.wide, static_cast<long long>(i) * own.all.dimension + k);
  }
  __device__ __forceinline__ double difference(int i, int j, int k) const {
    return place(i, k) - coordinate<element>(side == 0 ? own.all.y : own.all.x, own.all.wide, static_cast<long long>(j) * own.all.dimension + k);
  }

  /// dc/dx_k is factor(c) slope(x_k - y_k).
  __device__ __forceinline__ double factor(double cost) const {
    switch (own.all.cost) {
    case cost_squared_euclidean:
      return 2;
    case cost_euclidean:
      return cost > 0 ? 1 / cost : 0.0;
    case cost_p_norm:
      return cost > 0 ? own.all.exponent * power(cost, power_of_cost) : 0.0;
    default:
      return 1;
    }
  }

  __device__ __forceinline__ double slope(double difference) const {
    if (difference == 0)
      return 0;
    if (own.all.cost == cost_manhattan || largest)
      return difference > 0 ? 1.0 : -1.0;
    if (own.all.cost != cost_p_norm)
      return difference;
    double magnitude = own.all.norm == 1 ? 1.0 : power(fabs(difference), own.all.norm - 1);
    return difference > 0 ? magnitude : -magnitude;
  }

  /// Which coordinate's difference is the largest, the first of several.
  __device__ int turn(int i, int j) const {
    if (!largest)
      return every_coordinate;
    int first = 0;
    double most = fabs(difference(i, j, 0));
    for (int k = 1; k < own.all.dimension; k++) {
      double magnitude = fabs(difference(i, j, k));
      if (magnitude > most) {
        most = magnitude;
        first = k;
      }
    }

    return first;
  }
};

/// What one pair adds: factor times the slope of each coordinate, or of one.
struct pair_term {
  double factor;
  double cost; // times the plan
  int turn;
};

template <typename element> __device__ __forceinline__ pair_term term_of(const moving_side<element>& moving, double exponent, int i, int j) {
  double other = j < moving.others() ? moving.exponent_of_other(j) : -infinity();
  if (other == -infinity())
    return {0, 0, every_coordinate};
  double cost = moving.cost(i, j);
  double entry = moving.own.entry(exponent, other, cost);
  if (entry == 0)
    return {0, 0, every_coordinate};
  return {entry * moving.factor(cost), entry * cost, moving.turn(i, j)};
}

/// The sums of all coordinates in registers.
template <typename element> __device__ double gradient_of_few_coordinates(const moving_side<element>& moving, double exponent, int i, double* results) {
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  double sums[plan_cost_gradient_width + 1] = {};
  for (int j = lane; j < moving.others(); j += warp_threads) {
    pair_term term = term_of(moving, exponent, i, j);
    sums[plan_cost_gradient_width] += term.cost;
#pragma unroll
    for (int k = 0; k < plan_cost_gradient_width; k++) {
      if (k < moving.own.all.dimension && term.factor != 0 && (term.turn == every_coordinate || term.turn == k))
        sums[k] = fma(term.factor, moving.slope(moving.difference(i, j, k)), sums[k]);
    }
  }

  warp_sum_each(sums);
#pragma unroll
  for (int k = 0; k < plan_cost_gradient_width; k++) {
    if (lane == k && k < moving.own.all.dimension)
      results[k] = sums[k];
  }

  return sums[plan_cost_gradient_width];
}

/// The sums stay where the results belong, each coordinate with one lane.
template <typename element> __device__ double gradient_of_many_coordinates(const moving_side<element>& moving, double exponent, int i, double* results) {
  OT_SHARED(double, factors, plan_cost_gradient_threads);
  OT_SHARED(int, turns, plan_cost_gradient_threads);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  int warp = static_cast<int>(threadIdx.x) - lane;
  for (int k = lane; k < moving.own.all.dimension; k += warp_threads)
    results[k] = 0;
  double cost = 0;
  for (int first = 0; first < moving.others(); first += warp_threads) {
    pair_term term = term_of(moving, exponent, i, first + lane);
    cost += term.cost;
    factors[threadIdx.x] = term.factor;
    turns[threadIdx.x] = term.turn;
    __syncwarp();
    for (int k = lane; k < moving.own.all.dimension; k += warp_threads) {
      double sum = results[k];
      for (int t = 0; t < warp_threads; t++) {
        double factor = factors[warp + t];
        int turn = turns[warp + t];
        if (factor != 0 && (turn == every_coordinate || turn == k))
          sum = fma(factor, moving.slope(moving.difference(i, first + t, k)), sum);
      }

      results[k] = sum;
    }

    __syncwarp();
  }

  return warp_sum(cost);
}

template <typename element> __device__ void plan_cost_gradient(const plan_cost_gradient_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  moving_side<element> moving({all, arguments.potentials, scale_of(arguments.epsilons[where.row])}, arguments.side);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  int i = static_cast<int>(where.tile * plan_cost_gradient_atoms) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= moving.count())
    return;
  double* results = arguments.gradients + arguments.offsets[where.row] + static_cast<long long>(i) * all.dimension;
  double exponent = moving.exponent(i);
  if (exponent == -infinity()) {
    for (int k = lane; k < all.dimension; k += warp_threads)
      results[k] = 0;
    return;
  }

  double cost = all.dimension <= plan_cost_gradient_width ? gradient_of_few_coordinates(moving, exponent, i, results)
                                                          : gradient_of_many_coordinates(moving, exponent, i, results);
  if (all.cost == cost_cosine) {
    // With u = x / |x| and v = y / |y|: the gradient by x is (u - v - c u) / |x|, and u - v was summed.
    double inverse = 1 / arguments.lengths[moving.potentials() + i];
    for (int k = lane; k < all.dimension; k += warp_threads)
      results[k] = (results[k] - cost * moving.place(i, k)) * inverse;
  }
}

} // namespace ot

OT_ENTRY(ot_plan_cost_gradient_f32, 256, ot::plan_cost_gradient_arguments, ot::plan_cost_gradient<float>(arguments))
OT_ENTRY(ot_plan_cost_gradient_f64, 256, ot::plan_cost_gradient_arguments, ot::plan_cost_gradient<double>(arguments))
