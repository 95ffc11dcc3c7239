// The driver's entry points as a client calls them: what a missing wait shows, captures, faults, limits, and that nothing is left alive.
#include <string>
#include <vector>

#include "driver/cuda_abi.h"
#include "engine/launch.h"
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
CUresult cuDeviceGet(CUdevice*, int);
CUresult cuDevicePrimaryCtxRetain(context_handle*, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuCtxPushCurrent_v2(context_handle);
CUresult cuCtxPopCurrent_v2(context_handle*);
CUresult cuCtxSynchronize();
CUresult cuModuleLoadDataEx(module_handle*, const void*, unsigned, int*, void**);
CUresult cuModuleUnload(module_handle);
CUresult cuModuleGetFunction(void**, module_handle, const char*);
CUresult cuFuncSetAttribute(void*, int, int);
CUresult cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
CUresult cuLaunchCooperativeKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**);
CUresult cuMemAlloc_v2(CUdeviceptr*, std::size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemHostAlloc(void**, std::size_t, unsigned);
CUresult cuMemFreeHost(void*);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, std::size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, std::size_t);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, std::size_t, void*);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, std::size_t, void*);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, std::size_t, void*);
CUresult cuStreamCreate(void**, unsigned);
CUresult cuStreamDestroy_v2(void*);
CUresult cuStreamSynchronize(void*);
CUresult cuStreamQuery(void*);
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

namespace {

constexpr unsigned non_blocking = CU_STREAM_NON_BLOCKING;
constexpr int threads = 64;

std::string image(const char* version, const char* entry, int parameter_bytes) {
  return std::string(".version ") + version + "\n.target sm_75\n.address_size 64\n.visible .entry " + entry + "(\n.param .align 8 .b8 p[" +
         std::to_string(parameter_bytes) + "]\n)\n.maxntid 256, 1, 1\n{\nret;\n}\n";
}

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

void* make_stream(unsigned flags = non_blocking) {
  void* stream = nullptr;
  CHECK(cuStreamCreate(&stream, flags) == CUDA_SUCCESS);
  return stream;
}

void* make_event() {
  void* event = nullptr;
  CHECK(cuEventCreate(&event, 0) == CUDA_SUCCESS);
  return event;
}

CUdeviceptr make_words(std::size_t count) {
  CUdeviceptr words = 0;
  CHECK(cuMemAlloc_v2(&words, count * sizeof(unsigned)) == CUDA_SUCCESS);
  CHECK(words % 256 == 0);
  return words;
}

unsigned read(CUdeviceptr word) {
  unsigned value = 0;
  CHECK(cuMemcpyDtoH_v2(&value, word, sizeof value) == CUDA_SUCCESS);
  return value;
}

void calls_before_initialisation_and_without_a_context() {
  CUdevice device = 0;
  CUdeviceptr address = 0;
  CHECK(cuDeviceGet(&device, 0) == CUDA_ERROR_NOT_INITIALIZED);
  CHECK(cuInit(0) == CUDA_SUCCESS);
  CHECK(cuDeviceGet(&device, 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuMemAlloc_v2(&address, 4) == CUDA_ERROR_INVALID_CONTEXT);
}

/// Late, a pinned source is read when the copy runs, and a pinned destination has the values only once somebody waited.
void a_missing_wait_shows() {
  scope here;
  void* stream = make_stream();
  CUdeviceptr word = make_words(1);
  void* pinned = nullptr;
  CHECK(cuMemHostAlloc(&pinned, sizeof(unsigned), 0) == CUDA_SUCCESS);
  auto* value = static_cast<unsigned*>(pinned);
  *value = 1;
  CHECK(cuMemcpyHtoDAsync_v2(word, value, sizeof *value, stream) == CUDA_SUCCESS);
  *value = 2; // too early
  CHECK(cuStreamSynchronize(stream) == CUDA_SUCCESS);
  CHECK(read(word) == 2);
  unsigned pageable = 3;
  CHECK(cuMemcpyHtoDAsync_v2(word, &pageable, sizeof pageable, stream) == CUDA_SUCCESS);
  pageable = 4; // staged by then
  CHECK(cuMemcpyDtoHAsync_v2(value, word, sizeof *value, stream) == CUDA_SUCCESS);
  CHECK(*value == 2);
  CHECK(cuStreamSynchronize(stream) == CUDA_SUCCESS);
  CHECK(*value == 3);
  CHECK(cuMemsetD32Async(word, 5, 1, stream) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoHAsync_v2(&pageable, word, sizeof pageable, stream) == CUDA_SUCCESS);
  CHECK(pageable == 5);
  CHECK(cuMemFreeHost(pinned) == CUDA_SUCCESS);
  CHECK(cuMemFree_v2(word) == CUDA_SUCCESS);
  CHECK(cuMemFree_v2(word) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuStreamDestroy_v2(stream) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(stream) == CUDA_ERROR_INVALID_HANDLE);
}

/// How often the second of two streams comes last, with an event between them or without.
int second_is_last(bool waits, bool destroys_event) {
  int last = 0;
  for (unsigned long long seed = 1; seed <= 40; seed++) {
    ot_host_seed(seed);
    scope here;
    void* first = make_stream();
    void* second = make_stream();
    void* event = make_event();
    CUdeviceptr word = make_words(1);
    CHECK(cuMemsetD32Async(word, 1, 1, first) == CUDA_SUCCESS);
    CHECK(cuEventRecord(event, first) == CUDA_SUCCESS);
    CHECK(!waits || cuStreamWaitEvent(second, event, 0) == CUDA_SUCCESS);
    if (destroys_event)
      CHECK(cuEventDestroy_v2(event) == CUDA_SUCCESS);
    CHECK(cuMemsetD32Async(word, 2, 1, second) == CUDA_SUCCESS);
    CHECK(cuCtxSynchronize() == CUDA_SUCCESS);
    last += read(word) == 2 ? 1 : 0;
    // What is still there goes with the context.
  }

  ot_host_seed(1);
  return last;
}

void streams_are_ordered_by_events_alone() {
  CHECK(second_is_last(true, false) == 40);
  CHECK(second_is_last(true, true) == 40);
  int last = second_is_last(false, false);
  CHECK(last > 0 && last < 40);
}

void the_null_stream_waits_for_blocking_streams_only() {
  scope here;
  void* blocking = make_stream(0);
  void* free_stream = make_stream();
  CUdeviceptr words = make_words(2);
  unsigned zeros[2] = {};
  CHECK(cuMemcpyHtoD_v2(words, zeros, sizeof zeros) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(words, 7, 1, blocking) == CUDA_SUCCESS);
  CHECK(read(words) == 7);
  CHECK(cuMemsetD32Async(words, 8, 1, nullptr) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(words, 9, 1, blocking) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(blocking) == CUDA_SUCCESS);
  CHECK(read(words) == 9);
  void* event = make_event();
  CHECK(cuEventRecord(event, nullptr) == CUDA_SUCCESS);
  CHECK(cuStreamWaitEvent(free_stream, event, 0) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(words, 10, 1, free_stream) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(free_stream) == CUDA_SUCCESS);
  CHECK(read(words) == 10);
}

void queries_make_progress() {
  scope here;
  void* first = make_stream();
  void* second = make_stream();
  void* start = make_event();
  void* end = make_event();
  CUdeviceptr word = make_words(1);
  CHECK(cuEventRecord(start, first) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(word, 1, 1, first) == CUDA_SUCCESS);
  CHECK(cuEventRecord(end, first) == CUDA_SUCCESS);
  CHECK(cuStreamWaitEvent(second, end, 0) == CUDA_SUCCESS);
  float milliseconds = -1;
  CHECK(cuEventElapsedTime(&milliseconds, start, end) == CUDA_ERROR_NOT_READY);
  int asked = 0;
  while (cuStreamQuery(second) == CUDA_ERROR_NOT_READY && asked < 100)
    asked++;
  CHECK(asked > 0 && asked < 100);
  CHECK(cuEventQuery(end) == CUDA_SUCCESS);
  CHECK(cuEventElapsedTime(&milliseconds, start, end) == CUDA_SUCCESS && milliseconds >= 0);
}

void captures_become_graphs() {
  scope here;
  void* origin = make_stream();
  void* other = make_stream();
  void* fork = make_event();
  void* join = make_event();
  CUdeviceptr words = make_words(2);
  void* graph = nullptr;
  void* executable = nullptr;
  auto branch = [&] {
    CHECK(cuStreamBeginCapture_v2(origin, 1) == CUDA_SUCCESS);
    CHECK(cuMemsetD32Async(words, 3, 1, origin) == CUDA_SUCCESS);
    CHECK(cuEventRecord(fork, origin) == CUDA_SUCCESS);
    CHECK(cuStreamWaitEvent(other, fork, 0) == CUDA_SUCCESS);
    CHECK(cuMemsetD32Async(words + 4, 4, 1, other) == CUDA_SUCCESS);
  };

  branch();
  CHECK(cuEventQuery(fork) == CUDA_ERROR_CAPTURED_EVENT);
  CHECK(cuStreamEndCapture(other, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  CHECK(cuStreamEndCapture(origin, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  branch();
  CHECK(cuEventRecord(join, other) == CUDA_SUCCESS);
  CHECK(cuStreamWaitEvent(origin, join, 0) == CUDA_SUCCESS);
  CHECK(cuStreamEndCapture(origin, &graph) == CUDA_SUCCESS);
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  CHECK(cuGraphDestroy(graph) == CUDA_SUCCESS);
  CHECK(cuGraphDestroy(graph) == CUDA_ERROR_INVALID_VALUE);
  for (int time = 0; time < 3; time++) {
    unsigned zeros[2] = {};
    CHECK(cuMemcpyHtoD_v2(words, zeros, sizeof zeros) == CUDA_SUCCESS);
    CHECK(cuGraphLaunch(executable, other) == CUDA_SUCCESS);
    CHECK(cuStreamSynchronize(other) == CUDA_SUCCESS);
    CHECK(read(words) == 3 && read(words + 4) == 4);
  }

  CHECK(cuGraphExecDestroy(executable) == CUDA_SUCCESS);
}

void what_a_capture_does_not_permit() {
  scope here;
  void* stream = make_stream();
  void* outside = make_stream();
  void* event = make_event();
  void* graph = nullptr;
  CHECK(cuStreamBeginCapture_v2(stream, 1) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(stream) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuStreamEndCapture(stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(cuEventRecord(event, outside) == CUDA_SUCCESS);
  CHECK(cuStreamBeginCapture_v2(stream, 1) == CUDA_SUCCESS);
  CHECK(cuStreamWaitEvent(stream, event, 0) == CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  CHECK(cuStreamDestroy_v2(stream) == CUDA_SUCCESS);
  CHECK(cuCtxSynchronize() == CUDA_SUCCESS);
}

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

int main() {
  calls_before_initialisation_and_without_a_context();
  ot_host_seed(1);
  a_missing_wait_shows();
  streams_are_ordered_by_events_alone();
  the_null_stream_waits_for_blocking_streams_only();
  queries_make_progress();
  captures_become_graphs();
  what_a_capture_does_not_permit();
  images_and_limits();
  a_fault_stays_until_the_context_goes();
  every_call_fails_once();
  return finish();
}
