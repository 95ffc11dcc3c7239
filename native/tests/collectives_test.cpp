// What collectives return, against their definition lane by lane: shuffles of all kinds, types and widths, votes, by full and partial
// masks, in warps that are not full; votes at barriers; barriers of a whole grid; and the limits that a launch is held to.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "engine/launch.h"
#include "engine/memory.h"
#include "tests/check.h"

namespace {

constexpr int slots = 16;

struct collective_arguments {
  double* results;
  unsigned* counter;
  unsigned mask;
  int width;
  int rounds;
};

ot_host::fault launch(const char* name, const ot_host::launch_shape& shape, const collective_arguments& arguments) {
  return ot_host::run_grid(*ot_host::find_kernel(name), shape, &arguments);
}

bool in(unsigned mask, int lane) { return lane >= 0 && (mask >> lane & 1u) != 0; }

/// Shuffles among `mask`, which must be such that no lane asks one outside of it.
void warp(unsigned threads, unsigned mask, int width) {
  auto* results = static_cast<double*>(ot_host::take_device_memory(threads * slots * sizeof(double)));
  ot_host::launch_shape shape;
  shape.block[0] = threads;
  CHECK_FAULT(launch("ot_collective_warp", shape, {results, nullptr, mask, width, 0}), 0);
  unsigned thirds = 0;
  for (int lane = 0; lane < 32; lane++)
    thirds |= in(mask, lane) && lane % 3 == 0 ? 1u << lane : 0;
  for (unsigned thread = 0; thread < threads; thread++) {
    const double* found = results + thread * slots;
    int lane = static_cast<int>(thread % 32);
    int first = lane / width * width;
    if (!in(mask, lane)) {
      CHECK(found[0] == -1 && found[5] == -1 && found[8] == -1);
      continue;
    }

    CHECK(found[0] == first + 3 % width);
    CHECK(found[1] == ((lane ^ 1) < first + width ? lane ^ 1 : lane));
    CHECK(found[2] == (lane - 2 >= first ? lane - 2 : lane) + 0.5);
    CHECK(found[3] == (lane + 2 < first + width ? lane + 2 : lane) + 0.25);
    CHECK(found[4] == static_cast<double>(static_cast<long long>(first + (lane + 1) % width) << 40));
    CHECK(found[5] == thirds);
    CHECK(found[6] == (in(mask, 1) ? 1 : 0));
    CHECK(found[7] == 1);
    CHECK(found[8] == (in(mask, 1) ? 0 : 1));
  }

  ot_host::give_device_memory(results);
}

/// A product of matrices over a warp, of numbers that TF32 holds and of numbers it does not: those lose the bits beyond its eleven. Sums are cut
/// off towards zero.
void product() {
  constexpr int rows = 16, side = 8, numbers = rows * side + side * side + rows * side;
  auto* results = static_cast<double*>(ot_host::take_device_memory(numbers * sizeof(double)));
  std::vector<double> given(numbers);
  unsigned drawn = 1;
  for (double& number : given) {
    drawn = drawn * 1664525u + 1013904223u;
    number = static_cast<double>(static_cast<float>(drawn >> 8) / 16777216.0f - 0.4f);
  }

  std::copy(given.begin(), given.end(), results);
  ot_host::mark_initialised(results, numbers * sizeof(double));
  ot_host::launch_shape shape;
  shape.block[0] = 32;
  CHECK_FAULT(launch("ot_collective_product", shape, {results, nullptr, 0, 32, 0}), 0);
  auto held = [](double number) {
    return std::trunc(number * 1024 / std::exp2(std::floor(std::log2(std::fabs(number))))) / 1024 * std::exp2(std::floor(std::log2(std::fabs(number))));
  };
  int inexact = 0;
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < side; j++) {
      int at = rows * side + side * side + i * side + j;
      double sum = given[at];
      for (int k = 0; k < side; k++)
        sum += held(given[i * side + k]) * held(given[rows * side + k * side + j]);
      inexact += results[at] != sum ? 1 : 0;
      CHECK(std::fabs(results[at]) <= std::fabs(sum));
      CHECK(std::fabs(sum) - std::fabs(results[at]) <= std::fabs(sum) * 0x1p-23);
    }
  }

  CHECK(inexact > rows);
  ot_host::give_device_memory(results);
}

void block() {
  constexpr unsigned blocks = 3;
  constexpr unsigned threads = 256;
  auto* results = static_cast<double*>(ot_host::take_device_memory(blocks * threads * slots * sizeof(double)));
  ot_host::launch_shape shape;
  shape.grid[0] = blocks;
  shape.block[0] = threads;
  CHECK_FAULT(launch("ot_collective_block", shape, {results, nullptr, 0, 32, 0}), 0);
  constexpr double expected[] = {1, 0, 1, 0, 52, 255 * 256 / 2, 255, -5};
  for (unsigned thread = 0; thread < blocks * threads; thread++)
    CHECK(std::equal(std::begin(expected), std::end(expected), results + thread * slots));
  ot_host::give_device_memory(results);
}

/// After as many rounds, every block holds the index of the block so many places on.
void grid(unsigned blocks, unsigned threads, int rounds, bool cooperative, int code) {
  auto* results = static_cast<double*>(ot_host::take_device_memory(blocks * sizeof(double)));
  auto* counter = static_cast<unsigned*>(ot_host::take_device_memory(sizeof(unsigned)));
  *counter = 0;
  ot_host::mark_initialised(counter, sizeof(unsigned));
  ot_host::launch_shape shape;
  shape.grid[0] = blocks;
  shape.block[0] = threads;
  shape.cooperative = cooperative;
  ot_host::fault found = launch("ot_collective_grid", shape, {results, counter, 0, 32, rounds});
  CHECK(found.code == code);
  if (code != 0)
    CHECK(found.text.find("nobody changes") != std::string::npos);
  for (unsigned k = 0; code == 0 && k < blocks; k++)
    CHECK(results[k] == (k + static_cast<unsigned>(rounds)) % blocks);
  ot_host::give_device_memory(results);
  ot_host::give_device_memory(counter);
}

/// A launch beyond a limit of the device is refused before any thread of it runs.
void limits() {
  auto* results = static_cast<double*>(ot_host::take_device_memory(2048 * slots * sizeof(double)));
  collective_arguments arguments{results, nullptr, 0xFFFFFFFFu, 32, 0};
  auto refused = [&](auto change) {
    ot_host::launch_shape shape;
    shape.block[0] = 32;
    change(shape);
    CHECK_FAULT(launch("ot_collective_warp", shape, arguments), 1);
  };
  refused([](auto& shape) { shape.block[0] = 257; });
  refused([](auto& shape) { shape.block[0] = 1025; });
  refused([](auto& shape) { shape.block[1] = 0; });
  refused([](auto& shape) { shape.block[0] = 1, shape.block[2] = 65; });
  refused([](auto& shape) { shape.grid[0] = 0; });
  refused([](auto& shape) { shape.grid[0] = 1u << 31; });
  refused([](auto& shape) { shape.grid[1] = 65536; });
  refused([](auto& shape) { shape.dynamic_shared = (48 << 10) + 1; });
  refused([](auto& shape) { shape.most_shared = 64 << 10, shape.dynamic_shared = (64 << 10) + 1; });
  ot_host::launch_shape shape;
  shape.block[0] = 32;
  shape.dynamic_shared = shape.most_shared = 64 << 10;
  CHECK_FAULT(launch("ot_collective_warp", shape, arguments), 0);
  ot_host::give_device_memory(results);
}

} // namespace

int main() {
  for (unsigned long long seed : {0ULL, 1ULL, 2ULL, 3ULL}) {
    ot_host::set_seed(seed);
    for (int width : {4, 8, 16, 32})
      warp(96, 0xFFFFFFFFu, width);
    warp(64, 0x0000FFFFu, 16);
    warp(64, 0xFFFF0000u, 16);
    warp(32, 0x00FF00FFu, 8);
    warp(32, 0xF0F0F0F0u, 4);
    // A last warp of eight lanes.
    warp(8, 0x000000FFu, 8);
    block();
    product();
    grid(1, 32, 3, true, 0);
    grid(4, 64, 5, true, 0);
    grid(7, 256, 9, true, 0);
    grid(40, 32, 41, true, 0);
    // Blocks that are not resident together cannot meet: said, not waited for.
    grid(4, 32, 1, false, 719);
  }

  limits();
  return finish();
}
