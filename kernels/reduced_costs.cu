// ReducedCosts: of each atom of one side the arcs of the lowest prices, and the largest violation of dual feasibility.
//
// Computes   prices p_ij = C_ij + slack |C_ij| + t_j - s_i; of each row, or of each column, the k lowest that are finite and below a limit, lowest
//            first, ties to the lower index, and the other ends of their arcs (-1 where there are fewer). With k = 1 and no slack: a hard
//            c-transform. The violation of a row: max_j of (f_i + g_j - C_ij) / (|f_i| + |g_j| + |C_ij|) and zero.
// Mapping    by row (and violation): a warp a row, lanes along the columns. By column: a lane a column of 32, warps along the rows. Every lane keeps
//            its lowest sixteen in registers; lists are joined by taking heads (a warp), or through shared memory (a block).
// Traffic    each cost is read (or computed) once; what is written is k prices and ends an atom.
// Numerics   double: the product is fused with the cost, then t is added, then s taken off. What is lowest depends on no order.
// Launch     256 threads; grid by tiles of 8 rows, or of 32 columns; static shared memory; k from 1 to 16.
#include "common/cost.cuh"
#include "common/reduce.cuh"

namespace ot {

constexpr int reduced_costs_threads = 256;
constexpr int reduced_costs_warps = reduced_costs_threads / warp_threads;
constexpr int reduced_costs_most = 16;
constexpr int no_end = 0x7FFFFFFF;

struct reduced_costs_arguments {
  table problems;             // one
  const double* row_shift;    // s, or f
  const double* column_shift; // t, or g
  double* prices;             // k an atom, or a violation a row
  int* ends;
  double slack;
  double limit;
  int k;
  int reserved;
};

/// The lowest arcs of an atom, in order.
struct arc_list {
  double price[reduced_costs_most];
  int end[reduced_costs_most];

  __device__ __forceinline__ arc_list() {
#pragma unroll
    for (int s = 0; s < reduced_costs_most; s++) {
      price[s] = infinity();
      end[s] = no_end;
    }
  }

  __device__ static __forceinline__ bool before(double price, int end, double other_price, int other_end) {
    return price < other_price || (price == other_price && end < other_end);
  }

  __device__ __forceinline__ void offer(double new_price, int new_end) {
    if (!before(new_price, new_end, price[reduced_costs_most - 1], end[reduced_costs_most - 1]))
      return;
#pragma unroll
    for (int s = 0; s < reduced_costs_most; s++) {
      if (before(new_price, new_end, price[s], end[s])) {
        double moved_price = price[s];
        int moved_end = end[s];
        price[s] = new_price;
        end[s] = new_end;
        new_price = moved_price;
        new_end = moved_end;
      }
    }
  }

  __device__ __forceinline__ void take_head() {
#pragma unroll
    for (int s = 0; s + 1 < reduced_costs_most; s++) {
      price[s] = price[s + 1];
      end[s] = end[s + 1];
    }

    price[reduced_costs_most - 1] = infinity();
    end[reduced_costs_most - 1] = no_end;
  }
};

template <typename element> __device__ __forceinline__ double arc_price(const reduced_costs_arguments& arguments, const problem& all, int i, int j) {
  double cost = pair_cost<element>(all, i, j);
  return fma(fabs(cost), arguments.slack, cost) + arguments.column_shift[j] - arguments.row_shift[i];
}

__device__ __forceinline__ bool is_wanted(const reduced_costs_arguments& arguments, double price) { return price < arguments.limit && price > -infinity(); }

template <typename element> __device__ void reduced_costs_by_row(const reduced_costs_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  int i = static_cast<int>(where.tile * reduced_costs_warps) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= all.rows)
    return;
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  arc_list own;
  for (int j = lane; j < all.columns; j += warp_threads) {
    double price = arc_price<element>(arguments, all, i, j);
    if (is_wanted(arguments, price))
      own.offer(price, j);
  }

  long long first = static_cast<long long>(i) * arguments.k;
  for (int s = 0; s < arguments.k; s++) {
    double price = warp_min(own.price[0]);
    int end = warp_min(own.price[0] == price ? own.end[0] : no_end);
    if (lane == 0) {
      arguments.prices[first + s] = price;
      arguments.ends[first + s] = price == infinity() ? -1 : end;
    }

    if (own.end[0] == end)
      own.take_head();
  }
}

template <typename element> __device__ void reduced_costs_by_column(const reduced_costs_arguments& arguments) {
  OT_SHARED(double, prices, reduced_costs_warps / 2 * reduced_costs_most * warp_threads);
  OT_SHARED(int, ends, reduced_costs_warps / 2 * reduced_costs_most * warp_threads);
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  int warp = static_cast<int>(threadIdx.x / warp_threads);
  int j = static_cast<int>(where.tile * warp_threads) + lane;
  arc_list own;
  for (int i = warp; j < all.columns && i < all.rows; i += reduced_costs_warps) {
    double price = arc_price<element>(arguments, all, i, j);
    if (is_wanted(arguments, price))
      own.offer(price, i);
  }

  for (int half = reduced_costs_warps / 2; half > 0; half /= 2) {
    int slot = (warp % half) * reduced_costs_most * warp_threads + lane;
    if (warp >= half && warp < 2 * half) {
#pragma unroll
      for (int s = 0; s < reduced_costs_most; s++) {
        prices[slot + s * warp_threads] = own.price[s];
        ends[slot + s * warp_threads] = own.end[s];
      }
    }

    __syncthreads();
    if (warp < half) {
      for (int s = 0; s < reduced_costs_most; s++)
        own.offer(prices[slot + s * warp_threads], ends[slot + s * warp_threads]);
    }

    __syncthreads();
  }

  if (warp > 0 || j >= all.columns)
    return;
  long long first = static_cast<long long>(j) * arguments.k;
#pragma unroll
  for (int s = 0; s < reduced_costs_most; s++) {
    if (s < arguments.k) {
      arguments.prices[first + s] = own.price[s];
      arguments.ends[first + s] = own.end[s] == no_end ? -1 : own.end[s];
    }
  }
}

template <typename element> __device__ void reduced_costs_violation(const reduced_costs_arguments& arguments) {
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  int i = static_cast<int>(where.tile * reduced_costs_warps) + static_cast<int>(threadIdx.x / warp_threads);
  if (i >= all.rows)
    return;
  double f = arguments.row_shift[i];
  double largest = 0;
  for (int j = static_cast<int>(threadIdx.x % warp_threads); j < all.columns; j += warp_threads) {
    double cost = pair_cost<element>(all, i, j);
    double g = arguments.column_shift[j];

    // Quarters, so that three magnitudes near the largest double still add up to a finite one; the least double, for three zeros.
    double magnitude = 0.25 * fabs(f) + 0x1p-1074 + 0.25 * fabs(cost) + 0.25 * fabs(g);
    largest = larger_value()(largest, 0.25 * (f + g - cost) / magnitude);
  }

  largest = warp_max(largest);
  if (threadIdx.x % warp_threads == 0)
    arguments.prices[i] = largest;
}

} // namespace ot

OT_ENTRY(ot_reduced_costs_by_row_f32, 256, ot::reduced_costs_arguments, ot::reduced_costs_by_row<float>(arguments))
OT_ENTRY(ot_reduced_costs_by_row_f64, 256, ot::reduced_costs_arguments, ot::reduced_costs_by_row<double>(arguments))
OT_ENTRY(ot_reduced_costs_by_column_f32, 256, ot::reduced_costs_arguments, ot::reduced_costs_by_column<float>(arguments))
OT_ENTRY(ot_reduced_costs_by_column_f64, 256, ot::reduced_costs_arguments, ot::reduced_costs_by_column<double>(arguments))
OT_ENTRY(ot_reduced_costs_violation_f32, 256, ot::reduced_costs_arguments, ot::reduced_costs_violation<float>(arguments))
OT_ENTRY(ot_reduced_costs_violation_f64, 256, ot::reduced_costs_arguments, ot::reduced_costs_violation<double>(arguments))
