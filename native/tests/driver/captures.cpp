// Captures and graphs.
#include "tests/driver/client.h"

namespace {

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

} // namespace

void test_captures() {
  captures_become_graphs();
  what_a_capture_does_not_permit();
}
