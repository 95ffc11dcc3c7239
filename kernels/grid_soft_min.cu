// GridSoftMin: soft or hard c-transforms on grids with separable costs, along one axis after the other.
//
// Computes   from v over the cells of one side (potentials times log2 e / eps plus log2 of shares; or potentials, minus infinity without mass)
//            over every line along an axis: soft L_i = log2 sum_j 2^(v_j - c_ij log2 e / eps), hard L_i = max_j (v_j - c_ij); through all axes,
//            the last one first, L over the cells of the other side: its potentials -L eps / log2 e (hard: -L), or L itself.
// Mapping    a thread a cell of the result of a step; neighbouring threads neighbouring cells.
// Traffic    a step reads each value of a line once a result, from caches, and writes one value a cell; one exp a value and result (soft).
// Numerics   double throughout, whatever the elements: terms shifted by the largest so far, in the order of the axis.
// Launch     256 threads; grid by tiles of 256 cells of the step's result (prepare: of the input, finish: of the output); no shared memory.
#include "common/shifted_sum.cuh"
#include "common/sweep.cuh"

namespace ot {

constexpr int grid_threads = 256;

struct grid_arguments {
  table problems;
  const double* epsilons;        // one a problem of the table; not read by hard transforms
  const double* inputs;          // potentials of the other side, by offset
  double* outputs;               // of this side, by offset
  double* work;                  // values of a step and of the next: two halves
  const long long* offsets;      // where the work of each problem begins
  const sweep_control* controls; // where given, only problems that are to sweep by shifted sums
  long long half;
  int side; // of the results
  int step; // 0 is the last axis
  int hard;
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
  __device__ double* values(int step) const { return arguments.work + (step & 1) * arguments.half + arguments.offsets[where.row]; }
  __device__ double scale() const { return arguments.hard != 0 ? 1.0 : scale_of(arguments.epsilons[where.row]); }
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
  side.values(0)[k] = arguments.hard != 0 ? (weight == -infinity() ? weight : potential) : exponent_of(potential, side.scale(), weight);
}

__device__ void grid_axis(const grid_arguments& arguments) {
  grid_side side = find_side(arguments);
  const grid_description& grid = *side.all.grid;
  int axis = grid.axes - 1 - arguments.step;
  if (side.idle() || axis < 0)
    return;
  long long outer = 1;
  long long inner = 1;
  for (int k = 0; k < grid.axes; k++) {
    outer *= k < axis ? side.other(k) : 1;
    inner *= k > axis ? side.own(k) : 1;
  }

  int length = side.own(axis);
  int terms = side.other(axis);
  long long cell = side.where.tile * grid_threads + threadIdx.x;
  if (cell >= outer * length * inner)
    return;
  long long r = cell % inner;
  int i = static_cast<int>(cell / inner % length);
  const double* line = side.values(arguments.step) + cell / inner / length * terms * inner + r;
  // Costs have one row a cell of side a.
  const double* costs = grid.costs[axis] + (arguments.side == 0 ? static_cast<long long>(i) * terms : i);
  long long stride = arguments.side == 0 ? 1 : length;
  double scale = side.scale();
  shifted_sum sum = no_terms();
  for (int j = 0; j < terms; j++) {
    double value = line[j * inner];
    if (value == -infinity())
      continue;
    double exponent = fma(-scale, costs[j * stride], value);
    if (arguments.hard != 0)
      sum.largest = larger_value()(sum.largest, exponent);
    else
      add_term(sum, exponent);
  }

  side.values(arguments.step + 1)[cell] = arguments.hard != 0 ? sum.largest : logarithm(sum);
}

__device__ void grid_finish(const grid_arguments& arguments) {
  grid_side side = find_side(arguments);
  int count = arguments.side == 0 ? side.all.rows : side.all.columns;
  long long k = side.where.tile * grid_threads + threadIdx.x;
  if (side.idle() || k >= count || !wanted(arguments.atoms, (arguments.side == 0 ? side.all.a : side.all.b)[k]))
    return;
  double value = side.values(side.all.grid->axes)[k];
  arguments.outputs[(arguments.side == 0 ? side.all.potentials_a : side.all.potentials_b) + k] =
      arguments.output == output_logarithms ? value : -value / side.scale();
}

} // namespace ot

OT_ENTRY(ot_grid_soft_min_prepare, 256, ot::grid_arguments, ot::grid_prepare(arguments))
OT_ENTRY(ot_grid_soft_min_axis, 256, ot::grid_arguments, ot::grid_axis(arguments))
OT_ENTRY(ot_grid_soft_min_finish, 256, ot::grid_arguments, ot::grid_finish(arguments))
