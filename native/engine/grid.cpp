// The registry of kernels, and the launch of a grid: its limits, its blocks in order over host threads.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/block.h"
#include "engine/launch.h"
#include "engine/registry.h"

namespace ot_host {

namespace {

constexpr unsigned most_block_threads = 1024;
constexpr unsigned most_block_depth = 64;
constexpr unsigned long long most_grid_x = (1ULL << 31) - 1;
constexpr unsigned long long most_grid_yz = 65535;
/// Blocks below this number are not worth a second host thread.
constexpr unsigned long long blocks_worth_spreading = 8;

std::unordered_map<std::string, kernel_record>& registry() {
  static std::unordered_map<std::string, kernel_record> records;
  return records;
}

std::atomic<std::uint64_t> schedule_seed{0};
std::atomic<int> host_threads{static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
std::atomic<std::uint64_t> launches{0};

fault refused(const kernel_record& kernel, const std::string& what) { return {invalid_value, std::string("kernel ") + kernel.name + ": " + what}; }

fault check_shape(const kernel_record& kernel, const launch_shape& shape) {
  unsigned long long threads = 1ULL * shape.block[0] * shape.block[1] * shape.block[2];
  if (threads == 0 || shape.grid[0] == 0 || shape.grid[1] == 0 || shape.grid[2] == 0)
    return refused(kernel, "an empty grid or block");
  if (threads > most_block_threads || shape.block[2] > most_block_depth)
    return refused(kernel, std::to_string(threads) + " threads a block are more than the device has");
  if (threads > kernel.most_threads)
    return refused(kernel, std::to_string(threads) + " threads a block are more than its launch bound of " + std::to_string(kernel.most_threads));
  if (shape.grid[0] > most_grid_x || shape.grid[1] > most_grid_yz || shape.grid[2] > most_grid_yz)
    return refused(kernel, "a grid beyond the device's limits");
  if (shape.dynamic_shared > shape.most_shared)
    return refused(kernel, std::to_string(shape.dynamic_shared) + " bytes of dynamic shared memory are more than the " + std::to_string(shape.most_shared) +
                               " opted in to");
  return {};
}

/// The order in which blocks begin: ascending, or, with a seed, by a stride without a common factor from a place chosen at random. No
/// list of them: a grid may have billions.
class block_order {
public:
  block_order(unsigned long long count, std::uint64_t seed) : count_(count) {
    if (seed == 0)
      return;
    std::mt19937_64 random(seed);
    first_ = random() % count;
    do
      stride_ = random() % count;
    while (std::gcd(stride_, count) != 1);
  }

  unsigned long long operator[](unsigned long long k) const {
    return static_cast<unsigned long long>((static_cast<unsigned __int128>(k) * stride_ + first_) % count_);
  }

private:
  unsigned long long count_;
  unsigned long long first_ = 0;
  unsigned long long stride_ = 1;
};

} // namespace

bool enter_kernel(const kernel_record& record) { return registry().emplace(record.name, record).second; }

const kernel_record* find_kernel(const char* name) {
  auto found = registry().find(name);
  return found == registry().end() ? nullptr : &found->second;
}

void set_seed(std::uint64_t seed) {
  schedule_seed = seed;
  launches = 0;
}

void set_threads(int count) { host_threads = std::max(1, count); }

bool is_instrumented() {
#ifdef OT_INSTRUMENTED
  return true;
#else
  return false;
#endif
}

fault run_grid(const kernel_record& kernel, const launch_shape& shape, const void* arguments) {
  fault refusal = check_shape(kernel, shape);
  if (refusal.code != 0)
    return refusal;
  std::vector<std::max_align_t> copy((kernel.argument_bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t));
  std::memcpy(copy.data(), arguments, kernel.argument_bytes);
  // Each launch has an order of its own, the same in every run of the same calls.
  std::uint64_t seed = schedule_seed == 0 ? 0 : schedule_seed + 0x9E3779B97F4A7C15ULL * ++launches;
  unsigned long long count = 1ULL * shape.grid[0] * shape.grid[1] * shape.grid[2];
  const block_order order(count, seed);
  if (shape.cooperative) {
    std::vector<unsigned long long> resident(count);
    for (unsigned long long k = 0; k < count; k++)
      resident[k] = order[k];
    return scheduler(kernel, shape, copy.data(), seed).run(resident.data(), resident.size());
  }

  fault first;
  std::mutex lock;
  std::atomic<unsigned long long> next{0};
  auto work = [&] {
    scheduler own(kernel, shape, copy.data(), seed);
    for (unsigned long long k = next++; k < count; k = next++) {
      unsigned long long block = order[k];
      fault found = own.run(&block, 1);
      if (found.code == 0)
        continue;
      std::lock_guard<std::mutex> guard(lock);
      if (first.code == 0)
        first = found;
      next = count;
      return;
    }
  };
  unsigned long long wanted = is_instrumented() ? 1 : std::min<unsigned long long>(static_cast<unsigned>(host_threads.load()), count / blocks_worth_spreading);
  std::vector<std::thread> helpers;
  for (unsigned long long k = 1; k < wanted; k++)
    helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers)
    helper.join();
  return first;
}

} // namespace ot_host
