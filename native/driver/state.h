// All that the driver knows: its modelled device, contexts, and every live object by its handle. One lock guards everything; a kernel
// runs under it, since calls of other threads could not be told apart from later ones anyhow.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "driver/cuda_abi.h"
#include "driver/registers.h"
#include "engine/launch.h"

namespace ot_host {

/// The device that is modelled; changed by ot_host_limits before contexts are made.
struct device_limits {
  int devices = 1;
  int driver_version = 12040;
  int cublas_version = 120405;
  int capability_major = 9;
  int capability_minor = 0;
  int multiprocessors = 4;
  int cooperative = 1;
  std::size_t registers = 65536; // of a multiprocessor, and of a block at most
  std::size_t shared_block = 48 << 10;
  std::size_t shared_opt_in = 227 << 10;
  std::size_t shared_multiprocessor = 228 << 10;
  std::size_t memory = std::size_t{4} << 30;
};

struct stream_state;
struct event_state;

struct context_state {
  int device = 0;
  int holders = 0; // of a primary context
  CUresult sticky = CUDA_SUCCESS;
  std::unique_ptr<stream_state> null_stream;
};

/// One piece of work in a stream, or one node of a graph.
struct operation {
  std::function<CUresult()> run;
  std::shared_ptr<event_state> awaits{}; // not before this event has come so far, even if its handle is gone by then
  unsigned long long version = 0;
  unsigned long long ticket = 0; // the order in which work was queued, over all streams
};

/// How many nodes of each stream of a capture come before a point of it.
using capture_point = std::map<stream_state*, std::size_t>;

struct capture_state {
  std::vector<operation> nodes;
  stream_state* origin = nullptr;
  std::map<stream_state*, capture_point> reached; // by each stream that takes part
  bool invalid = false;
};

struct stream_state {
  context_state* context = nullptr;
  bool blocking = false;
  std::deque<operation> queue;
  std::shared_ptr<capture_state> capture;
};

struct event_state {
  context_state* context = nullptr;
  unsigned long long recorded = 0;
  unsigned long long completed = 0;
  double milliseconds = 0;
  bool timed = true;
  std::shared_ptr<capture_state> capture; // recorded within this capture
  capture_point captured_at;
};

struct ptx_entry {
  std::size_t parameter_bytes = 0;
  unsigned most_threads = 1024;
};

struct module_state;

struct function_state {
  module_state* owner = nullptr;
  const kernel_record* kernel = nullptr;
  kernel_resources resources;
  std::size_t dynamic_limit = 0; // bytes of dynamic shared memory
  unsigned most_threads = 1024;
};

struct module_state {
  context_state* context = nullptr;
  int target = 0; // 75 for sm_75
  std::map<std::string, ptx_entry> entries;
  std::map<std::string, std::unique_ptr<function_state>> functions;
};

struct graph_state {
  context_state* context = nullptr;
  std::vector<operation> nodes;
};

struct pinned_block {
  std::size_t bytes;
  context_state* context;
};

struct driver_state {
  std::recursive_mutex lock;
  bool initialised = false;
  device_limits limits;
  std::map<context_state*, std::unique_ptr<context_state>> contexts;
  std::map<int, context_state*> primary;
  std::map<stream_state*, std::unique_ptr<stream_state>> streams;
  std::map<event_state*, std::shared_ptr<event_state>> events;
  std::map<module_state*, std::unique_ptr<module_state>> modules;
  std::map<graph_state*, std::unique_ptr<graph_state>> graphs;
  std::map<graph_state*, std::unique_ptr<graph_state>> executable_graphs;
  std::map<CUdeviceptr, std::pair<std::size_t, context_state*>> memory;
  std::map<void*, pinned_block> pinned;
  std::size_t memory_used = 0;
  std::map<void*, std::pair<std::shared_ptr<void>, context_state*>> blas_handles;
  std::mt19937_64 random{0};
  bool late = false;
  unsigned long long tickets = 0;
  std::string report;
  // Calls, and the one that is to fail.
  unsigned long long calls = 0;
  std::map<std::string_view, unsigned long long> calls_by_name;
  std::string failing_name;
  long long failing_in = 0; // 0: none
  CUresult failing_code = CUDA_SUCCESS;
  // Launches that ended without a fault, by the name of the entry.
  std::map<std::string, unsigned long long> launched;
};

driver_state& driver();

/// The contexts of this host thread, the current one last.
std::vector<context_state*>& context_stack();

enum class needs { nothing, initialisation, context, context_even_if_bad };

/// Takes down that a call was made; the names are literals. Under the lock.
void count_call(const char* name);

/// The frame of every entry point: counts, fails if it is told to, checks what the call needs, and runs it under the lock.
CUresult call(const char* name, needs need, const std::function<CUresult()>& body);

context_state* current_context();

/// A stream by its handle; the null handle is a stream of the current context. Null where there is no such stream.
stream_state* find_stream(void* handle);

/// An event by its handle; null where there is none.
event_state* find_event(void* handle);

/// A call on a stream, refused where there is no such stream.
CUresult with_stream(const char* name, void* handle, const std::function<CUresult(stream_state&)>& body);

/// Queues work, or adds it to the capture under way.
CUresult enqueue(stream_state& stream, operation work);

/// Runs what the stream still has to do, and of other streams what chance lets run before it.
CUresult drain(stream_state& stream);
CUresult drain_all(context_state& context);

/// One piece of work of the context: what a device does while somebody asks whether it is done.
CUresult advance(context_state& context);
bool is_capturing_anywhere();

/// The capture ends for every stream and event that took part.
void leave_capture(const std::shared_ptr<capture_state>& capture);

/// Takes down a fault of a kernel: the context is bad from now on.
CUresult poison(context_state& context, const fault& found);

} // namespace ot_host
