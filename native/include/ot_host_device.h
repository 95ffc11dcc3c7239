// What tests ask of the host device beside the driver's own calls: faults on demand, and what is alive.
#pragma once

enum ot_host_kind {
  ot_host_memory_blocks,
  ot_host_memory_bytes,
  ot_host_pinned_blocks,
  ot_host_streams,
  ot_host_events,
  ot_host_modules,
  ot_host_graphs,
  ot_host_executable_graphs,
  ot_host_contexts,
  ot_host_blas_handles,
};

extern "C" {

/// The k-th call from now (1 is the next) of that name, or of any name if it is null, returns the code and does nothing; k = 0 takes it back.
void ot_host_fail_call(const char* name, long long k, int code);

/// Calls so far of that name, or of any name if it is null; those that only name a code count for themselves alone.
unsigned long long ot_host_calls(const char* name);

/// Launches of an entry that came to their end without a fault, so far.
unsigned long long ot_host_launched(const char* name);

/// How many objects of a kind are alive.
unsigned long long ot_host_live(int kind);

/// Order of threads within kernels and of streams; 0 runs both in order and work at once, any other number runs streams late.
void ot_host_seed(unsigned long long seed);

/// Host threads that blocks are spread over.
void ot_host_threads(int count);

/// Changes one property of the modelled device by its name ("devices", "driver_version", "cublas_version", "capability", "multiprocessors",
/// "memory", "shared_opt_in", "cooperative", "registers"); 0 if there is no such property.
int ot_host_limit(const char* name, long long value);

/// What the last fault was, for a person; returns its length.
int ot_host_last_report(char* text, int capacity);

/// 1 if kernels are checked for races, bounds and memory that nobody wrote.
int ot_host_is_instrumented();
}
