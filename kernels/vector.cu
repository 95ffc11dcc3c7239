// Vector: what solvers do to vectors between the larger verbs, on ragged batches of runs in flat buffers.
//
// Computes   map: y_k = y_k + alpha_r x_k, exp x_k or ln(x_k + alpha_r) for every k of run r, runs starts_r .. starts_(r+1);
//            partials and combine: sum or largest of x over each run, in double;
//            group_sum: y_gk = sum over members p of group g of w_p x_pk, in double (barycenters), all members of one length.
// Mapping    map, partials: a block takes `tile` elements of one run. combine: a block a run, over its partials. group_sum: a thread an
//            element of a group, members in order.
// Traffic    map: 2 reads (1 for exp, ln) and 1 write an element; partials: 1 read an element; group_sum: 1 read an element of a member.
// Numerics   elements are widened to double; a tile's sum is that of its threads' strided sums by a tree, and tiles are added by the same
//            tree: an order that depends on the length of the run alone. A NaN makes the largest a NaN.
// Launch     256 threads; grid the number of tiles (map, partials), of runs (combine), of group elements / 256 (group_sum); no dynamic
//            shared memory.
#include "common/device.cuh"
#include "common/math.cuh"
#include "common/reduce.cuh"
#include "common/tiles.cuh"

namespace ot {

constexpr int vector_threads = 256;
constexpr long long vector_tile = 4096;

enum vector_operation : int { vector_axpy, vector_exp, vector_log, vector_sum, vector_max };

struct vector_arguments {
  const void* x;           // elements of T
  void* y;                 // map: elements of T; else doubles
  const double* alphas;    // axpy, log (null: zeros): one a run; group_sum: one a member
  const long long* starts; // runs + 1 offsets; group_sum: groups + 1 offsets into the members
  const long long* tiles;  // runs + 1 running totals of tiles
  const long long* places; // group_sum: where each member begins in x
  double* partials;        // one a tile
  long long length;        // group_sum: elements of a member
  int runs;
  int operation;
};

template <typename element> __device__ void vector_map(const vector_arguments& arguments) {
  int run = locate(arguments.tiles, arguments.runs, blockIdx.x);
  long long first = arguments.starts[run] + (blockIdx.x - arguments.tiles[run]) * vector_tile;
  long long end = min(first + vector_tile, arguments.starts[run + 1]);
  const element* x = static_cast<const element*>(arguments.x);
  element* y = static_cast<element*>(arguments.y);
  for (long long k = first + threadIdx.x; k < end; k += vector_threads) {
    double value = static_cast<double>(x[k]);
    if (arguments.operation == vector_axpy)
      value = fma(arguments.alphas[run], value, static_cast<double>(y[k]));
    else if (arguments.operation == vector_exp)
      value = exp(value);
    else
      value = log(arguments.alphas == nullptr ? value : value + arguments.alphas[run]);
    y[k] = static_cast<element>(value);
  }
}

__device__ __forceinline__ double joined(int operation, double own, double* scratch) {
  return operation == vector_sum ? block_sum<vector_threads>(own, scratch) : block_max<vector_threads>(own, scratch);
}

template <typename element> __device__ void vector_partials(const vector_arguments& arguments) {
  OT_SHARED(double, scratch, vector_threads / warp_threads);
  int run = locate(arguments.tiles, arguments.runs, blockIdx.x);
  long long first = arguments.starts[run] + (blockIdx.x - arguments.tiles[run]) * vector_tile;
  long long end = min(first + vector_tile, arguments.starts[run + 1]);
  const element* x = static_cast<const element*>(arguments.x);
  double own = arguments.operation == vector_sum ? 0.0 : -infinity();
  for (long long k = first + threadIdx.x; k < end; k += vector_threads) {
    double value = static_cast<double>(x[k]);
    own = arguments.operation == vector_sum ? own + value : larger_value()(own, value);
  }

  own = joined(arguments.operation, own, scratch);
  if (threadIdx.x == 0)
    arguments.partials[blockIdx.x] = own;
}

__device__ void vector_combine(const vector_arguments& arguments) {
  OT_SHARED(double, scratch, vector_threads / warp_threads);
  long long first = arguments.tiles[blockIdx.x];
  long long end = arguments.tiles[blockIdx.x + 1];
  double own = arguments.operation == vector_sum ? 0.0 : -infinity();
  for (long long k = first + threadIdx.x; k < end; k += vector_threads)
    own = arguments.operation == vector_sum ? own + arguments.partials[k] : larger_value()(own, arguments.partials[k]);
  own = joined(arguments.operation, own, scratch);
  if (threadIdx.x == 0)
    static_cast<double*>(arguments.y)[blockIdx.x] = own;
}

template <typename element> __device__ void vector_group_sum(const vector_arguments& arguments) {
  long long place = static_cast<long long>(blockIdx.x) * vector_threads + threadIdx.x;
  if (place >= arguments.runs * arguments.length)
    return;
  long long group = place / arguments.length;
  long long k = place % arguments.length;
  const element* x = static_cast<const element*>(arguments.x);
  double sum = 0;
  for (long long member = arguments.starts[group]; member < arguments.starts[group + 1]; member++)
    sum = fma(arguments.alphas[member], static_cast<double>(x[arguments.places[member] + k]), sum);
  static_cast<double*>(arguments.y)[place] = sum;
}

} // namespace ot

OT_ENTRY(ot_vector_map_f32, 256, ot::vector_arguments, ot::vector_map<float>(arguments))
OT_ENTRY(ot_vector_map_f64, 256, ot::vector_arguments, ot::vector_map<double>(arguments))
OT_ENTRY(ot_vector_partials_f32, 256, ot::vector_arguments, ot::vector_partials<float>(arguments))
OT_ENTRY(ot_vector_partials_f64, 256, ot::vector_arguments, ot::vector_partials<double>(arguments))
OT_ENTRY(ot_vector_combine_f64, 256, ot::vector_arguments, ot::vector_combine(arguments))
OT_ENTRY(ot_vector_group_sum_f32, 256, ot::vector_arguments, ot::vector_group_sum<float>(arguments))
OT_ENTRY(ot_vector_group_sum_f64, 256, ot::vector_arguments, ot::vector_group_sum<double>(arguments))
