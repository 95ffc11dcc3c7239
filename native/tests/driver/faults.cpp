// Faults: those that stay, and every call failing once.
#include "tests/driver/client.h"

namespace {

void a_fault_stays_until_the_context_goes() {
  {
    scope here;
    module_handle module = nullptr;
    void* function = nullptr;
    CHECK(cuModuleLoadDataEx(&module, image("8.4", "ot_planted_shuffle", 16).c_str(), 0, nullptr, nullptr) == CUDA_SUCCESS);
    CHECK(cuModuleGetFunction(&function, module, "ot_planted_shuffle") == CUDA_SUCCESS);
    planted_arguments arguments{make_words(threads), 1};
    void* parameters[] = {&arguments};
    // The launch itself is late, and so is its fault.
    CHECK(cuLaunchKernel(function, 1, 1, 1, threads, 1, 1, 0, nullptr, parameters, nullptr) == CUDA_SUCCESS);
    CHECK(cuCtxSynchronize() == CUDA_ERROR_LAUNCH_FAILED);
    CUdeviceptr word = 0;
    CHECK(cuMemAlloc_v2(&word, 4) == CUDA_ERROR_LAUNCH_FAILED);
    char report[512];
    CHECK(ot_host_last_report(report, sizeof report) > 0 && std::strstr(report, "__shfl_sync") != nullptr);
  }

  scope again;
  CHECK(cuMemFree_v2(make_words(1)) == CUDA_SUCCESS);
}

/// A small client that gives up at the first failure and releases what it holds; the code that stopped it.
CUresult work() {
  void* stream = nullptr;
  void* event = nullptr;
  CUdeviceptr word = 0;
  unsigned value = 0;
  CUresult result = cuStreamCreate(&stream, non_blocking);
  result = result != 0 ? result : cuEventCreate(&event, 0);
  result = result != 0 ? result : cuMemAlloc_v2(&word, sizeof value);
  result = result != 0 ? result : cuMemsetD32Async(word, 6, 1, stream);
  result = result != 0 ? result : cuEventRecord(event, stream);
  result = result != 0 ? result : cuEventSynchronize(event);
  result = result != 0 ? result : cuMemcpyDtoH_v2(&value, word, sizeof value);
  CHECK(result != 0 || value == 6);
  if (event != nullptr)
    cuEventDestroy_v2(event);
  if (word != 0)
    cuMemFree_v2(word);
  if (stream != nullptr)
    cuStreamDestroy_v2(stream);
  return result;
}

void every_call_fails_once() {
  for (CUresult code : {CUDA_ERROR_OUT_OF_MEMORY, CUDA_ERROR_UNKNOWN, CUDA_ERROR_ILLEGAL_ADDRESS}) {
    for (int k = 1; k <= 7; k++) {
      scope here;
      ot_host_fail_call(nullptr, k, code);
      CHECK(work() == code);
      CHECK(work() == (code == CUDA_ERROR_ILLEGAL_ADDRESS ? code : CUDA_SUCCESS));
      CHECK(code == CUDA_ERROR_ILLEGAL_ADDRESS || ot_host_live(ot_host_memory_blocks) + ot_host_live(ot_host_streams) == 0);
    }
  }

  scope here;
  ot_host_fail_call("cuEventRecord", 2, CUDA_ERROR_UNKNOWN);
  CHECK(work() == CUDA_SUCCESS);
  CHECK(work() == CUDA_ERROR_UNKNOWN);
}

} // namespace

void test_faults() {
  a_fault_stays_until_the_context_goes();
  every_call_fails_once();
}
