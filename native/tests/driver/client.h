// The driver's entry points as a client sees them, and what the tests of them share.
#pragma once

#include <string>

#include "driver/cuda_abi.h"
#include "include/ot_host_device.h"
#include "tests/check.h"

namespace ot_host {
struct context_state;
struct module_state;
} // namespace ot_host

using context_handle = ot_host::context_state*;
using module_handle = ot_host::module_state*;

extern "C" {
CUresult cuInit(unsigned);
CUresult cuDriverGetVersion(int*);
CUresult cuGetErrorName(CUresult, const char**);
CUresult cuGetErrorString(CUresult, const char**);
CUresult cuDeviceGetCount(int*);
CUresult cuDeviceGet(CUdevice*, int);
CUresult cuDeviceGetName(char*, int, CUdevice);
CUresult cuDeviceTotalMem_v2(std::size_t*, CUdevice);
CUresult cuDeviceGetAttribute(int*, int, CUdevice);
CUresult cuDevicePrimaryCtxRetain(context_handle*, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuCtxPushCurrent_v2(context_handle);
CUresult cuCtxPopCurrent_v2(context_handle*);
CUresult cuCtxGetDevice(CUdevice*);
CUresult cuCtxSynchronize();
CUresult cuModuleLoadDataEx(module_handle*, const void*, unsigned, int*, void**);
CUresult cuModuleUnload(module_handle);
CUresult cuModuleGetFunction(void**, module_handle, const char*);
CUresult cuFuncGetAttribute(int*, int, void*);
CUresult cuFuncSetAttribute(void*, int, int);
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int*, void*, int, std::size_t);
CUresult cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
CUresult cuLaunchCooperativeKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**);
CUresult cuMemAlloc_v2(CUdeviceptr*, std::size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemGetInfo_v2(std::size_t*, std::size_t*);
CUresult cuMemGetAddressRange_v2(CUdeviceptr*, std::size_t*, CUdeviceptr);
CUresult cuPointerGetAttribute(void*, int, CUdeviceptr);
CUresult cuMemHostAlloc(void**, std::size_t, unsigned);
CUresult cuMemFreeHost(void*);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, std::size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, std::size_t);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, std::size_t, void*);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, std::size_t, void*);
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr, CUdeviceptr, std::size_t, void*);
CUresult cuMemsetD8Async(CUdeviceptr, unsigned char, std::size_t, void*);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, std::size_t, void*);
CUresult cuStreamCreate(void**, unsigned);
CUresult cuStreamDestroy_v2(void*);
CUresult cuStreamSynchronize(void*);
CUresult cuStreamQuery(void*);
CUresult cuStreamGetCtx(void*, context_handle*);
CUresult cuStreamWaitEvent(void*, void*, unsigned);
CUresult cuStreamBeginCapture_v2(void*, int);
CUresult cuStreamEndCapture(void*, void**);
CUresult cuGraphInstantiateWithFlags(void**, void*, unsigned long long);
CUresult cuGraphLaunch(void*, void*);
CUresult cuGraphDestroy(void*);
CUresult cuGraphExecDestroy(void*);
CUresult cuEventCreate(void**, unsigned);
CUresult cuEventDestroy_v2(void*);
CUresult cuEventRecord(void*, void*);
CUresult cuEventQuery(void*);
CUresult cuEventSynchronize(void*);
CUresult cuEventElapsedTime(float*, void*, void*);
}

constexpr unsigned non_blocking = CU_STREAM_NON_BLOCKING;
constexpr int threads = 64;

struct planted_arguments {
  CUdeviceptr data;
  int wrong;
};

/// The primary context, current for a scope.
struct scope {
  scope() {
    CHECK(cuInit(0) == CUDA_SUCCESS);
    context_handle context = nullptr;
    CHECK(cuDevicePrimaryCtxRetain(&context, 0) == CUDA_SUCCESS);
    CHECK(cuCtxPushCurrent_v2(context) == CUDA_SUCCESS);
  }

  ~scope() {
    CHECK(cuCtxPopCurrent_v2(nullptr) == CUDA_SUCCESS);
    CHECK(cuDevicePrimaryCtxRelease_v2(0) == CUDA_SUCCESS);
    for (int kind = ot_host_memory_blocks; kind <= ot_host_blas_handles; kind++)
      CHECK(ot_host_live(kind) == 0);
  }
};

inline std::string image(const char* version, const char* entry, int parameter_bytes) {
  return std::string(".version ") + version + "\n.target sm_75\n.address_size 64\n.visible .entry " + entry + "(\n.param .align 8 .b8 p[" +
         std::to_string(parameter_bytes) + "]\n)\n.maxntid 256, 1, 1\n{\nret;\n}\n";
}

inline void* make_stream(unsigned flags = non_blocking) {
  void* stream = nullptr;
  CHECK(cuStreamCreate(&stream, flags) == CUDA_SUCCESS);
  return stream;
}

inline void* make_event() {
  void* event = nullptr;
  CHECK(cuEventCreate(&event, 0) == CUDA_SUCCESS);
  return event;
}

inline CUdeviceptr make_words(std::size_t count) {
  CUdeviceptr words = 0;
  CHECK(cuMemAlloc_v2(&words, count * sizeof(unsigned)) == CUDA_SUCCESS);
  CHECK(words % 256 == 0);
  return words;
}

inline unsigned read(CUdeviceptr word) {
  unsigned value = 0;
  CHECK(cuMemcpyDtoH_v2(&value, word, sizeof value) == CUDA_SUCCESS);
  return value;
}

// The parts of the test.
void test_devices();
void test_memory();
void test_streams();
void test_captures();
void test_images();
void test_limits();
void test_faults();
