// Blocks of device threads and the order in which they run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/fiber.h"
#include "engine/launch.h"
#include "engine/thread.h"

namespace ot_host {

constexpr unsigned warp_size = 32;

struct block_state;
class scheduler;

enum class thread_status { ready, spinning, at_barrier, in_collective, done };

struct thread_state : thread_context {
  fiber own;
  thread_status status = thread_status::done;
  block_state* block = nullptr;
  unsigned index = 0;                        // within the block
  std::uint32_t known_times[warp_size] = {}; // of each lane of the warp, the last synchronisation that this thread knows it took part in
  // The barrier or collective it waits in.
  const char* collective = nullptr;
  unsigned mask = 0;
  void* payload = nullptr;
  combine_lanes combine = nullptr;
  int line = 0;
  barrier_vote vote = barrier_vote::none;
  int value = 0;
};

struct static_site {
  const void* site;
  std::size_t offset;
  std::size_t bytes;
};

/// One block: its threads, its shared memory, how far it has come.
struct block_state {
  std::vector<thread_state> threads;
  std::vector<std::uint32_t> warp_times; // how often lanes of each warp have synchronised
  std::vector<static_site> sites;
  std::unique_ptr<unsigned char[]> shared_memory;
  unsigned char* shared = nullptr; // aligned
  std::size_t shared_capacity = 0;
  std::size_t shared_used = 0;
  std::size_t most_shared = 0;
  std::uint32_t moment = 0; // between two barriers of one block, unlike every other
  unsigned live = 0;
  unsigned waiting = 0; // at the barrier
  int vote_result = 0;
  scheduler* owner = nullptr;
};

/// Runs blocks on one host thread, one after another or, where they are cooperative, side by side.
class scheduler {
public:
  scheduler(const kernel_record& kernel, const launch_shape& shape, const void* arguments, std::uint64_t seed);
  ~scheduler();
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  /// Runs the blocks of these linear indices, all resident at once.
  fault run(const unsigned long long* blocks, std::size_t count);

  // For the functions of thread.h, on the fiber of `self`.
  void wait(thread_state& self);
  void make_ready(thread_state& released);
  /// Takes the text's memory with it: the stack of the thread that fails is never unwound.
  [[noreturn]] void fail(thread_state& self, int code, std::string&& what);
  const std::string& kernel_name() const { return name_; }
  const void* arguments() const { return arguments_; }
  std::size_t argument_bytes() const { return kernel_.argument_bytes; }

private:
  static void thread_main();
  void place(block_state& block, unsigned long long index);
  void finish(thread_state& self);
  std::size_t next();
  fault stuck();

  const kernel_record& kernel_;
  const launch_shape& shape_;
  const void* arguments_;
  std::string name_;
  std::mt19937_64 random_;
  bool shuffles_;
  std::vector<std::unique_ptr<block_state>> blocks_;
  std::vector<thread_state*> ready_;
  std::size_t first_ready_ = 0;
  std::size_t live_ = 0;
  std::size_t idle_turns_ = 0; // turns in a row in which threads did nothing but wait for memory to change
  fiber host_;
  fault fault_;
  thread_state* failed_ = nullptr;
};

/// The thread of this fiber, with all the engine knows of it.
inline thread_state& self() { return *static_cast<thread_state*>(current_thread); }

/// A number that no stretch between two barriers of a block has had.
std::uint32_t next_moment();

/// Where a device thread stands, for reports.
std::string describe(const thread_state& thread);

} // namespace ot_host
