// Assignment: linear assignment problems of a ragged batch, each by rows inserted one after another along shortest augmenting paths.
//
// Computes   min sum_i C[i, s(i)] over s that take no column twice, rows at most columns, an infinite cost for a forbidden pair; the potentials
//            u_i + v_j <= C_ij that prove it, and the largest violation of that. Among equally good ones SciPy's: of the nearest columns the last
//            unassigned one in the order of the remaining columns (a scanned one is replaced by the last), else the first assigned one.
// Mapping    a block a problem, a warp where columns are few; its threads along the columns, each the only one to change what is known of its own.
// Traffic    each row scanned is read once, three additions an entry; the state stays in shared memory where it fits (32 bytes a column and 24 a
//            row), else in device memory; every cost is read once more for the violation.
// Numerics   double, whatever the costs are stored in: minimum + c - u - v, in SciPy's order and without fusion, so that every backend finds the
//            same bits.
// Launch     32 or 256 threads; a block a problem chosen; dynamic shared memory for the state of the largest, or none and a workspace. A launch
//            ends behind the row at which a problem's scans reach the budget, and the next one goes on there.
#include "common/math.cuh"
#include "common/reduce.cuh"

namespace ot {

/// One of a batch; OtEngine's AssignmentProblem is the same structure.
struct assignment_problem {
  int rows, columns;    // rows at most columns
  long long costs;      // offsets in elements
  long long matching;   // of the column of each row
  long long potentials; // of u, and v behind it
};

/// What came of one; OtEngine's AssignmentOutcome is the same structure.
struct assignment_outcome {
  long long scans;
  double violation;
  int inserted; // rows, all of them at the end
  int infeasible;
};

struct assignment_arguments {
  const assignment_problem* problems;
  const int* chosen;           // problems of this launch
  const long long* workspaces; // bytes before the state of each chosen one; null where it is in shared memory
  unsigned char* workspace;
  const void* costs;
  int* matching;
  double* potentials;
  assignment_outcome* outcomes;
  long long budget; // of scans
};

/// The state of a problem while rows are inserted. Columns belong to threads: that of column j is j % threads.
struct assignment_state {
  double* column_potential;
  double* distance; // of the shortest path to a column
  double* row_potential;
  double* scanned_distance;
  int* predecessor; // the row before a column on its path
  int* row_of_column;
  int* remaining; // columns not yet scanned, in the order that decides ties
  int* position;  // where a column stands among them; -1 once scanned
  int* column_of_row;
  int* scanned_column;

  __device__ assignment_state(unsigned char* memory, int rows, int columns) {
    column_potential = reinterpret_cast<double*>(memory);
    distance = column_potential + columns;
    row_potential = distance + columns;
    scanned_distance = row_potential + rows;
    predecessor = reinterpret_cast<int*>(scanned_distance + rows);
    row_of_column = predecessor + columns;
    remaining = row_of_column + columns;
    position = remaining + columns;
    column_of_row = position + columns;
    scanned_column = column_of_row + rows;
  }
};

/// The least distance, and of the columns at it the one that the tie rule takes.
struct nearest_column {
  double distance;
  unsigned long long rank; // the better, the larger; the column below

  __device__ __forceinline__ int column() const { return static_cast<int>(rank & 0xFFFFFFFFu); }

  /// Unassigned columns before assigned ones; of those the last in their order, of these the first.
  __device__ static __forceinline__ unsigned long long rank_of(int column, int position, int columns, bool assigned) {
    unsigned order = assigned ? static_cast<unsigned>(columns - 1 - position) : 0x80000000u | static_cast<unsigned>(position);
    return static_cast<unsigned long long>(order) << 32 | static_cast<unsigned>(column);
  }

  __device__ __forceinline__ void take(double other_distance, unsigned long long other_rank) {
    if (other_distance < distance || (other_distance == distance && other_rank > rank)) {
      distance = other_distance;
      rank = other_rank;
    }
  }
};

/// That of all threads of the block. One barrier: what threads wrote before is seen by all after it. Calls in turn use either half of the scratch.
template <int threads> __device__ __forceinline__ nearest_column nearest_of_block(nearest_column own, nearest_column* scratch, int turn) {
  nearest_column nearest;
  nearest.distance = warp_min(own.distance);
  nearest.rank = warp_max(own.distance == nearest.distance ? own.rank : 0ull);
  if constexpr (threads > warp_threads) {
    constexpr int warps = threads / warp_threads;
    nearest_column* half = scratch + (turn & 1) * warps;
    if (threadIdx.x % warp_threads == 0)
      half[threadIdx.x / warp_threads] = nearest;
    __syncthreads();
    for (int warp = 0; warp < warps; warp++)
      nearest.take(half[warp].distance, half[warp].rank);
  } else {
    __syncthreads();
  }

  return nearest;
}

/// Where a search ended.
struct assignment_sink {
  int column; // -1 if no unassigned one can be reached
  int scanned;
  double distance;
};

template <int threads, typename element>
__device__ assignment_sink find_sink(const assignment_problem& all, const element* costs, const assignment_state& state, int start, nearest_column* scratch) {
  int own = static_cast<int>(threadIdx.x);
  for (int j = own; j < all.columns; j += threads) {
    state.distance[j] = infinity();
    state.position[j] = all.columns - 1 - j;
    state.remaining[j] = all.columns - 1 - j;
  }

  double minimum = 0;
  int row = start;
  for (int scanned = 0;; scanned++) {
    const element* row_costs = costs + static_cast<long long>(row) * all.columns;
    double potential = state.row_potential[row];
    nearest_column nearest = {infinity(), 0};
    for (int j = own; j < all.columns; j += threads) {
      int position = state.position[j];
      if (position < 0)
        continue;
      double length = minimum + static_cast<double>(row_costs[j]) - potential - state.column_potential[j];
      double distance = state.distance[j];
      if (length < distance) {
        state.distance[j] = distance = length;
        state.predecessor[j] = row;
      }

      nearest.take(distance, nearest_column::rank_of(j, position, all.columns, state.row_of_column[j] >= 0));
    }

    nearest = nearest_of_block<threads>(nearest, scratch, scanned);
    minimum = nearest.distance;
    if (minimum == infinity())
      return {-1, scanned, minimum};
    int column = nearest.column();
    row = state.row_of_column[column];
    if (row < 0)
      return {column, scanned, minimum};

    // The column is scanned: its place goes to the last of the remaining ones.
    int place = all.columns - 1 - static_cast<int>(nearest.rank >> 32);
    int last = state.remaining[all.columns - 1 - scanned];
    if (column % threads == own)
      state.position[column] = -1;
    if (last != column && last % threads == own)
      state.position[last] = place;
    if (own == 0) {
      state.scanned_column[scanned] = column;
      state.scanned_distance[scanned] = minimum;
      if (last != column)
        state.remaining[place] = last;
    }
  }
}

/// Potentials of what was scanned, and the path to the sink turned over. Begins behind a barrier and ends with one.
template <int threads> __device__ void augment(const assignment_state& state, int row, const assignment_sink& sink) {
  for (int s = static_cast<int>(threadIdx.x); s < sink.scanned; s += threads) {
    int column = state.scanned_column[s];
    double shift = sink.distance - state.scanned_distance[s];
    state.row_potential[state.row_of_column[column]] += shift;
    state.column_potential[column] -= shift;
  }

  __syncthreads();
  if (threadIdx.x == 0) {
    state.row_potential[row] += sink.distance;
    int free = sink.column;
    for (int i = -1; i != row;) {
      i = state.predecessor[free];
      state.row_of_column[free] = i;
      int next = state.column_of_row[i];
      state.column_of_row[i] = free;
      free = next;
    }
  }

  __syncthreads();
}

template <int threads>
__device__ void load_state(const assignment_arguments& arguments, const assignment_problem& all, const assignment_state& state, int inserted) {
  int own = static_cast<int>(threadIdx.x);
  const double* potentials = arguments.potentials + all.potentials;
  for (int j = own; j < all.columns; j += threads) {
    state.column_potential[j] = inserted == 0 ? 0.0 : potentials[all.rows + j];
    state.row_of_column[j] = -1;
  }

  __syncthreads();
  for (int i = own; i < all.rows; i += threads) {
    int column = i < inserted ? arguments.matching[all.matching + i] : -1;
    state.row_potential[i] = inserted == 0 ? 0.0 : potentials[i];
    state.column_of_row[i] = column;
    if (column >= 0)
      state.row_of_column[column] = i;
  }

  __syncthreads();
}

template <int threads> __device__ void store_state(const assignment_arguments& arguments, const assignment_problem& all, const assignment_state& state) {
  double* potentials = arguments.potentials + all.potentials;
  for (int i = static_cast<int>(threadIdx.x); i < all.rows; i += threads) {
    potentials[i] = state.row_potential[i];
    arguments.matching[all.matching + i] = state.column_of_row[i];
  }

  for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += threads)
    potentials[all.rows + j] = state.column_potential[j];
}

/// The largest (u_i + v_j - C_ij) / (|u_i| + |v_j| + |C_ij|), or zero.
template <int threads, typename element>
__device__ double largest_violation(const assignment_problem& all, const element* costs, const assignment_state& state, double* scratch) {
  double largest = 0;
  for (int i = 0; i < all.rows; i++) {
    double potential = state.row_potential[i];
    const element* row_costs = costs + static_cast<long long>(i) * all.columns;
    for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += threads) {
      double cost = static_cast<double>(row_costs[j]);
      double other = state.column_potential[j];
      double excess = potential + other - cost;
      if (excess > 0)
        largest = larger_value()(largest, excess / (fabs(potential) + fabs(other) + fabs(cost)));
    }
  }

  return block_max<threads>(largest, scratch);
}

template <int threads, typename element> __device__ void assignment(const assignment_arguments& arguments) {
  OT_DYNAMIC_SHARED(unsigned char, shared);
  OT_SHARED(nearest_column, scratch, 2 * threads / warp_threads);
  OT_SHARED(double, violations, threads / warp_threads);
  int which = arguments.chosen[blockIdx.x];
  const assignment_problem all = arguments.problems[which];
  assignment_outcome outcome = arguments.outcomes[which];
  if (outcome.infeasible != 0 || outcome.inserted == all.rows)
    return;
  const element* costs = static_cast<const element*>(arguments.costs) + all.costs;
  assignment_state state(arguments.workspaces == nullptr ? shared : arguments.workspace + arguments.workspaces[blockIdx.x], all.rows, all.columns);
  load_state<threads>(arguments, all, state, outcome.inserted);
  for (long long end = outcome.scans + arguments.budget; outcome.inserted < all.rows && outcome.infeasible == 0 && outcome.scans < end;) {
    assignment_sink sink = find_sink<threads>(all, costs, state, outcome.inserted, scratch);
    outcome.scans += sink.scanned + 1;
    if (sink.column < 0) {
      outcome.infeasible = 1;
    } else {
      augment<threads>(state, outcome.inserted, sink);
      outcome.inserted++;
    }
  }

  store_state<threads>(arguments, all, state);
  if (outcome.inserted == all.rows)
    outcome.violation = largest_violation<threads>(all, costs, state, violations);
  if (threadIdx.x == 0)
    arguments.outcomes[which] = outcome;
}

} // namespace ot

OT_ENTRY(ot_assignment_warp_f32, 32, ot::assignment_arguments, ot::assignment<32, float>(arguments))
OT_ENTRY(ot_assignment_warp_f64, 32, ot::assignment_arguments, ot::assignment<32, double>(arguments))
OT_ENTRY(ot_assignment_block_f32, 256, ot::assignment_arguments, ot::assignment<256, float>(arguments))
OT_ENTRY(ot_assignment_block_f64, 256, ot::assignment_arguments, ot::assignment<256, double>(arguments))
