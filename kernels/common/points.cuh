// What the kernels for points share that store nothing of n m numbers: centred and scaled coordinates, exponents of the atoms, and which sums
// a block makes.
//
// An entry's exponent is p_i + q_j - |x_i - y_j|^2 log2 e / eps. Of p and q only whole powers of two meet the cost, so that their sum is
// exact however large they are; what is left of them, at most half, is folded into the weights in double.
#pragma once

#include "common/sweep.cuh"

namespace ot {

constexpr int points_threads = 256;
constexpr int points_tile = 64;   // atoms of the other side staged at once; a thread's sums of T are of so many terms at most
constexpr int points_at_once = 8; // the same where coordinates come in slabs
constexpr int points_depth = 8;   // coordinates of a slab, and the most that a thread keeps of an atom

/// Where the numbers of one problem lie; the memory is laid out by the launcher from its shape.
struct points_layout {
  long long means;         // d centres
  long long coordinates_a; // first element
  long long coordinates_b;
  long long partials; // row sums by parts of the columns
  int parts;          // of the columns; those of the rows are the sweep_layout's
  int part_columns;
  int part_rows;
  int products; // whether inner products are made on tensor cores (sinkhorn_products.cu)
};

/// An atom's exponent: its whole powers of two, and its share times two to the rest. Minus infinity and zero without mass.
template <typename element> struct alignas(2 * sizeof(element)) point_exponent {
  element whole;
  element weight;
};

struct points_arguments {
  sweep_arguments sweep;
  const points_layout* layouts;
  double* means;
  void* coordinates; // elements of T
  void* exponents;   // of T, by the offsets of the potentials
  void* partials;    // elements of T
  double* norms;     // |z|^2 / 2, by the offsets of the potentials, of problems by products
  int side;          // whose sums: 0 for a, 1 for b
  int strict;        // products: to the full precision of float
};

template <typename element> __device__ __forceinline__ point_exponent<element> point_exponent_of(double exponent, double share) {
  if (share == 0)
    return {static_cast<element>(-infinity()), element(0)};
  element whole = static_cast<element>(rint(exponent));
  return {whole, static_cast<element>(share * exp2(exponent - static_cast<double>(whole)))};
}

/// The atom of a thread: blocks of a problem take the rows first, then the columns.
struct points_atom {
  bool side_a;
  int atoms; // of its side
  int i;     // beyond them: none
  long long at;
  double share;
};

__device__ __forceinline__ points_atom atom_of(const problem& all, place where) {
  int tiles_of_rows = (all.rows - 1) / points_threads + 1;
  points_atom atom;
  atom.side_a = where.tile < tiles_of_rows;
  atom.atoms = atom.side_a ? all.rows : all.columns;
  atom.i = static_cast<int>(atom.side_a ? where.tile : where.tile - tiles_of_rows) * points_threads + static_cast<int>(threadIdx.x);
  atom.at = (atom.side_a ? all.potentials_a : all.potentials_b) + atom.i;
  atom.share = atom.i < atom.atoms ? (atom.side_a ? all.a : all.b)[atom.i] : 0.0;
  return atom;
}

/// What a problem by products takes off the exponents of its atoms.
__device__ __forceinline__ double norm_of(const points_arguments& arguments, int row, long long at) {
  return arguments.layouts[row].products != 0 ? arguments.norms[at] : 0.0;
}

template <typename element> __device__ __forceinline__ void take_exponent(const points_arguments& arguments, int row, const points_atom& atom, double scale) {
  double increment = arguments.sweep.increments[arguments.sweep.controls[row].parity * arguments.sweep.half + atom.at];
  double exponent = fma(arguments.sweep.potentials[atom.at], scale, increment) - norm_of(arguments, row, atom.at);
  static_cast<point_exponent<element>*>(arguments.exponents)[atom.at] = point_exponent_of<element>(exponent, atom.share);
}

/// The sums of one block: over one part of one side's atoms, for some atoms of the other, its own.
template <typename element> struct points_pass {
  int own, other, dimension;
  int own_first;  // of this block
  int first, end; // of the other side, this part
  const element* own_coordinates;
  const element* other_coordinates;
  const point_exponent<element>* own_exponents;
  const point_exponent<element>* other_exponents;
  const double* shares;
  element* partials; // this part's, by own atom

  /// Coordinate k of an atom: atoms run fastest.
  __device__ __forceinline__ element own_coordinate(int i, int k) const {
    return k < dimension ? own_coordinates[static_cast<long long>(k) * own + i] : element(0);
  }

  __device__ __forceinline__ element other_coordinate(int j, int k) const {
    return j < end && k < dimension ? other_coordinates[static_cast<long long>(k) * other + j] : element(0);
  }

  __device__ __forceinline__ point_exponent<element> other_exponent(int j) const {
    return j < end ? other_exponents[j] : point_exponent<element>{static_cast<element>(-infinity()), element(0)};
  }

  __device__ __forceinline__ element own_whole(int i) const { return i < own ? own_exponents[i].whole : static_cast<element>(-infinity()); }

  /// What was left of the own atom's exponent is a factor of its sum.
  __device__ __forceinline__ void store(int i, double sum) const {
    if (i < own && shares[i] > 0)
      partials[i] = static_cast<element>(sum * (static_cast<double>(own_exponents[i].weight) / shares[i]));
  }
};

/// The pass of this block; blocks of a problem run through the parts of its first own atoms, then of the next ones.
template <typename element>
__device__ __forceinline__ points_pass<element> pass_of(const points_arguments& arguments, const problem& all, place where, int atoms_of_block) {
  bool side_a = arguments.side == 0;
  const sweep_layout& sweep = arguments.sweep.layouts[where.row];
  const points_layout& layout = arguments.layouts[where.row];
  const auto* coordinates = static_cast<const element*>(arguments.coordinates);
  const auto* exponents = static_cast<const point_exponent<element>*>(arguments.exponents);
  int parts = side_a ? layout.parts : sweep.parts;
  int length = side_a ? layout.part_columns : layout.part_rows;
  int part = static_cast<int>(where.tile % parts);
  points_pass<element> pass;
  pass.own = side_a ? all.rows : all.columns;
  pass.other = side_a ? all.columns : all.rows;
  pass.dimension = all.dimension;
  pass.own_first = static_cast<int>(where.tile / parts) * atoms_of_block;
  pass.first = part * length;
  pass.end = pass.first + min(length, pass.other - pass.first);
  pass.own_coordinates = coordinates + (side_a ? layout.coordinates_a : layout.coordinates_b);
  pass.other_coordinates = coordinates + (side_a ? layout.coordinates_b : layout.coordinates_a);
  pass.own_exponents = exponents + (side_a ? all.potentials_a : all.potentials_b);
  pass.other_exponents = exponents + (side_a ? all.potentials_b : all.potentials_a);
  pass.shares = side_a ? all.a : all.b;
  pass.partials = side_a ? static_cast<element*>(arguments.partials) + layout.partials : static_cast<element*>(arguments.sweep.partials) + sweep.partials;
  pass.partials += static_cast<long long>(part) * pass.own;
  return pass;
}

} // namespace ot
