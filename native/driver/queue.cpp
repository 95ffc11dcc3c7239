// The order of work. It stays queued until somebody waits for it; then streams advance in an order drawn by the seed, each in its own order
// and behind the events it awaits. Without a seed, work runs when it is queued if nothing stands before it.
#include "driver/state.h"

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

} // namespace ot_host
