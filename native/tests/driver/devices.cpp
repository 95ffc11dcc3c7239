// Initialisation, what a device says of itself, names of codes.
#include "tests/driver/client.h"

namespace {

void calls_before_initialisation_and_without_a_context() {
  CUdevice device = 0;
  CUdeviceptr address = 0;
  CHECK(cuDeviceGet(&device, 0) == CUDA_ERROR_NOT_INITIALIZED);
  CHECK(cuInit(0) == CUDA_SUCCESS);
  CHECK(cuDeviceGet(&device, 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuMemAlloc_v2(&address, 4) == CUDA_ERROR_INVALID_CONTEXT);
}

void what_a_device_says_of_itself() {
  scope here;
  int number = 0;
  CHECK(cuDriverGetVersion(&number) == CUDA_SUCCESS && number == 12040);
  CHECK(cuDeviceGetCount(&number) == CUDA_SUCCESS && number == 1);
  CUdevice device = -1;
  CHECK(cuDeviceGet(&device, 0) == CUDA_SUCCESS && device == 0);
  CHECK(cuCtxGetDevice(&device) == CUDA_SUCCESS && device == 0);
  char name[64] = {};
  CHECK(cuDeviceGetName(name, sizeof name, device) == CUDA_SUCCESS && std::strstr(name, "host device") != nullptr);
  char little[4] = {'x', 'x', 'x', 'x'};
  CHECK(cuDeviceGetName(little, 3, device) == CUDA_SUCCESS && little[2] == '\0' && little[3] == 'x');
  CHECK(cuDeviceGetName(name, 0, device) == CUDA_ERROR_INVALID_DEVICE);
  std::size_t bytes = 0;
  CHECK(cuDeviceTotalMem_v2(&bytes, device) == CUDA_SUCCESS && bytes == std::size_t{4} << 30);
  constexpr struct {
    int attribute;
    int value;
  } expected[] = {{CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
                  {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 48 << 10},
                  {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
                  {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 65536},
                  {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4},
                  {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
                  {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 9},
                  {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0},
                  {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 228 << 10},
                  {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, 1},
                  {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 227 << 10}};
  for (const auto& each : expected)
    CHECK(cuDeviceGetAttribute(&number, each.attribute, device) == CUDA_SUCCESS && number == each.value);
  CHECK(cuDeviceGetAttribute(&number, -1, device) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDeviceGetAttribute(&number, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 1) == CUDA_ERROR_INVALID_DEVICE);
}

void codes_have_names() {
  const char* text = nullptr;
  CHECK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text) == CUDA_SUCCESS && std::strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0);
  CHECK(cuGetErrorString(CUDA_ERROR_OUT_OF_MEMORY, &text) == CUDA_SUCCESS && std::strcmp(text, "out of memory") == 0);
  CHECK(cuGetErrorName(-1, &text) == CUDA_ERROR_INVALID_VALUE && text == nullptr);
}

} // namespace

void test_devices() {
  calls_before_initialisation_and_without_a_context();
  what_a_device_says_of_itself();
  codes_have_names();
}
