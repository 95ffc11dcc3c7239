// Captures, and the graphs that they become.
#include "driver/state.h"

using namespace ot_host;

namespace ot_host {

void leave_capture(const std::shared_ptr<capture_state>& capture) {
  for (auto& entry : driver().streams) {
    if (entry.first->capture == capture)
      entry.first->capture = nullptr;
  }

  for (auto& entry : driver().events) {
    if (entry.first->capture == capture)
      entry.first->capture = nullptr;
  }
}

bool is_capturing_anywhere() {
  for (auto& entry : driver().streams) {
    if (entry.first->capture != nullptr)
      return true;
  }

  return false;
}

} // namespace ot_host

namespace {

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

CUresult add_graph(std::map<graph_state*, std::unique_ptr<graph_state>>& into, std::vector<operation> nodes, void** handle) {
  auto made = std::make_unique<graph_state>();
  made->context = current_context();
  made->nodes = std::move(nodes);
  *handle = made.get();
  into.emplace(made.get(), std::move(made));
  return CUDA_SUCCESS;
}

} // namespace

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

OT_EXPORT CUresult cuStreamIsCapturing(void* handle, int* status) {
  return with_stream("cuStreamIsCapturing", handle, [&](stream_state& stream) {
    *status = stream.capture == nullptr ? 0 : stream.capture->invalid ? 2 : 1;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuStreamEndCapture(void* handle, void** graph) {
  return with_stream("cuStreamEndCapture", handle, [&](stream_state& stream) -> CUresult {
    if (stream.capture == nullptr || stream.capture->origin != &stream)
      return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
    std::shared_ptr<capture_state> capture = stream.capture;
    leave_capture(capture);
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
