// What follows a sweep: the state machine of OtEngine's SinkhornRule, to the letter; see there for its reasons. A test feeds both the same
// errors and compares every field.
#pragma once

#include "common/device.cuh"
#include "common/math.cuh"

namespace ot {

enum sinkhorn_phase : int { phase_running, phase_met, phase_exhausted, phase_slow, phase_stalled, phase_failed };

struct sinkhorn_stage {
  double epsilon;
  long long sweep_limit;
  double tolerance;
};

struct sinkhorn_state {
  int phase, stage, first_stage, last_stage;
  int relax, hand_over, retries, cold;
  int alone, plain_sweeps, window_sweeps, idle_windows;
  long long sweeps, stage_sweeps, sweep_limit;
  double omega, parked_omega, trial_share, omega_limit, rate, window_error, floor, best_error, error_a, error_b;
};

static_assert(sizeof(sinkhorn_stage) == 24 && sizeof(sinkhorn_state) == 152, "the layouts of SinkhornStage and SinkhornState");

namespace rule {

constexpr int window = 20;
constexpr double fast_rate = 0.4;
constexpr double growth = 8;
constexpr double slow_rate = 0.97;
constexpr int settling = 4;
constexpr int trial_sweeps = 3;
constexpr double least_trial_share = 1.0 / 1024;
constexpr double most_sweeps_to_go = 300;
constexpr long long least_sweeps = 200;
constexpr double newton_error = 0.02;
constexpr double first_limit = 1.5;
constexpr int most_idle_windows = 4;
constexpr double idle_gain = 0.98;

/// .NET's, whose sign is set, so that states are compared bit by bit.
__device__ inline double no_number() { return __longlong_as_double(static_cast<long long>(0xFFF8000000000000ULL)); }

__device__ inline void open_window(sinkhorn_state& state, int after) {
  state.window_sweeps = -after;
  state.window_error = after == 0 ? state.error_a : no_number();
}

__device__ inline double lowered(double omega) { return fmax(1.0, 2 - 2 * (2 - omega)); }

__device__ inline void next_stage(sinkhorn_state& state) {
  state.stage++;
  state.stage_sweeps = 0;
  state.plain_sweeps = 0;
  open_window(state, settling);
  state.omega = 1;
  state.parked_omega = 1;
  state.trial_share = 1;
  state.rate = no_number();
  state.best_error = infinity();
}

__device__ inline double next_omega(double omega, double rate, double limit) {
  if (omega > 1 && rate >= 1)
    return lowered(omega);
  double theta = rate;
  if (omega > 1) {
    if (rate <= omega - 1)
      return omega;
    double root = (rate + omega - 1) / omega;
    theta = root * root / rate;
  }

  if (!(theta > fast_rate))
    return omega;
  double next = 2 / (1 + sqrt(fmax(1 - theta, 0.0)));
  return omega > 1 ? fmin(limit, fmin(next, 1 + omega / 2)) : fmin(limit, next);
}

__device__ inline void judge(sinkhorn_state& state, const sinkhorn_stage& stage, double rate) {
  state.idle_windows = state.error_a > idle_gain * state.best_error ? state.idle_windows + 1 : 0;
  state.best_error = fmin(state.best_error, state.error_a);
  if (state.idle_windows >= most_idle_windows && state.error_a < state.floor) {
    state.phase = phase_stalled;
    return;
  }

  double sweeps_to_go = rate < 1 ? log(stage.tolerance / state.error_a) / log(rate) : infinity();
  if (state.hand_over != 0 && state.stage_sweeps > least_sweeps && rate > slow_rate && state.error_a < newton_error && sweeps_to_go > most_sweeps_to_go)
    state.phase = phase_slow;
}

__device__ inline void relax(sinkhorn_state& state, const sinkhorn_stage& stage, bool last) {
  double error = state.error_a;
  state.window_sweeps++;
  if (state.window_sweeps <= 0 || isnan(state.window_error) || !isfinite(error)) {
    state.window_error = error;
    return;
  }

  if (state.omega > 1 && error > growth * state.window_error) {
    state.omega = lowered(state.omega);
    state.omega_limit = fmax(state.omega, first_limit);
    open_window(state, settling);
    return;
  }

  if (state.window_sweeps < window)
    return;
  double rate = pow(error / state.window_error, 1.0 / state.window_sweeps);
  state.rate = rate;
  if (last && stage.tolerance > 0)
    judge(state, stage, rate);
  double omega = state.relax != 0 ? next_omega(state.omega, rate, state.omega_limit) : 1.0;
  open_window(state, omega == state.omega ? 0 : settling);
  state.omega = omega;
}

/// Takes note of a sweep: errors of side a before it, and of side b between its two updates.
__device__ inline void advance(sinkhorn_state& state, const sinkhorn_stage& stage, double error_a, double error_b) {
  state.sweeps++;
  state.stage_sweeps++;
  state.plain_sweeps = state.omega == 1 ? state.plain_sweeps + 1 : 0;
  state.error_a = error_a;
  state.error_b = error_b;
  bool last = state.stage == state.last_stage;
  if (isnan(error_a) || isnan(error_b)) {
    state.phase = phase_failed;
    return;
  }

  double goal = last ? stage.tolerance / (1 << state.retries) : stage.tolerance;
  goal *= last && state.omega > 1 ? state.trial_share : 1.0;
  if (error_a <= goal && error_b <= goal && goal > 0) {
    if (!last) {
      next_stage(state);
    } else if (state.plain_sweeps >= 2 || (state.plain_sweeps == 1 && state.sweeps == 1)) {
      state.phase = phase_met;
    } else if (state.omega > 1) {
      state.parked_omega = state.omega;
      state.omega = 1;
    }
  } else if (last && state.parked_omega > 1 && state.plain_sweeps >= trial_sweeps) {
    state.omega = state.parked_omega;
    state.parked_omega = 1;
    state.trial_share = fmax(state.trial_share / 2, least_trial_share);
    open_window(state, settling);
  } else if (last && state.parked_omega > 1) {
    open_window(state, settling);
  } else if (state.stage_sweeps >= stage.sweep_limit && !last) {
    next_stage(state);
  } else {
    relax(state, stage, last);
  }

  if (state.stage < state.last_stage && state.sweeps == state.sweep_limit - 1) {
    next_stage(state);
    state.stage = state.last_stage;
  }

  if ((state.phase == phase_running || state.phase == phase_slow) && state.sweeps >= state.sweep_limit)
    state.phase = phase_exhausted;
}

} // namespace rule

} // namespace ot
