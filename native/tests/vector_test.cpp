// The kernels of vector.cu through run_grid alone, against loops: the smallest proof that blocks, barriers and shuffles work.
#include <cmath>
#include <vector>

#include "common/device.cuh"
#include "engine/launch.h"
#include "engine/memory.h"
#include "tests/check.h"

namespace {

struct vector_arguments {
  const void* x;
  void* y;
  const double* alphas;
  const long long* starts;
  const long long* tiles;
  const long long* places;
  double* partials;
  long long length;
  int runs;
  int operation;
};

template <typename element> element* upload(const std::vector<element>& values) {
  auto* place = static_cast<element*>(ot_host::take_device_memory(values.size() * sizeof(element)));
  std::memcpy(place, values.data(), values.size() * sizeof(element));
  ot_host::mark_initialised(place, values.size() * sizeof(element));
  return place;
}

void sums(const std::vector<long long>& lengths) {
  std::vector<long long> starts{0};
  std::vector<long long> tiles{0};
  for (long long length : lengths) {
    starts.push_back(starts.back() + length);
    tiles.push_back(tiles.back() + (length + 4095) / 4096);
  }

  std::vector<float> x(static_cast<std::size_t>(starts.back()));
  for (std::size_t k = 0; k < x.size(); k++)
    x[k] = static_cast<float>(std::sin(0.1 * static_cast<double>(k)));
  auto* results = static_cast<double*>(ot_host::take_device_memory(lengths.size() * sizeof(double)));
  auto* partials = static_cast<double*>(ot_host::take_device_memory(static_cast<std::size_t>(tiles.back() + 1) * sizeof(double)));
  float* device_x = upload(x);
  for (int operation : {3, 4}) {
    vector_arguments arguments{device_x, results, nullptr, upload(starts), upload(tiles), nullptr, partials, 0, static_cast<int>(lengths.size()), operation};
    ot_host::launch_shape shape;
    shape.grid[0] = static_cast<unsigned>(tiles.back());
    shape.block[0] = 256;
    CHECK_FAULT(ot_host::run_grid(*ot_host::find_kernel("ot_vector_partials_f32"), shape, &arguments), 0);
    shape.grid[0] = static_cast<unsigned>(lengths.size());
    CHECK_FAULT(ot_host::run_grid(*ot_host::find_kernel("ot_vector_combine_f64"), shape, &arguments), 0);
    for (std::size_t run = 0; run < lengths.size(); run++) {
      double expected = operation == 3 ? 0 : -INFINITY;
      for (long long k = starts[run]; k < starts[run + 1]; k++)
        expected = operation == 3 ? expected + static_cast<double>(x[static_cast<std::size_t>(k)])
                                  : std::fmax(expected, static_cast<double>(x[static_cast<std::size_t>(k)]));
      CHECK(results[run] == expected || std::fabs(results[run] - expected) < 1e-9);
    }
  }

  CHECK(ot_host::give_device_memory(results));
  CHECK(!ot_host::give_device_memory(results));
}

} // namespace

int main() {
  for (unsigned long long seed : {0ULL, 1ULL, 2ULL}) {
    ot_host::set_seed(seed);
    sums({1, 0, 31, 32, 33, 255, 256, 257, 4095, 4096, 4097, 0, 20011});
  }

  return finish();
}
