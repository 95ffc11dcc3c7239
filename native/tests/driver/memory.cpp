// Memory: what is known of an address, copies and fills to the byte.
#include "tests/driver/client.h"

namespace {

void an_address_tells_its_allocation() {
  scope here;
  std::size_t free_before = 0;
  std::size_t free_after = 0;
  std::size_t total = 0;
  CHECK(cuMemGetInfo_v2(&free_before, &total) == CUDA_SUCCESS && free_before == total);
  CUdeviceptr words = make_words(25);
  CHECK(cuMemGetInfo_v2(&free_after, &total) == CUDA_SUCCESS && free_before - free_after == 100);
  CUdeviceptr base = 0;
  std::size_t bytes = 0;
  CHECK(cuMemGetAddressRange_v2(&base, &bytes, words + 99) == CUDA_SUCCESS && base == words && bytes == 100);
  CHECK(cuMemGetAddressRange_v2(&base, &bytes, words + 100) == CUDA_ERROR_NOT_FOUND);
  int kind = 0;
  int device = -1;
  context_handle owner = nullptr;
  context_handle context = nullptr;
  void* start = nullptr;
  CHECK(cuPointerGetAttribute(&kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, words + 4) == CUDA_SUCCESS && kind == CU_MEMORYTYPE_DEVICE);
  CHECK(cuPointerGetAttribute(&device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, words) == CUDA_SUCCESS && device == 0);
  CHECK(cuPointerGetAttribute(&start, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, words + 4) == CUDA_SUCCESS && start == reinterpret_cast<void*>(words));
  CHECK(cuPointerGetAttribute(&bytes, CU_POINTER_ATTRIBUTE_RANGE_SIZE, words + 4) == CUDA_SUCCESS && bytes == 100);
  CHECK(cuPointerGetAttribute(&owner, CU_POINTER_ATTRIBUTE_CONTEXT, words) == CUDA_SUCCESS);
  void* stream = make_stream();
  CHECK(cuStreamGetCtx(stream, &context) == CUDA_SUCCESS && context != nullptr && context == owner);
  CHECK(cuPointerGetAttribute(&kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, words + 100) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuPointerGetAttribute(&kind, -1, words) == CUDA_ERROR_INVALID_VALUE);
}

void copies_and_fills_touch_their_bytes_alone() {
  scope here;
  void* stream = make_stream();
  CUdeviceptr from = make_words(4);
  CUdeviceptr to = make_words(4);
  unsigned values[4] = {1, 2, 3, 4};
  CHECK(cuMemcpyHtoDAsync_v2(from, values, sizeof values, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(to, 9, 4, stream) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoDAsync_v2(to + 4, from + 8, 8, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD8Async(to + 13, 0, 2, stream) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoHAsync_v2(values, to, sizeof values, stream) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(stream) == CUDA_SUCCESS);
  CHECK(values[0] == 9 && values[1] == 3 && values[2] == 4 && values[3] == 9);
  // What is wrong with late work is said when it runs.
  CHECK(cuMemcpyDtoDAsync_v2(to, from + 8, 12, stream) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD8Async(to, 0, 17, stream) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(stream) == CUDA_ERROR_INVALID_VALUE);
}

} // namespace

void test_memory() {
  an_address_tells_its_allocation();
  copies_and_fills_touch_their_bytes_alone();
}
