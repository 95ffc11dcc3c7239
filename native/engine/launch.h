// The border between the driver's entry points (native/driver) and what runs kernels (native/engine).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ot_host {

/// A kernel that is compiled into this library.
struct kernel_record {
  const char* name;
  unsigned most_threads;                 // the entry's launch bound
  std::size_t argument_bytes;            // of its one parameter
  void (*invoke)(const void* arguments); // runs one thread
};

/// The kernel of that name, or null.
const kernel_record* find_kernel(const char* name);

struct launch_shape {
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  std::size_t dynamic_shared = 0;
  std::size_t most_shared = 48 << 10; // static and dynamic together: what the function has opted in to
  bool cooperative = false;
};

/// What went wrong in a launch: the driver's result code (0: nothing) and a report for a person.
struct fault {
  int code = 0;
  std::string text;
};

/// The driver's codes that a kernel can end in.
constexpr int invalid_value = 1;
constexpr int illegal_address = 700;
constexpr int launch_failed = 719;

/// Runs every thread of every block. `arguments` holds the one parameter of the entry.
fault run_grid(const kernel_record& kernel, const launch_shape& shape, const void* arguments);

/// Order of threads between synchronisations; the same seed gives the same order.
void set_seed(std::uint64_t seed);

/// Host threads that blocks are spread over; an instrumented build always uses one.
void set_threads(int count);

/// Whether kernels were compiled with access callbacks.
bool is_instrumented();

} // namespace ot_host
