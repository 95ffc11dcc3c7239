// Events: points in streams, with the time at which they were reached.
#include <algorithm>
#include <chrono>

#include "driver/state.h"

using namespace ot_host;

namespace ot_host {

event_state* find_event(void* handle) {
  auto found = driver().events.find(static_cast<event_state*>(handle));
  return found == driver().events.end() ? nullptr : found->first;
}

} // namespace ot_host

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
    auto made = std::make_shared<event_state>();
    made->context = current_context();
    made->timed = (flags & disable_timing) == 0;
    *handle = made.get();
    driver().events.emplace(made.get(), made);
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
    event->capture = stream.capture;
    if (stream.capture != nullptr) {
      event->captured_at = stream.capture->reached[&stream];
      return CUDA_SUCCESS;
    }

    unsigned long long version = ++event->recorded;
    return enqueue(stream, {.run = [kept = driver().events.at(event), version]() -> CUresult {
                     kept->completed = std::max(kept->completed, version);
                     kept->milliseconds = now_milliseconds();
                     return CUDA_SUCCESS;
                   }});
  });
}

OT_EXPORT CUresult cuEventQuery(void* handle) {
  return with_event("cuEventQuery", handle, [](event_state& event) -> CUresult {
    if (event.capture != nullptr)
      return CUDA_ERROR_CAPTURED_EVENT;
    CUresult result = event.completed < event.recorded ? advance(*event.context) : CUDA_SUCCESS;
    if (result != CUDA_SUCCESS)
      return result;
    return event.completed < event.recorded ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuEventSynchronize(void* handle) {
  return with_event("cuEventSynchronize", handle, [](event_state& event) -> CUresult {
    if (event.capture != nullptr)
      return CUDA_ERROR_CAPTURED_EVENT;
    // No more runs than it takes, so that what nobody waited for stays undone.
    while (event.completed < event.recorded) {
      CUresult result = advance(*event.context);
      if (result != CUDA_SUCCESS)
        return result;
    }

    return CUDA_SUCCESS;
  });
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
