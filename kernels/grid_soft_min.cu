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
#include "common/grid_tile.cuh"
#include "common/sweep.cuh"

namespace ot {

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
