// SinkhornSweep of one problem whose exponents fit on chip: many sweeps a launch, all blocks resident, a barrier over the grid between steps.
//
// Computes   what sinkhorn_sweep.cu's form, rows, columns and advance compute, by the same steps (common/sweep_steps.cuh): the same bits.
// Mapping    a block keeps the exponents of every gridDim-th part of the rows in its shared memory; columns: every gridDim-th tile; advance:
//            block 0. Three barriers a sweep.
// Traffic    costs once for each time that S is formed; each sweep the parts' column sums, written and read once, and vectors of n + m, all
//            from the second cache; S itself never leaves the chip; one exp and two multiply-adds an entry and sweep.
// Numerics   those of sinkhorn_sweep.cu. A launch forms S anew, from potentials that have not changed since S was last formed.
// Launch     cooperative, 256 threads; one problem; dynamic shared memory: the parts of a block, each of part_rows rows; ends after
//            most_sweeps sweeps, or where the problem ends or a guard asks for shifted sums.
#include "common/grid_barrier.cuh"
#include "common/sweep_steps.cuh"

namespace ot {

struct resident_arguments {
  sweep_arguments sweeps;
  unsigned* barrier; // zero before the first launch
  long long most_sweeps;
  int row;
  int unused;
};

template <typename element> __device__ void sinkhorn_resident(const resident_arguments& arguments) {
  OT_DYNAMIC_SHARED(element, kept);
  OT_SHARED(double, scratch, part_scratch);
  const sweep_arguments& all = arguments.sweeps;
  int row = arguments.row;
  const problem& own = all.problems.problems[row];
  const sweep_layout& layout = all.layouts[row];
  long long part_elements = static_cast<long long>(layout.part_rows) * own.columns;
  for (long long sweep = 0; sweep < arguments.most_sweeps; sweep++) {
    // The same for all blocks: nobody writes controls or states between a barrier and the end of the next sweep's columns.
    if (!sweeps_now(all, row))
      return;
    bool forms = sweep == 0 || all.controls[row].fresh != 0;
    element* exponents = kept;
    for (long long part = blockIdx.x; part < layout.parts; part += gridDim.x) {
      part_rows rows(own, layout, part);
      if (forms)
        form_part(all, row, rows, exponents);
      // A thread reads the columns that it formed itself.
      sweep_part<element>(all, row, part, rows, exponents, scratch);
      exponents += part_elements;
    }

    grid_barrier(arguments.barrier);
    for (long long tile = blockIdx.x; tile < layout.column_tiles; tile += gridDim.x)
      sweep_column_tile<element>(all, row, tile, scratch);
    grid_barrier(arguments.barrier);
    if (blockIdx.x == 0)
      advance_problem(all, row, scratch);
    grid_barrier(arguments.barrier);
  }
}

} // namespace ot

OT_ENTRY(ot_sinkhorn_resident_f32, 256, ot::resident_arguments, ot::sinkhorn_resident<float>(arguments))
OT_ENTRY(ot_sinkhorn_resident_f64, 256, ot::resident_arguments, ot::sinkhorn_resident<double>(arguments))
