// GridSoftMin: soft or hard c-transforms on grids with separable costs, along one axis after the other.
//
// Computes   from v over the cells of one side (potentials times log2 e / eps plus log2 of shares; or potentials, minus infinity without mass)
//            over every line along an axis: soft L_i = log2 sum_j 2^(v_j + e_ij) with e_ij = -c_ij log2 e / eps, weighted the same with
//            e_ij + log2 (c_ij - least c), hard L_i = max_j (v_j - c_ij); through all axes, those that shrink first, L over the cells of the
//            other side: its potentials -L eps / log2 e (hard: -L), or L itself. A line that is not finite hands on its largest value.
// Mapping    a block a tile of 32 lines times 32 results of each, a lane a line, a warp 4 results; 32 terms of the lines and of the axis'
//            matrix at a time in shared memory, as powers of two shifted by the largest of their line and of their row.
// Traffic    lines are read once for every 32 results and results written once, both along memory whatever the axis; the axis' matrix is read
//            once for every 32 lines. Of the 1024 sums of 32 terms of a step 2048 powers go in, and up to 1024 join them to those before.
// Numerics   double throughout, whatever the elements; sums in the order of the axis. Powers below 2^-500 are dropped; a sum below 2^-400 is
//            taken again term by term, shifted by its largest term so far.
// Launch     256 threads; grid by tiles: of 32 lines times 32 results (axis), of 256 cells (prepare: of the input, finish: of the output; join);
//            static shared memory only.
#include "common/shifted_sum.cuh"
#include "common/sweep.cuh"

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

struct grid_arguments {
  table problems;
  const double* epsilons;        // one a problem of the table; not read by hard transforms
  const double* inputs;          // potentials of the other side, by offset
  double* outputs;               // of this side, by offset
  double* source;                // values of a step, and of the next
  double* destination;           //
  const long long* offsets;      // where the values of each problem begin
  const sweep_control* controls; // where given, only problems that are to sweep by shifted sums
  double least;                  // weighted: the least cost of the axis
  long long count;               // join: values
  int side;                      // of the results
  int step;                      // 0 is the first axis in order
  int use;
  int atoms;
  int output;
  int reserved;
};

struct grid_side {
  const grid_arguments& arguments;
  const problem& all;
  place where;

  __device__ bool idle() const { return arguments.controls != nullptr && arguments.controls[where.row].mode != mode_shifted; }
  __device__ int own(int axis) const { return arguments.side == 0 ? all.grid->shape_a[axis] : all.grid->shape_b[axis]; }
  __device__ int other(int axis) const { return arguments.side == 0 ? all.grid->shape_b[axis] : all.grid->shape_a[axis]; }
  __device__ double scale() const { return arguments.use == grid_hard ? 1.0 : scale_of(arguments.epsilons[where.row]); }
  __device__ bool grows(int axis) const { return own(axis) > other(axis); }

  /// The place of an axis in the order: those that shrink, then those that grow.
  __device__ int turn(int axis) const {
    int before = 0;
    for (int k = 0; k < all.grid->axes; k++)
      before += grows(k) == grows(axis) ? (k < axis ? 1 : 0) : (grows(axis) ? 1 : 0);
    return before;
  }
};

__device__ grid_side find_side(const grid_arguments& arguments) {
  place where = find_place(arguments.problems);
  return {arguments, arguments.problems.problems[where.row], where};
}

__device__ void grid_prepare(const grid_arguments& arguments) {
  grid_side side = find_side(arguments);
  int count = arguments.side == 0 ? side.all.columns : side.all.rows;
  long long k = side.where.tile * grid_threads + threadIdx.x;
  if (side.idle() || k >= count)
    return;
  double weight = (arguments.side == 0 ? side.all.log_b : side.all.log_a)[k];
  double potential = arguments.inputs[(arguments.side == 0 ? side.all.potentials_b : side.all.potentials_a) + k];
  arguments.source[arguments.offsets[side.where.row] + k] =
      arguments.use == grid_hard ? (weight == -infinity() ? weight : potential) : exponent_of(potential, side.scale(), weight);
}

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

__device__ void grid_axis(const grid_arguments& arguments) {
  OT_SHARED(double, values, grid_terms* grid_pitch);
  OT_SHARED(double, factors, grid_terms* grid_pitch);
  OT_SHARED(long long, starts, grid_lines);
  grid_side side = find_side(arguments);
  const grid_description& grid = *side.all.grid;
  if (side.idle() || arguments.step >= grid.axes)
    return;
  int axis = 0;
  while (side.turn(axis) != arguments.step)
    axis++;
  long long outer = 1;
  long long inner = 1;
  for (int k = 0; k < grid.axes; k++) {
    int cells = side.turn(k) < arguments.step ? side.own(k) : side.other(k);
    outer *= k < axis ? cells : 1;
    inner *= k > axis ? cells : 1;
  }

  // Costs have one row a cell of side a.
  int length = side.own(axis);
  int terms = side.other(axis);
  bool rows = arguments.side == 0;
  grid_line_up all{grid.costs[axis], rows ? terms : 1, rows ? 1 : length, outer * inner, inner, length, terms, arguments.use, side.scale(), arguments.least};
  long long across = (length + grid_results - 1) / grid_results;
  long long line = side.where.tile / across * grid_lines;
  int result = static_cast<int>(side.where.tile % across) * grid_results;
  const double* source = arguments.source + arguments.offsets[side.where.row];
  double* destination = arguments.destination + arguments.offsets[side.where.row];
  if (threadIdx.x < grid_lines)
    starts[threadIdx.x] = all.start(line + threadIdx.x, terms);
  __syncthreads();
  double found[grid_own];
  if (arguments.use == grid_hard)
    grid_maxima(all, source, starts, line, result, values, factors, found);
  else
    grid_sums(all, source, starts, line, result, values, factors, found);

  // Through shared memory, so that lanes may go along the axis.
  int l = static_cast<int>(threadIdx.x % warp_threads);
  int i = static_cast<int>(threadIdx.x / warp_threads) * grid_own;
  for (int r = 0; r < grid_own; r++)
    values[(i + r) * grid_pitch + l] = found[r];
  __syncthreads();
  for (int k = static_cast<int>(threadIdx.x); k < grid_lines * grid_results; k += grid_threads) {
    l = all.along_lines() ? k % warp_threads : k / warp_threads;
    i = all.along_lines() ? k / warp_threads : k % warp_threads;
    if (line + l < all.lines && result + i < length)
      destination[all.start(line + l, length) + (result + i) * inner] = values[i * grid_pitch + l];
  }
}

__device__ void grid_finish(const grid_arguments& arguments) {
  grid_side side = find_side(arguments);
  int count = arguments.side == 0 ? side.all.rows : side.all.columns;
  long long k = side.where.tile * grid_threads + threadIdx.x;
  if (side.idle() || k >= count || !wanted(arguments.atoms, (arguments.side == 0 ? side.all.a : side.all.b)[k]))
    return;
  // Steps took turns.
  const double* last = side.all.grid->axes % 2 == 0 ? arguments.source : arguments.destination;
  double value = last[arguments.offsets[side.where.row] + k];
  arguments.outputs[(arguments.side == 0 ? side.all.potentials_a : side.all.potentials_b) + k] =
      arguments.output == output_logarithms ? value : -value / side.scale();
}

/// destination = log2 (2^source + 2^destination), value by value.
__device__ void grid_join(const grid_arguments& arguments) {
  long long k = static_cast<long long>(blockIdx.x) * grid_threads + threadIdx.x;
  if (k >= arguments.count)
    return;
  shifted_sum sum = no_terms();
  add_term(sum, arguments.source[k]);
  add_term(sum, arguments.destination[k]);
  arguments.destination[k] = logarithm(sum);
}

} // namespace ot

OT_ENTRY(ot_grid_soft_min_prepare, 256, ot::grid_arguments, ot::grid_prepare(arguments))
OT_ENTRY(ot_grid_soft_min_axis, 256, ot::grid_arguments, ot::grid_axis(arguments))
OT_ENTRY(ot_grid_soft_min_finish, 256, ot::grid_arguments, ot::grid_finish(arguments))
OT_ENTRY(ot_grid_soft_min_join, 256, ot::grid_arguments, ot::grid_join(arguments))
