// Images, functions, launches and what they are held to.
#include "tests/driver/client.h"

namespace {

void images_and_limits() {
  scope here;
  module_handle module = nullptr;
  CHECK(cuModuleLoadDataEx(&module, "no PTX", 0, nullptr, nullptr) == CUDA_ERROR_INVALID_PTX);
  CHECK(cuModuleLoadDataEx(&module, image("9.9", "ot_planted_shuffle", 16).c_str(), 0, nullptr, nullptr) == CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  CHECK(cuModuleLoadDataEx(&module, image("8.4", "ot_planted_shuffle", 16).c_str(), 0, nullptr, nullptr) == CUDA_SUCCESS);
  void* function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, "ot_planted_lane") == CUDA_ERROR_NOT_FOUND);
  CHECK(cuModuleGetFunction(&function, module, "ot_planted_shuffle") == CUDA_SUCCESS);
  CUdeviceptr data = make_words(threads);
  planted_arguments arguments{data, 0};
  void* parameters[] = {&arguments};
  auto launch = [&](unsigned grid, unsigned block, unsigned shared) {
    return cuLaunchKernel(function, grid, 1, 1, block, 1, 1, shared, nullptr, parameters, nullptr);
  };

  CHECK(launch(1, threads, 0) == CUDA_SUCCESS);
  CHECK(launch(0, threads, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(1, 257, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuLaunchKernel(function, 1, 65536, 1, threads, 1, 1, 0, nullptr, parameters, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(1, threads, 64 << 10) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 228 << 10) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 64 << 10) == CUDA_SUCCESS);
  CHECK(launch(1, threads, 64 << 10) == CUDA_SUCCESS);
  CHECK(cuLaunchCooperativeKernel(function, 1000, 1, 1, threads, 1, 1, 0, nullptr, parameters) == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  CUdeviceptr much = 0;
  CHECK(cuMemAlloc_v2(&much, std::size_t{1} << 40) == CUDA_ERROR_OUT_OF_MEMORY);
  unsigned words[2] = {};
  CHECK(cuMemcpyHtoD_v2(data + threads * sizeof(unsigned) - 4, words, sizeof words) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuCtxSynchronize() == CUDA_SUCCESS);
  CHECK(cuModuleUnload(module) == CUDA_SUCCESS);
  CHECK(launch(1, threads, 0) == CUDA_ERROR_INVALID_HANDLE);
}

} // namespace

void test_images() { images_and_limits(); }
