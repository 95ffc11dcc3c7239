// What a running device thread is: the part that kernels see (their indices), and the ways in which they wait for each other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ot_host {

struct index3 {
  unsigned x, y, z;
};

/// The built-in variables of one device thread.
struct thread_context {
  index3 thread;
  index3 block;
  index3 block_size;
  index3 grid_size;
  unsigned lane;
  unsigned warp;
};

/// The device thread that this host thread runs; null outside kernels. Fibers of a block never leave their host thread.
extern __thread thread_context* current_thread __attribute__((tls_model("initial-exec")));

/// Static shared memory of a site in the source, the same for all threads of the block.
void* static_shared(const void* site, std::size_t bytes, std::size_t alignment);
void* dynamic_shared();

enum class barrier_vote { none, either, all, count };

/// All threads of the block wait; the result is that of the vote over their values.
int block_barrier(barrier_vote vote, int value, int line);

/// One collective of a warp: `combine` sees the payloads of all lanes of the mask, null for the others, once all have arrived.
using combine_lanes = void (*)(void** payloads, unsigned mask);
void warp_collective(const char* name, unsigned mask, void* payload, combine_lanes combine, bool orders_memory, int line);

/// Lets other threads run: what a loop that waits for another thread does.
void spin_pause();

std::uint64_t clock_ticks();

/// Ends this device thread and its launch.
[[noreturn]] void end_with_fault(int code, const char* what);

// Warp intrinsics by bits; see language/warp.h for the types.
enum class shuffle_kind { indexed, exclusive_or, up, down };
std::uint64_t shuffle(unsigned mask, std::uint64_t value, int operand, int width, shuffle_kind kind, int line);
unsigned ballot(unsigned mask, int predicate, int line);

} // namespace ot_host
