#include "driver/state.h"

#include <exception>
#include <new>

namespace ot_host {

driver_state& driver() {
  static driver_state instance;
  return instance;
}

std::vector<context_state*>& context_stack() {
  static thread_local std::vector<context_state*> stack;
  return stack;
}

context_state* current_context() {
  std::vector<context_state*>& stack = context_stack();
  return stack.empty() ? nullptr : stack.back();
}

static bool is_sticky(CUresult code) {
  return code == CUDA_ERROR_ILLEGAL_ADDRESS || code == CUDA_ERROR_LAUNCH_FAILED || code == CUDA_ERROR_ECC_UNCORRECTABLE ||
         code == CUDA_ERROR_CONTEXT_IS_DESTROYED || code == CUDA_ERROR_LAUNCH_TIMEOUT;
}

static bool fails_now(driver_state& all, const char* name) {
  if (all.failing_in == 0 || (!all.failing_name.empty() && all.failing_name != name))
    return false;
  return --all.failing_in == 0;
}

void count_call(const char* name) { driver().calls_by_name[name]++; }

CUresult call(const char* name, needs need, const std::function<CUresult()>& body) {
  driver_state& all = driver();
  std::lock_guard<std::recursive_mutex> guard(all.lock);
  all.calls++;
  count_call(name);
  context_state* context = current_context();
  bool known = context != nullptr && all.contexts.count(context) != 0;
  if (fails_now(all, name)) {
    if (known && is_sticky(all.failing_code))
      context->sticky = all.failing_code;
    return all.failing_code;
  }

  if (need != needs::nothing && !all.initialised)
    return CUDA_ERROR_NOT_INITIALIZED;
  if (need == needs::context || need == needs::context_even_if_bad) {
    if (context == nullptr)
      return CUDA_ERROR_INVALID_CONTEXT;
    if (!known)
      return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    if (need == needs::context && context->sticky != CUDA_SUCCESS)
      return context->sticky;
  }

  try {
    return body();
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception&) {
    return CUDA_ERROR_UNKNOWN;
  }
}

CUresult poison(context_state& context, const fault& found) {
  context.sticky = found.code;
  driver().report = found.text;
  return found.code;
}

} // namespace ot_host
