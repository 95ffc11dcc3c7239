#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "driver/state.h"
#include "include/ot_host_device.h"

using namespace ot_host;

OT_EXPORT void ot_host_fail_call(const char* name, long long k, int code) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  all.failing_name = name == nullptr ? "" : name;
  all.failing_in = k;
  all.failing_code = code;
}

OT_EXPORT unsigned long long ot_host_calls(const char* name) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  if (name == nullptr)
    return all.calls;
  auto found = all.calls_by_name.find(name);
  return found == all.calls_by_name.end() ? 0 : found->second;
}

OT_EXPORT unsigned long long ot_host_launched(const char* name) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  auto found = all.launched.find(name);
  return found == all.launched.end() ? 0 : found->second;
}

OT_EXPORT unsigned long long ot_host_live(int kind) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  switch (kind) {
  case ot_host_memory_blocks:
    return all.memory.size();
  case ot_host_memory_bytes:
    return all.memory_used;
  case ot_host_pinned_blocks:
    return all.pinned.size();
  case ot_host_streams:
    return all.streams.size();
  case ot_host_events:
    return all.events.size();
  case ot_host_modules:
    return all.modules.size();
  case ot_host_graphs:
    return all.graphs.size();
  case ot_host_executable_graphs:
    return all.executable_graphs.size();
  case ot_host_contexts:
    return all.contexts.size();
  case ot_host_blas_handles:
    return all.blas_handles.size();
  default:
    return 0;
  }
}

OT_EXPORT void ot_host_seed(unsigned long long seed) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  set_seed(seed);
  all.random.seed(seed);
  all.late = seed != 0;
}

OT_EXPORT void ot_host_threads(int count) { set_threads(count); }

OT_EXPORT int ot_host_limit(const char* name, long long value) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  device_limits& limits = all.limits;
  if (std::strcmp(name, "devices") == 0)
    limits.devices = static_cast<int>(value);
  else if (std::strcmp(name, "driver_version") == 0)
    limits.driver_version = static_cast<int>(value);
  else if (std::strcmp(name, "cublas_version") == 0)
    limits.cublas_version = static_cast<int>(value);
  else if (std::strcmp(name, "capability") == 0)
    std::tie(limits.capability_major, limits.capability_minor) = std::make_pair(static_cast<int>(value / 10), static_cast<int>(value % 10));
  else if (std::strcmp(name, "multiprocessors") == 0)
    limits.multiprocessors = static_cast<int>(value);
  else if (std::strcmp(name, "memory") == 0)
    limits.memory = static_cast<std::size_t>(value);
  else if (std::strcmp(name, "shared_opt_in") == 0)
    limits.shared_opt_in = static_cast<std::size_t>(value);
  else if (std::strcmp(name, "registers") == 0)
    limits.registers = static_cast<std::size_t>(value);
  else if (std::strcmp(name, "cooperative") == 0)
    limits.cooperative = static_cast<int>(value);
  else
    return 0;
  return 1;
}

OT_EXPORT int ot_host_last_report(char* text, int capacity) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  if (capacity > 0) {
    std::strncpy(text, all.report.c_str(), static_cast<std::size_t>(capacity));
    text[capacity - 1] = '\0';
  }

  return static_cast<int>(all.report.size());
}

OT_EXPORT int ot_host_is_instrumented() { return is_instrumented() ? 1 : 0; }
