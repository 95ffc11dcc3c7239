// Multiply: products of matrices, each of a ragged batch of its own shape.
//
// Computes   C = alpha op(A) op(B) + beta C, op the identity or the transpose; matrices row-major without gaps, each at its place in a buffer.
//            C is not read where beta is zero.
// Mapping    a block a tile of C, 128 x 128 in float, 64 x 64 in double, and 8 steps along the inner length at a time: slabs of op(A) and op(B)
//            in shared memory, the next ones fetched into registers meanwhile. A thread two by two squares of 4 (2) rows and columns.
// Traffic    each element of A is read once for every 128 (64) columns of C, each of B for every 128 (64) rows; C once.
// Numerics   elements of T throughout: sum = fma(a_ik, b_kj, sum) for k = 0, 1, ..., then fma(alpha, sum, beta c). The order depends on nothing,
//            so that neighbours, tiles and backends change no bit. No tensor cores.
// Launch     256 threads; grid by tiles: ceil(rows / tile) ceil(columns / tile) a product; static shared memory only. C overlaps no operand.
#include "common/device.cuh"
#include "common/tiles.cuh"

namespace ot {

constexpr int multiply_threads = 256;
constexpr int multiply_side = 16; // threads along either side of a tile
constexpr int multiply_packs = 2; // packs of a thread along either side
constexpr int multiply_depth = 8;

/// One of a batch; OtEngine's MatrixProduct is the same structure.
struct matrix_product {
  int rows, columns, inner;
  int transposed_a, transposed_b;
  int reserved;
  long long a, b, c; // offsets in elements
  double alpha, beta;
};

struct multiply_arguments {
  const matrix_product* products;
  const long long* tiles; // count + 1 running totals of tiles by product
  const void* a;          // elements of T
  const void* b;
  void* c;
  long long count;
};

/// What one load takes from shared memory.
template <typename element> struct alignas(16) pack {
  static constexpr int lanes = 16 / static_cast<int>(sizeof(element));
  element values[lanes];
};

template <typename element> struct multiply_shape {
  static constexpr int lanes = pack<element>::lanes;
  static constexpr int tile = multiply_side * multiply_packs * lanes;
  static constexpr int stride = tile / lanes + 1; // packs of a step; one to spare, so that neighbouring steps lie in other banks
  static constexpr int slab = multiply_depth * stride;
  static constexpr int staged = tile * multiply_depth / multiply_threads;
  static constexpr int own = multiply_packs * lanes;
};

/// op(A), or the transpose of op(B): an outer index and an inner one.
template <typename element> struct operand {
  using shape = multiply_shape<element>;
  const element* start;
  int outer;
  int inner;
  bool inner_is_fastest;

  /// The place in a slab of what a thread fetches; neighbouring threads read neighbouring elements.
  __device__ __forceinline__ int outer_of(int place) const { return inner_is_fastest ? place / multiply_depth : place % shape::tile; }
  __device__ __forceinline__ int step_of(int place) const { return inner_is_fastest ? place % multiply_depth : place / shape::tile; }

  __device__ __forceinline__ void fetch(int first_outer, int first_inner, element (&values)[shape::staged]) const {
#pragma unroll
    for (int s = 0; s < shape::staged; s++) {
      int place = static_cast<int>(threadIdx.x) + s * multiply_threads;
      int i = first_outer + outer_of(place);
      int k = first_inner + step_of(place);
      long long at = inner_is_fastest ? static_cast<long long>(i) * inner + k : static_cast<long long>(k) * outer + i;
      values[s] = i < outer && k < inner ? start[at] : element(0);
    }
  }

  __device__ __forceinline__ void store(const element (&values)[shape::staged], pack<element>* slab) const {
    element* elements = slab->values;
#pragma unroll
    for (int s = 0; s < shape::staged; s++) {
      int place = static_cast<int>(threadIdx.x) + s * multiply_threads;
      elements[step_of(place) * shape::stride * shape::lanes + outer_of(place)] = values[s];
    }
  }
};

template <typename element> __device__ __forceinline__ void add_slab(const pack<element>* a, const pack<element>* b, int row, int column,
                                                                     element (&sums)[multiply_shape<element>::own][multiply_shape<element>::own]) {
  using shape = multiply_shape<element>;
#pragma unroll
  for (int k = 0; k < multiply_depth; k++) {
    pack<element> of_a[multiply_packs];
    pack<element> of_b[multiply_packs];
#pragma unroll
    for (int q = 0; q < multiply_packs; q++) {
      of_a[q] = a[k * shape::stride + q * multiply_side + row];
      of_b[q] = b[k * shape::stride + q * multiply_side + column];
    }

#pragma unroll
    for (int i = 0; i < shape::own; i++) {
#pragma unroll
      for (int j = 0; j < shape::own; j++)
        sums[i][j] = fma(of_a[i / shape::lanes].values[i % shape::lanes], of_b[j / shape::lanes].values[j % shape::lanes], sums[i][j]);
    }
  }
}

template <typename element> __device__ void multiply(const multiply_arguments& arguments) {
  using shape = multiply_shape<element>;
  OT_SHARED(pack<element>, slabs_a, 2 * shape::slab);
  OT_SHARED(pack<element>, slabs_b, 2 * shape::slab);
  int number = locate(arguments.tiles, static_cast<int>(arguments.count), blockIdx.x);
  const matrix_product& product = arguments.products[number];
  long long tile = blockIdx.x - arguments.tiles[number];
  int across = (product.columns - 1) / shape::tile + 1;
  int first_row = static_cast<int>(tile / across) * shape::tile;
  int first_column = static_cast<int>(tile % across) * shape::tile;
  operand<element> a{static_cast<const element*>(arguments.a) + product.a, product.rows, product.inner, product.transposed_a == 0};
  operand<element> b{static_cast<const element*>(arguments.b) + product.b, product.columns, product.inner, product.transposed_b != 0};
  int row = static_cast<int>(threadIdx.x) / multiply_side;
  int column = static_cast<int>(threadIdx.x) % multiply_side;
  element sums[shape::own][shape::own] = {};
  element staged_a[shape::staged];
  element staged_b[shape::staged];
  a.fetch(first_row, 0, staged_a);
  b.fetch(first_column, 0, staged_b);
  for (int k = 0; k < product.inner; k += multiply_depth) {
    // A slab is written over when everybody is past the barrier after it.
    int now = (k / multiply_depth % 2) * shape::slab;
    a.store(staged_a, slabs_a + now);
    b.store(staged_b, slabs_b + now);
    __syncthreads();
    if (k + multiply_depth < product.inner) {
      a.fetch(first_row, k + multiply_depth, staged_a);
      b.fetch(first_column, k + multiply_depth, staged_b);
    }

    add_slab(slabs_a + now, slabs_b + now, row, column, sums);
  }

  element alpha = static_cast<element>(product.alpha);
  element beta = static_cast<element>(product.beta);
  element* c = static_cast<element*>(arguments.c) + product.c;
#pragma unroll
  for (int i = 0; i < shape::own; i++) {
    int at_row = first_row + (i / shape::lanes * multiply_side + row) * shape::lanes + i % shape::lanes;
#pragma unroll
    for (int j = 0; j < shape::own; j++) {
      int at_column = first_column + (j / shape::lanes * multiply_side + column) * shape::lanes + j % shape::lanes;
      if (at_row >= product.rows || at_column >= product.columns)
        continue;
      element* place = c + static_cast<long long>(at_row) * product.columns + at_column;
      *place = beta == 0 ? alpha * sums[i][j] : fma(alpha, sums[i][j], beta * *place);
    }
  }
}

} // namespace ot

OT_ENTRY(ot_multiply_f32, 256, ot::multiply_arguments, ot::multiply<float>(arguments))
OT_ENTRY(ot_multiply_f64, 256, ot::multiply_arguments, ot::multiply<double>(arguments))
