// The host device as a library on top of the driver sees it.
#include "driver/library_host.h"

#include "driver/state.h"
#include "engine/memory.h"

using namespace ot_host;

namespace {

int library_call(const char* name, const std::function<int()>& body) { return call(name, needs::nothing, body); }

void* library_context() { return current_context(); }

bool is_sound() {
  context_state* context = current_context();
  return driver().initialised && context != nullptr && driver().contexts.count(context) != 0 && context->sticky == CUDA_SUCCESS;
}

bool may_make() { return is_sound() && !is_capturing_anywhere(); }

bool is_stream(void* stream) { return current_context() != nullptr && find_stream(stream) != nullptr; }

CUresult library_queue(void* handle, std::function<CUresult()> work) {
  stream_state* stream = find_stream(handle);
  if (stream == nullptr)
    return CUDA_ERROR_INVALID_HANDLE;
  context_state* context = stream->context;
  return enqueue(*stream, {.run = [context, work = std::move(work)]() -> CUresult {
    CUresult result = work();
    return result == CUDA_SUCCESS ? result : poison(*context, {result, driver().report});
  }});
}

CUresult library_read(const void* start, std::size_t bytes) {
  if (!is_device_range(start, bytes)) {
    driver().report = "a library reads outside a live allocation";
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  }

  std::size_t first = 0;
  if (!is_initialised(start, bytes, &first)) {
    driver().report = "a library reads device memory that nobody wrote, at byte " + std::to_string(first) + " of " + std::to_string(bytes);
    return CUDA_ERROR_LAUNCH_FAILED;
  }

  return CUDA_SUCCESS;
}

CUresult library_write(void* start, std::size_t bytes) {
  if (!is_device_range(start, bytes)) {
    driver().report = "a library writes outside a live allocation";
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  }

  mark_initialised(start, bytes);
  return CUDA_SUCCESS;
}

void add_handle(std::shared_ptr<void> handle) {
  void* address = handle.get();
  driver().blas_handles.emplace(address, std::make_pair(std::move(handle), current_context()));
}

void* find_handle(void* handle) { return driver().blas_handles.count(handle) != 0 ? handle : nullptr; }

void remove_handle(void* handle) { driver().blas_handles.erase(handle); }

int version() { return driver().limits.cublas_version; }

constexpr library_host functions{library_call,  library_context, may_make,   is_sound,    is_stream,     library_queue, library_read,
                                 library_write, is_device_range, add_handle, find_handle, remove_handle, version};

} // namespace

OT_EXPORT const library_host* ot_host_library() { return &functions; }
