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
#include "common/points_sums.cuh"

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
