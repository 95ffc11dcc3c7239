// The plan of a problem, P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps), one entry at a time in double.
#pragma once

#include "common/cost.cuh"

namespace ot {

template <typename element> struct plan {
  const problem& all;
  const double* potentials;
  double scale;

  /// f log2 e / eps + log2 a; minus infinity without mass.
  __device__ __forceinline__ double exponent_a(int i) const { return exponent_of(potentials[all.potentials_a + i], scale, all.log_a[i]); }
  __device__ __forceinline__ double exponent_b(int j) const { return exponent_of(potentials[all.potentials_b + j], scale, all.log_b[j]); }

  /// An entry whose cost and both exponents are at hand; an atom without mass makes it zero.
  __device__ __forceinline__ double entry(double exponent_a, double exponent_b, double cost) const {
    return exponent_a == -infinity() || exponent_b == -infinity() ? 0.0 : exp2(exponent_a + fma(-scale, cost, exponent_b));
  }
};

} // namespace ot
