// What a launch takes of a multiprocessor: registers and shared memory by the table of ptxas, and what does not fit.
#include "driver/registers.h"
#include "engine/launch.h"
#include "tests/driver/client.h"

namespace {

/// An entry of the test's, which the table does not have: 32 registers a thread, no shared memory.
constexpr const char* planted = "ot_planted_shuffle";

void* function_of(module_handle* module, const char* entry, int parameter_bytes) {
  void* function = nullptr;
  CHECK(cuModuleLoadDataEx(module, image("8.4", entry, parameter_bytes).c_str(), 0, nullptr, nullptr) == CUDA_SUCCESS);
  CHECK(cuModuleGetFunction(&function, *module, entry) == CUDA_SUCCESS);
  return function;
}

int attribute_of(void* function, int attribute) {
  int value = -1;
  CHECK(cuFuncGetAttribute(&value, attribute, function) == CUDA_SUCCESS);
  return value;
}

void a_function_takes_what_the_table_says() {
  scope here;
  module_handle module = nullptr;
  const ot_host::kernel_record* kernel = ot_host::find_kernel("ot_soft_min_f64");
  void* function = function_of(&module, kernel->name, static_cast<int>(kernel->argument_bytes));
  const ot_host::kernel_resources expected = ot_host::resources_of(kernel->name, 75, 90);
  CHECK(expected.registers > 32 && expected.shared_bytes > 0);
  CHECK(attribute_of(function, CU_FUNC_ATTRIBUTE_NUM_REGS) == expected.registers);
  CHECK(attribute_of(function, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES) == static_cast<int>(expected.local_bytes));
  CHECK(attribute_of(function, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) == static_cast<int>(expected.shared_bytes));
  CHECK(attribute_of(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) == (48 << 10) - static_cast<int>(expected.shared_bytes));
  CHECK(attribute_of(function, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK) == static_cast<int>(kernel->most_threads));
  int value = 0;
  CHECK(cuFuncGetAttribute(&value, -1, function) == CUDA_ERROR_INVALID_VALUE);
  // Static memory counts towards what can be opted in to.
  const int most = (227 << 10) - static_cast<int>(expected.shared_bytes);
  CHECK(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, most + 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, most) == CUDA_SUCCESS);
  CHECK(attribute_of(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) == most);
  // Without a row of its own a device has those of the next older one; older ones than the first have none.
  CHECK(ot_host::resources_of(kernel->name, 75, 87).registers == ot_host::resources_of(kernel->name, 75, 86).registers);
  CHECK(ot_host::resources_of(kernel->name, 75, 74).registers == 32 && ot_host::resources_of(planted, 75, 90).registers == 32);
  CHECK(ot_host::block_registers({33, 0, 0}, 33) == 2 * 1280);
}

void blocks_share_the_register_file() {
  scope here;
  module_handle module = nullptr;
  void* function = function_of(&module, planted, 16);
  planted_arguments arguments{make_words(threads), 0};
  void* parameters[] = {&arguments};
  auto launch = [&](unsigned grid, bool cooperative) {
    return cooperative ? cuLaunchCooperativeKernel(function, grid, 1, 1, threads, 1, 1, 0, nullptr, parameters)
                       : cuLaunchKernel(function, grid, 1, 1, threads, 1, 1, 0, nullptr, parameters, nullptr);
  };
  auto resident = [&](int block, std::size_t shared) {
    int blocks = -1;
    CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, block, shared) == CUDA_SUCCESS);
    return blocks;
  };

  // Two warps of 1024 registers each.
  CHECK(resident(threads, 0) == 32);
  CHECK(resident(threads, 48 << 10) == 4);
  CHECK(resident(256, 0) == 8);
  CHECK(ot_host_limit("registers", 5 * 2048 + 2047) == 1);
  CHECK(resident(threads, 0) == 5);
  CHECK(launch(21, true) == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  CHECK(launch(1, true) == CUDA_SUCCESS);
  CHECK(ot_host_limit("registers", 2048) == 1);
  CHECK(launch(1, false) == CUDA_SUCCESS);
  CHECK(ot_host_limit("registers", 2047) == 1);
  CHECK(resident(threads, 0) == 0);
  CHECK(launch(1, false) == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  CHECK(launch(1, true) == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  // That is no fault: the context goes on.
  CHECK(ot_host_limit("registers", 65536) == 1);
  CHECK(launch(1, false) == CUDA_SUCCESS);
  CHECK(cuCtxSynchronize() == CUDA_SUCCESS);
}

} // namespace

void test_limits() {
  a_function_takes_what_the_table_says();
  blocks_share_the_register_file();
}
