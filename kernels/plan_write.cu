// PlanWrite: rows of a plan.
//
// Computes   P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps) for the rows first .. first + count of each problem, zero where there is no mass.
// Mapping    256 columns of 8 rows a block, neighbouring threads neighbouring columns; a thread has its column's exponent, and on a grid its place
//            along every axis, for all 8.
// Traffic    one cost read (or computed), one exp and one write an entry. The costs of a grid are those of its axes, from caches, added up; an
//            entry has no index to take apart.
// Numerics   double.
// Launch     256 threads; grid by tiles: ceil(count / 8) times ceil(columns / 256); static shared memory only.
#include "common/plan.cuh"

namespace ot {

constexpr int plan_write_threads = 256;
constexpr int plan_write_rows = 8;

struct plan_write_arguments {
  table problems;
  const double* epsilons;
  const double* potentials;
  double* entries; // count x columns of the one problem
  long long first;
  long long count;
};

/// One column of a grid against some rows: where it is along every axis, and where the axes' costs of each row begin.
struct plan_write_grid {
  const grid_description& grid;
  const long long* starts; // rows x most_axes
  int places[most_axes];

  __device__ plan_write_grid(const grid_description& grid, const long long* starts, int j) : grid(grid), starts(starts) {
#pragma unroll
    for (int axis = most_axes - 1; axis >= 0; axis--) {
      places[axis] = 0;
      if (axis < grid.axes) {
        places[axis] = j % grid.shape_b[axis];
        j /= grid.shape_b[axis];
      }
    }
  }

  /// Where the costs of atom i of side a begin along an axis.
  static __device__ long long start(const grid_description& grid, int i, int axis) {
    for (int later = grid.axes - 1; later > axis; later--)
      i /= grid.shape_a[later];
    return static_cast<long long>(i % grid.shape_a[axis]) * grid.shape_b[axis];
  }

  /// Added up from the first axis, as grid_cost does.
  __device__ double cost(int q) const {
    double sum = 0;
#pragma unroll
    for (int axis = 0; axis < most_axes; axis++) {
      if (axis < grid.axes)
        sum += grid.costs[axis][starts[q * most_axes + axis] + places[axis]];
    }

    return sum;
  }
};

template <typename element> __device__ void plan_write(const plan_write_arguments& arguments) {
  OT_SHARED(long long, starts, plan_write_rows* most_axes);
  place where = find_place(arguments.problems);
  const problem& all = arguments.problems.problems[where.row];
  plan<element> own{all, arguments.potentials, scale_of(arguments.epsilons[where.row])};
  long long across = (all.columns + plan_write_threads - 1) / plan_write_threads;
  long long row = where.tile / across * plan_write_rows;
  int rows = static_cast<int>(arguments.count - row < plan_write_rows ? arguments.count - row : plan_write_rows);
  int i = static_cast<int>(arguments.first + row);
  int j = static_cast<int>(where.tile % across) * plan_write_threads + static_cast<int>(threadIdx.x);
  double* entries = arguments.entries + row * all.columns + j;
  if (all.geometry != geometry_grid) {
    if (j >= all.columns)
      return;
    double exponent = own.exponent_b(j);
    for (int q = 0; q < rows; q++)
      entries[static_cast<long long>(q) * all.columns] = own.entry(own.exponent_a(i + q), exponent, pair_cost<element>(all, i + q, j));
    return;
  }

  int q = static_cast<int>(threadIdx.x) / most_axes;
  int axis = static_cast<int>(threadIdx.x) % most_axes;
  if (q < rows && axis < all.grid->axes)
    starts[threadIdx.x] = plan_write_grid::start(*all.grid, i + q, axis);
  __syncthreads();
  if (j >= all.columns)
    return;
  plan_write_grid column(*all.grid, starts, j);
  double exponent = own.exponent_b(j);
  for (q = 0; q < rows; q++)
    entries[static_cast<long long>(q) * all.columns] = own.entry(own.exponent_a(i + q), exponent, column.cost(q));
}

} // namespace ot

OT_ENTRY(ot_plan_write_f32, 256, ot::plan_write_arguments, ot::plan_write<float>(arguments))
OT_ENTRY(ot_plan_write_f64, 256, ot::plan_write_arguments, ot::plan_write<double>(arguments))
