// Streams: what a missing wait shows, events between streams, the null stream, queries.
#include "tests/driver/client.h"

namespace {

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

} // namespace

void test_streams() {
  a_missing_wait_shows();
  streams_are_ordered_by_events_alone();
  the_null_stream_waits_for_blocking_streams_only();
  queries_make_progress();
}
