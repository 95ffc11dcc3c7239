// Events: points in streams, with the time at which they were reached.
#include <chrono>

#include "driver/state.h"

using namespace ot_host;

namespace {

double now_milliseconds() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

CUresult with_event(const char* name, void* handle, const std::function<CUresult(event_state&)>& body) {
  return call(name, needs::context, [&]() -> CUresult {
    event_state* event = find_event(handle);
    return event == nullptr ? CUDA_ERROR_INVALID_HANDLE : body(*event);
  });
}

} // namespace

OT_EXPORT CUresult cuEventCreate(void** handle, unsigned flags) {
  return call("cuEventCreate", needs::context, [&] {
    constexpr unsigned disable_timing = 2;
    auto made = std::make_unique<event_state>();
    made->context = current_context();
    made->timed = (flags & disable_timing) == 0;
    *handle = made.get();
    driver().events.emplace(made.get(), std::move(made));
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuEventDestroy_v2(void* handle) {
  return with_event("cuEventDestroy_v2", handle, [](event_state& event) {
    driver().events.erase(&event);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuEventRecord(void* event_handle, void* handle) {
  return with_stream("cuEventRecord", handle, [&](stream_state& stream) -> CUresult {
    event_state* event = find_event(event_handle);
    if (event == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (stream.capture != nullptr) {
      event->capture = stream.capture;
      return CUDA_SUCCESS;
    }

    unsigned long long version = ++event->recorded;
    return enqueue(stream, {[event, version]() -> CUresult {
                              if (driver().events.count(event) != 0) {
                                event->completed = version;
                                event->milliseconds = now_milliseconds();
                              }

                              return CUDA_SUCCESS;
                            },
                            nullptr, 0});
  });
}

OT_EXPORT CUresult cuEventQuery(void* handle) {
  return with_event("cuEventQuery", handle,
                    [](event_state& event) -> CUresult { return event.completed < event.recorded ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS; });
}

OT_EXPORT CUresult cuEventSynchronize(void* handle) {
  return with_event("cuEventSynchronize", handle,
                    [](event_state& event) -> CUresult { return event.completed < event.recorded ? drain_all(*event.context) : CUDA_SUCCESS; });
}

OT_EXPORT CUresult cuEventElapsedTime(float* milliseconds, void* first, void* second) {
  return call("cuEventElapsedTime", needs::context, [&]() -> CUresult {
    event_state* from = find_event(first);
    event_state* to = find_event(second);
    if (from == nullptr || to == nullptr || from->recorded == 0 || to->recorded == 0 || !from->timed || !to->timed)
      return CUDA_ERROR_INVALID_HANDLE;
    if (from->completed < from->recorded || to->completed < to->recorded)
      return CUDA_ERROR_NOT_READY;
    *milliseconds = static_cast<float>(to->milliseconds - from->milliseconds);
    return CUDA_SUCCESS;
  });
}
