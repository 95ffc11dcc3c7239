// Streams, captures and graphs. Work stays queued until somebody waits for it; then streams advance in an order drawn by the
// seed, each in its own order and behind the events it awaits. Without a seed, work runs when it is queued if nothing stands before it.
#include <algorithm>

#include "driver/state.h"

using namespace ot_host;

namespace ot_host {

namespace {

bool is_behind(const stream_state* other, unsigned long long ticket) {
  return other == nullptr || other->queue.empty() || other->queue.front().ticket > ticket;
}

/// The first piece of work of a stream can run once the event it awaits has come, and, between the null stream and those that are
/// blocking, in the order in which both were queued.
bool can_run(const stream_state& stream) {
  if (stream.queue.empty())
    return false;
  const operation& first = stream.queue.front();
  if (first.awaits != nullptr && first.awaits->completed < first.version)
    return false;
  const stream_state* null_stream = stream.context->null_stream.get();
  if (&stream != null_stream)
    return !stream.blocking || is_behind(null_stream, first.ticket);
  for (auto& entry : driver().streams) {
    if (entry.first->context == stream.context && entry.first->blocking && !is_behind(entry.first, first.ticket))
      return false;
  }

  return true;
}

CUresult run_first(stream_state& stream) {
  operation work = std::move(stream.queue.front());
  stream.queue.pop_front();
  if (stream.context->sticky != CUDA_SUCCESS)
    return stream.context->sticky;
  return work.run ? work.run() : CUDA_SUCCESS;
}

stream_state* null_stream(context_state* context) {
  if (context->null_stream == nullptr) {
    context->null_stream = std::make_unique<stream_state>();
    context->null_stream->context = context;
    context->null_stream->blocking = true;
  }

  return context->null_stream.get();
}

std::vector<stream_state*> ready_streams(context_state& context) {
  std::vector<stream_state*> ready;
  if (can_run(*null_stream(&context)))
    ready.push_back(context.null_stream.get());
  for (auto& entry : driver().streams) {
    if (entry.first->context == &context && can_run(*entry.first))
      ready.push_back(entry.first);
  }

  return ready;
}

/// The capture ends for every stream and event that took part.
void leave(const std::shared_ptr<capture_state>& capture) {
  for (auto& entry : driver().streams) {
    if (entry.first->capture == capture)
      entry.first->capture = nullptr;
  }

  for (auto& entry : driver().events) {
    if (entry.first->capture == capture)
      entry.first->capture = nullptr;
  }
}

bool is_joined(const capture_state& capture) {
  const capture_point& end = capture.reached.at(capture.origin);
  for (auto& [stream, reached] : capture.reached) {
    auto own = reached.find(stream);
    auto seen = end.find(stream);
    if (own != reached.end() && (seen == end.end() || seen->second < own->second))
      return false;
  }

  return true;
}

} // namespace

stream_state* find_stream(void* handle) {
  if (handle == nullptr)
    return null_stream(current_context());
  auto found = driver().streams.find(static_cast<stream_state*>(handle));
  return found == driver().streams.end() ? nullptr : found->first;
}

CUresult enqueue(stream_state& stream, operation work) {
  if (stream.capture != nullptr) {
    if (stream.capture->invalid)
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    stream.capture->reached[&stream][&stream]++;
    stream.capture->nodes.push_back(std::move(work));
    return CUDA_SUCCESS;
  }

  work.ticket = ++driver().tickets;
  stream.queue.push_back(std::move(work));
  if (driver().late)
    return CUDA_SUCCESS;
  CUresult result = CUDA_SUCCESS;
  while (result == CUDA_SUCCESS && can_run(stream))
    result = run_first(stream);
  return result;
}

CUresult drain(stream_state& stream) {
  CUresult result = CUDA_SUCCESS;
  while (!stream.queue.empty()) {
    std::vector<stream_state*> ready = ready_streams(*stream.context);
    if (ready.empty())
      return CUDA_ERROR_UNKNOWN;
    stream_state& chosen = driver().late ? *ready[driver().random() % ready.size()] : (can_run(stream) ? stream : *ready.front());
    CUresult found = run_first(chosen);
    result = result == CUDA_SUCCESS ? found : result;
  }

  return result != CUDA_SUCCESS ? result : stream.context->sticky;
}

CUresult drain_all(context_state& context) {
  CUresult result = drain(*null_stream(&context));
  for (auto& entry : driver().streams) {
    if (entry.first->context != &context || entry.first->capture != nullptr)
      continue;
    CUresult found = drain(*entry.first);
    result = result == CUDA_SUCCESS ? found : result;
  }

  return result != CUDA_SUCCESS ? result : context.sticky;
}

CUresult advance(context_state& context) {
  std::vector<stream_state*> ready = ready_streams(context);
  return ready.empty() ? CUDA_ERROR_UNKNOWN : run_first(*ready[driver().random() % ready.size()]);
}

bool is_capturing_anywhere() {
  for (auto& entry : driver().streams) {
    if (entry.first->capture != nullptr)
      return true;
  }

  return false;
}

event_state* find_event(void* handle) {
  auto found = driver().events.find(static_cast<event_state*>(handle));
  return found == driver().events.end() ? nullptr : found->first;
}

CUresult with_stream(const char* name, void* handle, const std::function<CUresult(stream_state&)>& body) {
  return call(name, needs::context, [&]() -> CUresult {
    stream_state* stream = find_stream(handle);
    return stream == nullptr ? CUDA_ERROR_INVALID_HANDLE : body(*stream);
  });
}

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

CUresult add_graph(std::map<graph_state*, std::unique_ptr<graph_state>>& into, std::vector<operation> nodes, void** handle) {
  auto made = std::make_unique<graph_state>();
  made->context = current_context();
  made->nodes = std::move(nodes);
  *handle = made.get();
  into.emplace(made.get(), std::move(made));
  return CUDA_SUCCESS;
}

} // namespace

} // namespace ot_host

OT_EXPORT CUresult cuStreamCreate(void** stream, unsigned flags) { return create_stream("cuStreamCreate", stream, flags); }

OT_EXPORT CUresult cuStreamDestroy_v2(void* handle) {
  return with_stream("cuStreamDestroy_v2", handle, [&](stream_state& stream) -> CUresult {
    if (handle == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (std::shared_ptr<capture_state> capture = stream.capture; capture != nullptr) {
      capture->invalid = true;
      stream.capture = nullptr;
      if (capture->origin == &stream)
        leave(capture);
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

OT_EXPORT CUresult cuStreamIsCapturing(void* handle, int* status) {
  return with_stream("cuStreamIsCapturing", handle, [&](stream_state& stream) {
    *status = stream.capture == nullptr ? 0 : stream.capture->invalid ? 2 : 1;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuStreamGetCtx(void* handle, context_state** context) {
  return with_stream("cuStreamGetCtx", handle, [&](stream_state& stream) {
    *context = stream.context;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuStreamBeginCapture_v2(void* handle, int) {
  return with_stream("cuStreamBeginCapture_v2", handle, [&](stream_state& stream) -> CUresult {
    if (handle == nullptr)
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (stream.capture != nullptr)
      return CUDA_ERROR_INVALID_VALUE;
    stream.capture = std::make_shared<capture_state>();
    stream.capture->origin = &stream;
    stream.capture->reached[&stream];
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuStreamEndCapture(void* handle, void** graph) {
  return with_stream("cuStreamEndCapture", handle, [&](stream_state& stream) -> CUresult {
    if (stream.capture == nullptr || stream.capture->origin != &stream)
      return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
    std::shared_ptr<capture_state> capture = stream.capture;
    leave(capture);
    *graph = nullptr;
    if (!capture->invalid && !is_joined(*capture))
      return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    return capture->invalid ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : add_graph(driver().graphs, std::move(capture->nodes), graph);
  });
}

OT_EXPORT CUresult cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
  return call("cuGraphInstantiateWithFlags", needs::context, [&]() -> CUresult {
    auto found = driver().graphs.find(static_cast<graph_state*>(graph));
    return found == driver().graphs.end() ? CUDA_ERROR_INVALID_VALUE : add_graph(driver().executable_graphs, found->second->nodes, executable);
  });
}

OT_EXPORT CUresult cuGraphLaunch(void* executable, void* handle) {
  return with_stream("cuGraphLaunch", handle, [&](stream_state& stream) -> CUresult {
    auto found = driver().executable_graphs.find(static_cast<graph_state*>(executable));
    if (found == driver().executable_graphs.end())
      return CUDA_ERROR_INVALID_VALUE;
    CUresult result = CUDA_SUCCESS;
    for (const operation& node : found->second->nodes) {
      CUresult queued = enqueue(stream, node);
      result = result == CUDA_SUCCESS ? queued : result;
    }

    return result;
  });
}

OT_EXPORT CUresult cuGraphDestroy(void* graph) {
  return call("cuGraphDestroy", needs::initialisation,
              [&]() -> CUresult { return driver().graphs.erase(static_cast<graph_state*>(graph)) == 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS; });
}

OT_EXPORT CUresult cuGraphExecDestroy(void* executable) {
  return call("cuGraphExecDestroy", needs::initialisation, [&]() -> CUresult {
    return driver().executable_graphs.erase(static_cast<graph_state*>(executable)) == 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
  });
}
