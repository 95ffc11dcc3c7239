// Logarithms of sums of powers of two, each sum shifted by its largest exponent; and whom a transform is for.
#pragma once

#include "common/math.cuh"
#include "common/reduce.cuh"

namespace ot {

enum soft_min_atoms : int { atoms_with_mass, atoms_without_mass, atoms_all };
enum soft_min_output : int { output_potentials, output_logarithms };

/// A sum of powers of two: largest exponent, and the sum with that taken out.
struct shifted_sum {
  double largest;
  double sum;
};

__device__ __forceinline__ shifted_sum no_terms() { return {-infinity(), 0.0}; }

__device__ __forceinline__ void add_term(shifted_sum& all, double exponent) {
  if (exponent == -infinity())
    return;
  if (exponent > all.largest || exponent != exponent) {
    all.sum = fma(all.sum, exp2(all.largest - exponent), 1.0);
    all.largest = exponent;
  } else {
    all.sum += exp2(exponent - all.largest);
  }
}

__device__ __forceinline__ shifted_sum joined(shifted_sum a, shifted_sum b) {
  if (b.largest == -infinity())
    return a;
  if (a.largest == -infinity())
    return b;
  double largest = larger_value()(a.largest, b.largest);
  return {largest, fma(a.sum, exp2(a.largest - largest), b.sum * exp2(b.largest - largest))};
}

__device__ __forceinline__ double logarithm(shifted_sum all) { return all.largest == -infinity() ? all.largest : all.largest + log2(all.sum); }

__device__ __forceinline__ bool wanted(int atoms, double weight) { return atoms == atoms_all || (atoms == atoms_with_mass) == (weight > 0); }

} // namespace ot
