// Streams: their lives, waits and queries.
#include <algorithm>

#include "driver/state.h"

using namespace ot_host;

namespace ot_host {

CUresult with_stream(const char* name, void* handle, const std::function<CUresult(stream_state&)>& body) {
  return call(name, needs::context, [&]() -> CUresult {
    stream_state* stream = find_stream(handle);
    return stream == nullptr ? CUDA_ERROR_INVALID_HANDLE : body(*stream);
  });
}

} // namespace ot_host

namespace {

CUresult create_stream(const char* name, void** handle, unsigned flags) {
  return call(name, needs::context, [&] {
    auto made = std::make_unique<stream_state>();
    made->context = current_context();
    made->blocking = (flags & CU_STREAM_NON_BLOCKING) == 0;
    *handle = made.get();
    driver().streams.emplace(made.get(), std::move(made));
    return CUDA_SUCCESS;
  });
}

} // namespace

OT_EXPORT CUresult cuStreamCreate(void** stream, unsigned flags) { return create_stream("cuStreamCreate", stream, flags); }

OT_EXPORT CUresult cuStreamDestroy_v2(void* handle) {
  return with_stream("cuStreamDestroy_v2", handle, [&](stream_state& stream) -> CUresult {
    if (handle == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (std::shared_ptr<capture_state> capture = stream.capture; capture != nullptr) {
      capture->invalid = true;
      stream.capture = nullptr;
      if (capture->origin == &stream)
        leave_capture(capture);
    }

    // A stream that is destroyed still does its work.
    CUresult result = drain(stream);
    driver().streams.erase(&stream);
    return result;
  });
}

OT_EXPORT CUresult cuStreamSynchronize(void* handle) {
  return with_stream("cuStreamSynchronize", handle, [](stream_state& stream) -> CUresult {
    if (stream.capture != nullptr) {
      stream.capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }

    return drain(stream);
  });
}

OT_EXPORT CUresult cuStreamQuery(void* handle) {
  return with_stream("cuStreamQuery", handle, [](stream_state& stream) -> CUresult {
    if (stream.capture != nullptr) {
      stream.capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }

    CUresult result = stream.queue.empty() ? CUDA_SUCCESS : advance(*stream.context);
    if (result != CUDA_SUCCESS)
      return result;
    return stream.queue.empty() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
  });
}

OT_EXPORT CUresult cuStreamWaitEvent(void* handle, void* event_handle, unsigned) {
  return with_stream("cuStreamWaitEvent", handle, [&](stream_state& stream) -> CUresult {
    event_state* event = find_event(event_handle);
    if (event == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (event->capture != nullptr) {
      if (stream.capture == nullptr)
        stream.capture = event->capture;
      if (stream.capture != event->capture) {
        stream.capture->invalid = true;
        event->capture->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_MERGE;
      }

      // Nodes of a capture run in the order in which they were captured, which is one of the orders that events allow.
      capture_point& reached = stream.capture->reached[&stream];
      for (auto& [other, nodes] : event->captured_at)
        reached[other] = std::max(reached[other], nodes);
      return CUDA_SUCCESS;
    }

    if (stream.capture != nullptr) {
      stream.capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
    }

    return enqueue(stream, {nullptr, driver().events.at(event), event->recorded});
  });
}

OT_EXPORT CUresult cuStreamGetCtx(void* handle, context_state** context) {
  return with_stream("cuStreamGetCtx", handle, [&](stream_state& stream) {
    *context = stream.context;
    return CUDA_SUCCESS;
  });
}
