// SinkhornSweep without stored exponents: for matrices that memory does not hold, of points above all.
//
// Computes   what the sweeps of sinkhorn_sweep.cu compute, each exponent formed where it is used. Squared distances of points, z being the
//            points about their centre times sqrt(log2 e / eps), p and q the exponents of the atoms (common/points.cuh):
//            centre:  the mean of the atoms with mass of both clouds, once a call;
//            take:    z where eps or the potentials have changed, p and q;
//            sums:    by parts of the columns r_i = sum_j b_j 2^(p_i + q_j - |z_i - z_j|^2); update: u'_i over the parts, p'_i;
//            sums:    by parts of the rows c_j = sum_i a_i 2^(p'_i + q_j - |z_i - z_j|^2).
//            Any other cost: rows r_i and u'_i, columns c_j, exponents formed in double from the cost of the pair.
//            What follows, v'_j first, is done by sinkhorn_sweep.cu. Where sinkhorn_products.cu takes and sums, centre and update are these.
// Mapping    centre: a block a coordinate. take, update: a thread an atom. sums: a thread the whole sums of 4 atoms of its own in float, 2 in
//            double or above 8 dimensions; the others pass through shared memory, 64 or 8 at a time. rows: a warp a row, lanes along the
//            columns. columns: 32 columns and 8 groups of rows a block.
// Traffic    sums: d + 2 elements an atom of the other side for every 1024 of its own, from the second cache; an entry is 2 d + 2 additions
//            and multiply-adds and one exp a side, so two exps a sweep. Above 8 dimensions also an element of its own for 8 differences.
//            rows, columns: d coordinates of either side an entry, from caches, in double; two exps an entry and sweep.
// Numerics   sums: centring and scaling in double, rounded to T; direct differences, never |x|^2 - 2 x.y + |y|^2; the error of an exponent is
//            some units of T in its largest part, that of p, q or the cost. Terms in T; sums of up to 64 terms of T, of more in double; in a
//            fixed order. rows, columns: exponents in double, rounded to T.
// Launch     256 threads; centre: grid by coordinates; take: tiles of 256 rows, then of 256 columns; update: tiles of 256 rows; sums: tiles of
//            own atoms times parts; rows, columns: 8 rows or 32 columns a block. Static shared memory.
#include "common/points.cuh"

namespace ot {

constexpr int points_rows = points_threads / warp_threads;
constexpr int points_groups = points_threads / warp_threads;

template <typename element> __device__ void points_sums_of_rows(const sweep_arguments& arguments) {
  place where = find_place(arguments.problems);
  if (!sweeps_now(arguments, where.row) || arguments.layouts[where.row].kernel >= 0)
    return;
  const problem& all = arguments.problems.problems[where.row];
  const sinkhorn_state& state = arguments.states[where.row];
  int parity = arguments.controls[where.row].parity;
  const double* u = arguments.increments + parity * arguments.half + all.potentials_a;
  const double* v = arguments.increments + parity * arguments.half + all.potentials_b;
  double scale = scale_of(arguments.stages[state.stage].epsilon);
  int i = static_cast<int>(where.tile) * points_rows + static_cast<int>(threadIdx.x / warp_threads);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  OT_SHARED(double, errors, points_rows);
  OT_SHARED(int, flags, points_rows);
  row_update<element> update;
  if (i < all.rows && all.a[i] > 0) {
    double sum = 0;
    element shift = static_cast<element>(u[i]);
    for (int j = lane; j < all.columns; j += warp_threads)
      sum += static_cast<double>(static_cast<element>(all.b[j]) *
                                 exp2_fast(formed_exponent<element>(arguments.potentials, all, i, j, scale) + shift + static_cast<element>(v[j])));
    double increment;
    update.apply(all.a[i], u[i], warp_sum(sum), state.omega, &increment);
    if (lane == 0)
      arguments.increments[(1 - parity) * arguments.half + all.potentials_a + i] = increment;
  }

  if (lane == 0) {
    errors[threadIdx.x / warp_threads] = update.error;
    flags[threadIdx.x / warp_threads] = update.flags;
  }

  __syncthreads();
  if (threadIdx.x == 0) {
    double error = 0;
    int any = 0;
    for (int k = 0; k < points_rows; k++) {
      error += errors[k];
      any |= flags[k];
    }

    long long first = all.potentials_a + where.tile * points_rows;
    arguments.errors_a[first] = error;
    arguments.flags_a[first] = any;
  }
}

template <typename element> __device__ void points_sums_of_columns(const sweep_arguments& arguments) {
  OT_SHARED(double, sums, points_threads);
  place where = find_place(arguments.problems);
  const sweep_layout& layout = arguments.layouts[where.row];
  if (!sweeps_now(arguments, where.row) || layout.kernel >= 0)
    return;
  const problem& all = arguments.problems.problems[where.row];
  int parity = arguments.controls[where.row].parity;
  const double* u = arguments.increments + (1 - parity) * arguments.half + all.potentials_a;
  const double* v = arguments.increments + parity * arguments.half + all.potentials_b;
  double scale = scale_of(arguments.stages[arguments.states[where.row].stage].epsilon);
  int lane = static_cast<int>(threadIdx.x % warp_threads);
  int group = static_cast<int>(threadIdx.x / warp_threads);
  int j = static_cast<int>(where.tile) * warp_threads + lane;
  double sum = 0;
  if (j < all.columns && all.b[j] > 0) {
    element shift = static_cast<element>(v[j]);
    for (int i = group; i < all.rows; i += points_groups) {
      if (all.a[i] > 0)
        sum += static_cast<double>(static_cast<element>(all.a[i]) *
                                   exp2_fast(formed_exponent<element>(arguments.potentials, all, i, j, scale) + static_cast<element>(u[i]) + shift));
    }
  }

  sums[threadIdx.x] = sum;
  __syncthreads();
  if (group == 0 && j < all.columns) {
    for (int other = 1; other < points_groups; other++)
      sum += sums[other * warp_threads + lane];
    // The one part of its column sums.
    static_cast<element*>(arguments.partials)[layout.partials + j] = static_cast<element>(sum);
  }
}

/// Coordinates of one problem about its centre, one a block.
template <typename element> __device__ void points_centre(const points_arguments& arguments) {
  OT_SHARED(double, scratch, points_rows);
  place where = find_place(arguments.sweep.problems);
  const problem& all = arguments.sweep.problems.problems[where.row];
  int k = static_cast<int>(where.tile);
  double count = 0;
  for (int i = static_cast<int>(threadIdx.x); i < all.rows; i += points_threads)
    count += all.a[i] > 0 ? 1.0 : 0.0;
  for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += points_threads)
    count += all.b[j] > 0 ? 1.0 : 0.0;
  // Divided first, so that the sum of large coordinates stays in range.
  double share = 1 / block_sum<points_threads>(count, scratch);
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < all.rows; i += points_threads) {
    if (all.a[i] > 0)
      sum += coordinate<element>(all.x, all.wide, static_cast<long long>(i) * all.dimension + k) * share;
  }

  for (int j = static_cast<int>(threadIdx.x); j < all.columns; j += points_threads) {
    if (all.b[j] > 0)
      sum += coordinate<element>(all.y, all.wide, static_cast<long long>(j) * all.dimension + k) * share;
  }

  sum = block_sum<points_threads>(sum, scratch);
  if (threadIdx.x == 0)
    arguments.means[arguments.layouts[where.row].means + k] = sum;
}

template <typename element> __device__ void points_take(const points_arguments& arguments) {
  place where = find_place(arguments.sweep.problems);
  if (!sweeps_now(arguments.sweep, where.row))
    return;
  const problem& all = arguments.sweep.problems.problems[where.row];
  points_atom atom = atom_of(all, where);
  if (atom.i >= atom.atoms)
    return;
  double scale = scale_of(arguments.sweep.stages[arguments.sweep.states[where.row].stage].epsilon);
  if (arguments.sweep.controls[where.row].fresh != 0) {
    const points_layout& layout = arguments.layouts[where.row];
    const double* means = arguments.means + layout.means;
    element* coordinates = static_cast<element*>(arguments.coordinates) + (atom.side_a ? layout.coordinates_a : layout.coordinates_b);
    double root = sqrt(scale);
    for (int k = 0; k < all.dimension; k++) {
      double x = coordinate<element>(atom.side_a ? all.x : all.y, all.wide, static_cast<long long>(atom.i) * all.dimension + k);
      coordinates[static_cast<long long>(k) * atom.atoms + atom.i] = static_cast<element>((x - means[k]) * root);
    }
  }

  take_exponent<element>(arguments, where.row, atom, scale);
}

/// What a thread reads of an atom of the other side.
template <typename element, int dimension> struct alignas(16) point_record {
  element coordinates[dimension];
  point_exponent<element> exponent;
};

template <typename element> constexpr int points_own = sizeof(element) == 4 ? 4 : 2;
constexpr int points_own_in_slabs = 2;

/// Sums in up to `dimension` dimensions; the own atoms' coordinates stay in registers. What is past the last own atom is computed and dropped.
template <typename element, int dimension> __device__ void points_sums_narrow(const points_pass<element>& pass, void* shared) {
  constexpr int own = points_own<element>;
  auto* records = static_cast<point_record<element, dimension>*>(shared);
  element coordinates[own][dimension];
  element whole[own];
  double sums[own];
#pragma unroll
  for (int r = 0; r < own; r++) {
    int i = min(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), pass.own - 1);
    whole[r] = pass.own_whole(i);
    sums[r] = 0;
#pragma unroll
    for (int k = 0; k < dimension; k++)
      coordinates[r][k] = pass.own_coordinate(i, k);
  }

  for (int start = pass.first; start < pass.end; start += points_tile) {
    __syncthreads();
    int j = static_cast<int>(threadIdx.x) % points_tile;
    for (int k = static_cast<int>(threadIdx.x) / points_tile; k < dimension; k += points_threads / points_tile)
      records[j].coordinates[k] = pass.other_coordinate(start + j, k);
    if (threadIdx.x < points_tile)
      records[j].exponent = pass.other_exponent(start + j);
    __syncthreads();
    element terms[own] = {};
#pragma unroll(sizeof(element) == 4 ? 4 : 1)
    for (int c = 0; c < points_tile; c++) {
      // Not copied: what is between the records' ends is nobody's.
      const point_record<element, dimension>& other = records[c];
#pragma unroll
      for (int r = 0; r < own; r++) {
        element exponent = whole[r] + other.exponent.whole;
#pragma unroll
        for (int k = 0; k < dimension; k++) {
          element difference = coordinates[r][k] - other.coordinates[k];
          exponent = fma(-difference, difference, exponent);
        }

        terms[r] = fma(other.exponent.weight, exp2_fast(exponent), terms[r]);
      }
    }

#pragma unroll
    for (int r = 0; r < own; r++)
      sums[r] += static_cast<double>(terms[r]);
  }

#pragma unroll
  for (int r = 0; r < own; r++)
    pass.store(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), sums[r]);
}

/// Sums in any number of dimensions, a slab of them at a time.
template <typename element> __device__ void points_sums_wide(const points_pass<element>& pass, void* shared) {
  constexpr int own = points_own_in_slabs;
  auto* slab = static_cast<point_record<element, points_depth>*>(shared);
  int rows[own];
  element whole[own];
  double sums[own];
#pragma unroll
  for (int r = 0; r < own; r++) {
    rows[r] = min(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), pass.own - 1);
    whole[r] = pass.own_whole(rows[r]);
    sums[r] = 0;
  }

  int j = static_cast<int>(threadIdx.x) % points_at_once;
  int k = static_cast<int>(threadIdx.x) / points_at_once;
  for (int start = pass.first; start < pass.end; start += points_at_once) {
    element exponents[own][points_at_once];
    for (int from = 0; from < pass.dimension; from += points_depth) {
      __syncthreads();
      if (k < points_depth)
        slab[j].coordinates[k] = pass.other_coordinate(start + j, from + k);
      else if (k == points_depth && from == 0)
        slab[j].exponent = pass.other_exponent(start + j);
      __syncthreads();
#pragma unroll
      for (int r = 0; r < own; r++) {
        element coordinates[points_depth];
#pragma unroll
        for (int q = 0; q < points_depth; q++)
          coordinates[q] = pass.own_coordinate(rows[r], from + q);
#pragma unroll
        for (int c = 0; c < points_at_once; c++) {
          element exponent = from == 0 ? whole[r] + slab[c].exponent.whole : exponents[r][c];
#pragma unroll
          for (int q = 0; q < points_depth; q++) {
            element difference = coordinates[q] - slab[c].coordinates[q];
            exponent = fma(-difference, difference, exponent);
          }

          exponents[r][c] = exponent;
        }
      }
    }

#pragma unroll
    for (int r = 0; r < own; r++) {
      element terms = 0;
#pragma unroll
      for (int c = 0; c < points_at_once; c++)
        terms = fma(slab[c].exponent.weight, exp2_fast(exponents[r][c]), terms);
      sums[r] += static_cast<double>(terms);
    }
  }

#pragma unroll
  for (int r = 0; r < own; r++)
    pass.store(pass.own_first + r * points_threads + static_cast<int>(threadIdx.x), sums[r]);
}

template <typename element> __device__ void points_sums(const points_arguments& arguments) {
  using record = point_record<element, points_depth>;
  OT_SHARED(record, shared, points_tile);
  place where = find_place(arguments.sweep.problems);
  if (!sweeps_now(arguments.sweep, where.row))
    return;
  const problem& all = arguments.sweep.problems.problems[where.row];
  int own = all.dimension <= points_depth ? points_own<element> : points_own_in_slabs;
  points_pass<element> pass = pass_of<element>(arguments, all, where, own * points_threads);
  if (all.dimension <= 2)
    points_sums_narrow<element, 2>(pass, shared);
  else if (all.dimension == 3)
    points_sums_narrow<element, 3>(pass, shared);
  else if (all.dimension == 4)
    points_sums_narrow<element, 4>(pass, shared);
  else if (all.dimension <= points_depth)
    points_sums_narrow<element, points_depth>(pass, shared);
  else
    points_sums_wide<element>(pass, shared);
}

template <typename element> __device__ void points_update(const points_arguments& arguments) {
  OT_SHARED(double, scratch, points_rows);
  place where = find_place(arguments.sweep.problems);
  if (!sweeps_now(arguments.sweep, where.row))
    return;
  const problem& all = arguments.sweep.problems.problems[where.row];
  const points_layout& layout = arguments.layouts[where.row];
  const sinkhorn_state& state = arguments.sweep.states[where.row];
  int parity = arguments.sweep.controls[where.row].parity;
  int first = static_cast<int>(where.tile) * points_threads;
  int i = first + static_cast<int>(threadIdx.x);
  row_update<element> update;
  if (i < all.rows && all.a[i] > 0) {
    const element* partials = static_cast<const element*>(arguments.partials) + layout.partials;
    double sum = 0;
    for (int part = 0; part < layout.parts; part++)
      sum += static_cast<double>(partials[static_cast<long long>(part) * all.rows + i]);
    long long at = all.potentials_a + i;
    double increment;
    update.apply(all.a[i], arguments.sweep.increments[parity * arguments.sweep.half + at], sum, state.omega, &increment);
    arguments.sweep.increments[(1 - parity) * arguments.sweep.half + at] = increment;
    double scale = scale_of(arguments.sweep.stages[state.stage].epsilon);
    double exponent = fma(arguments.sweep.potentials[at], scale, increment) - norm_of(arguments, where.row, at);
    static_cast<point_exponent<element>*>(arguments.exponents)[at] = point_exponent_of<element>(exponent, all.a[i]);
  }

  double error = block_sum<points_threads>(update.error, scratch);
  int drifted = __syncthreads_or(update.flags & flag_drifted);
  int unsafe = __syncthreads_or(update.flags & flag_unsafe);
  if (threadIdx.x == 0) {
    arguments.sweep.errors_a[all.potentials_a + first] = error;
    arguments.sweep.flags_a[all.potentials_a + first] = (drifted ? flag_drifted : 0) | (unsafe ? flag_unsafe : 0);
  }
}

} // namespace ot

OT_ENTRY(ot_sinkhorn_points_rows_f32, 256, ot::sweep_arguments, ot::points_sums_of_rows<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_rows_f64, 256, ot::sweep_arguments, ot::points_sums_of_rows<double>(arguments))
OT_ENTRY(ot_sinkhorn_points_columns_f32, 256, ot::sweep_arguments, ot::points_sums_of_columns<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_columns_f64, 256, ot::sweep_arguments, ot::points_sums_of_columns<double>(arguments))
OT_ENTRY(ot_sinkhorn_points_centre_f32, 256, ot::points_arguments, ot::points_centre<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_centre_f64, 256, ot::points_arguments, ot::points_centre<double>(arguments))
OT_ENTRY(ot_sinkhorn_points_take_f32, 256, ot::points_arguments, ot::points_take<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_take_f64, 256, ot::points_arguments, ot::points_take<double>(arguments))
OT_ENTRY(ot_sinkhorn_points_update_f32, 256, ot::points_arguments, ot::points_update<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_update_f64, 256, ot::points_arguments, ot::points_update<double>(arguments))
OT_ENTRY(ot_sinkhorn_points_sums_f32, 256, ot::points_arguments, ot::points_sums<float>(arguments))
OT_ENTRY(ot_sinkhorn_points_sums_f64, 256, ot::points_arguments, ot::points_sums<double>(arguments))
