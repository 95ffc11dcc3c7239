#include "engine/block.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "engine/address_checker.h"
#include "engine/shadow.h"

namespace ot_host {

__thread thread_context* current_thread = nullptr;

namespace {

constexpr std::size_t shared_alignment = 128;
constexpr int poison = 0xFF; // a NaN in float and double, minus one in integers

/// Turns, per live thread, without anything but waiting for memory to change: that memory will not change any more.
constexpr std::size_t idle_rounds = 4096;

/// Found once for each host thread: the system reads it from a list of all its memory.
const fiber& own_stack() {
  static thread_local const fiber stack = host_fiber();
  return stack;
}

std::string text(const index3& index) { return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) + ")"; }

index3 unfold(unsigned long long linear, const unsigned (&extents)[3]) {
  index3 index;
  index.x = static_cast<unsigned>(linear % extents[0]);
  index.y = static_cast<unsigned>(linear / extents[0] % extents[1]);
  index.z = static_cast<unsigned>(linear / extents[0] / extents[1]);
  return index;
}

} // namespace

std::uint32_t next_moment() {
  static std::atomic<std::uint32_t> moments{0};
  const std::uint32_t moment = ++moments;
  return moment != 0 ? moment : ++moments;
}

std::string describe(const thread_state& thread) {
  return "kernel " + thread.block->owner->kernel_name() + ", block " + text(thread.thread_context::block) + ", thread " + text(thread.thread_context::thread);
}

scheduler::scheduler(const kernel_record& kernel, const launch_shape& shape, const void* arguments, std::uint64_t seed)
    : kernel_(kernel), shape_(shape), arguments_(arguments), name_(kernel.name), random_(seed), shuffles_(seed != 0), host_(own_stack()) {}

scheduler::~scheduler() {
  for (auto& block : blocks_) {
    permit(block->shared, block->shared_capacity);
    for (thread_state& thread : block->threads)
      give_stack(thread.own);
  }
}

void scheduler::place(block_state& block, unsigned long long index) {
  const unsigned count = shape_.block[0] * shape_.block[1] * shape_.block[2];
  if (block.threads.empty()) {
    block.threads.resize(count);
    block.warp_times.resize((count + warp_size - 1) / warp_size);
    for (thread_state& thread : block.threads)
      thread.own = take_stack();
    block.most_shared = shape_.most_shared;
    block.shared_capacity = std::max(shape_.most_shared, shape_.dynamic_shared);
    block.shared_memory = std::make_unique<unsigned char[]>(block.shared_capacity + shared_alignment);
    auto address = reinterpret_cast<std::uintptr_t>(block.shared_memory.get());
    block.shared = block.shared_memory.get() + (shared_alignment - address % shared_alignment) % shared_alignment;
    block.owner = this;
  }

  block.moment = next_moment();
  block.live = count;
  block.waiting = 0;
  block.sites.clear();
  block.shared_used = shape_.dynamic_shared;
  permit(block.shared, block.shared_used);
  forbid(block.shared + block.shared_used, block.shared_capacity - block.shared_used);
  std::memset(block.shared, poison, block.shared_used);
  shadow_shared(block);
  std::fill(block.warp_times.begin(), block.warp_times.end(), 0u);
  for (unsigned k = 0; k < count; k++) {
    thread_state& thread = block.threads[k];
    thread.thread = unfold(k, shape_.block);
    thread.thread_context::block = unfold(index, shape_.grid);
    thread.block_size = {shape_.block[0], shape_.block[1], shape_.block[2]};
    thread.grid_size = {shape_.grid[0], shape_.grid[1], shape_.grid[2]};
    thread.index = k;
    thread.lane = k % warp_size;
    thread.warp = k / warp_size;
    thread.block = &block;
    std::fill(std::begin(thread.known_times), std::end(thread.known_times), 0u);
    thread.status = thread_status::ready;
    prepare(thread.own, thread_main);
    ready_.push_back(&thread);
  }

  live_ += count;
}

fault scheduler::run(const unsigned long long* blocks, std::size_t count) {
  while (blocks_.size() < count)
    blocks_.push_back(std::make_unique<block_state>());
  ready_.clear();
  first_ready_ = 0;
  live_ = 0;
  idle_turns_ = 0;
  for (std::size_t k = 0; k < count; k++)
    place(*blocks_[k], blocks[k]);
  while (live_ > 0 && fault_.code == 0) {
    if (first_ready_ == ready_.size())
      return stuck();
    thread_state& thread = *ready_[next()];
    first_ready_++;
    if (first_ready_ > 65536) {
      ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(first_ready_));
      first_ready_ = 0;
    }

    idle_turns_ = thread.status == thread_status::spinning ? idle_turns_ + 1 : 0;
    if (idle_turns_ > idle_rounds * live_)
      return stuck();
    thread.status = thread_status::ready;
    current_thread = &thread;
    switch_fiber(host_, thread.own);
    current_thread = nullptr;
  }

  if (failed_ != nullptr)
    fault_.text = describe(*failed_) + ": " + fault_.text;
  return fault_;
}

/// The place of the thread that runs next, which is brought to the front of those that are ready.
std::size_t scheduler::next() {
  if (shuffles_) {
    std::size_t chosen = first_ready_ + random_() % (ready_.size() - first_ready_);
    std::swap(ready_[first_ready_], ready_[chosen]);
  }

  return first_ready_;
}

void scheduler::thread_main() {
  thread_state& thread = self();
  entered_fiber(thread.own);
  scheduler& owner = *thread.block->owner;
  try {
    owner.kernel_.invoke(owner.arguments_);
  } catch (const std::exception& exception) {
    owner.fail(thread, launch_failed, std::string("an exception left the kernel: ") + exception.what());
  } catch (...) {
    owner.fail(thread, launch_failed, "an exception left the kernel");
  }

  owner.finish(thread);
}

void scheduler::finish(thread_state& thread) {
  block_state& block = *thread.block;
  if (block.waiting > 0)
    fail(thread, launch_failed, "ended while other threads of its block wait at the barrier of line " + std::to_string([&] {
                                  for (const thread_state& other : block.threads)
                                    if (other.status == thread_status::at_barrier)
                                      return other.line;
                                  return 0;
                                }()));
  thread.status = thread_status::done;
  block.live--;
  live_--;
  idle_turns_ = 0;
  switch_fiber(thread.own, host_, true);
  __builtin_unreachable();
}

void scheduler::wait(thread_state& thread) {
  current_thread = nullptr;
  switch_fiber(thread.own, host_);
  current_thread = &thread;
}

void scheduler::make_ready(thread_state& released) {
  released.status = thread_status::ready;
  ready_.push_back(&released);
}

void scheduler::fail(thread_state& thread, int code, std::string&& what) {
  fault_.code = code;
  fault_.text = std::move(what);
  failed_ = &thread;
  thread.status = thread_status::done;
  switch_fiber(thread.own, host_, true);
  __builtin_unreachable();
}

/// Nobody can go on: says who waits for what.
fault scheduler::stuck() {
  // First the threads that wait in a loop: what others wait for is them.
  for (const auto& block : blocks_) {
    for (const thread_state& thread : block->threads) {
      if (thread.status == thread_status::spinning)
        return {launch_failed, describe(thread) + ": waits in a loop for memory that nobody changes any more"};
    }
  }

  for (const auto& block : blocks_) {
    for (const thread_state& thread : block->threads) {
      if (thread.status != thread_status::in_collective)
        continue;
      unsigned missing = thread.mask;
      for (unsigned lane = 0; lane < warp_size; lane++) {
        std::size_t index = std::size_t{thread.warp} * warp_size + lane;
        if (index < block->threads.size() && block->threads[index].status == thread_status::in_collective && block->threads[index].mask == thread.mask &&
            std::strcmp(block->threads[index].collective, thread.collective) == 0)
          missing &= ~(1u << lane);
      }

      char digits[16];
      std::snprintf(digits, sizeof digits, "0x%08x", missing);
      return {launch_failed, describe(thread) + ": " + thread.collective + " in line " + std::to_string(thread.line) +
                                 " waits for lanes that never arrive (missing lanes " + digits + ")"};
    }
  }

  for (const auto& block : blocks_) {
    for (const thread_state& thread : block->threads) {
      if (thread.status == thread_status::at_barrier)
        return {launch_failed, describe(thread) + ": the barrier of line " + std::to_string(thread.line) + " is not reached by all threads of the block"};
    }
  }

  return {launch_failed, "kernel " + name_ + ": no thread can go on"};
}

} // namespace ot_host
