// The rule that follows a sweep, as the kernels have it, for a test that compares it with the engine's own.
#include "common/rule.cuh"

extern "C" __attribute__((visibility("default"))) void ot_host_advance(ot::sinkhorn_state* state, const ot::sinkhorn_stage* stage, double error_a,
                                                                       double error_b) {
  ot::rule::advance(*state, *stage, error_a, error_b);
}
