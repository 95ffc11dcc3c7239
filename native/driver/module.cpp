// Modules and launches. An image is PTX: what it declares (its entries, the bytes of their parameter, their bounds) must agree with the
// kernels that are compiled in, which are what runs.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "driver/state.h"

using namespace ot_host;

namespace {

/// Version 7.0 of PTX came with driver 11.0, and minor numbers have gone together since.
constexpr int ptx_of_driver(int driver_version) { return (driver_version / 1000 - 4) * 10 + driver_version % 1000 / 10; }

/// The number behind a directive, such as 84 behind ".version 8.4"; -1 if it is not there.
int directive(const std::string& text, const char* name, const char* prefix) {
  std::size_t place = text.find(name);
  if (place == std::string::npos)
    return -1;
  place = text.find_first_not_of(" \t", place + std::strlen(name));
  if (place == std::string::npos || text.compare(place, std::strlen(prefix), prefix) != 0)
    return -1;
  int number = 0;
  for (place += std::strlen(prefix); place < text.size() && (std::isdigit(static_cast<unsigned char>(text[place])) || text[place] == '.'); place++)
    number = text[place] == '.' ? number : number * 10 + (text[place] - '0');
  return number;
}

std::size_t bytes_of(const std::string& parameter) {
  std::size_t bracket = parameter.find('[');
  if (bracket != std::string::npos)
    return std::strtoull(parameter.c_str() + bracket + 1, nullptr, 10);
  for (const char* wide : {".u64", ".s64", ".b64", ".f64"}) {
    if (parameter.find(wide) != std::string::npos)
      return 8;
  }

  return 4;
}

std::map<std::string, ptx_entry> entries_of(const std::string& text) {
  std::map<std::string, ptx_entry> entries;
  std::size_t place = 0;
  while ((place = text.find(".entry ", place)) != std::string::npos) {
    place += std::strlen(".entry ");
    std::size_t open = text.find('(', place);
    std::size_t close = text.find(')', place);
    std::size_t body = text.find('{', place);
    if (open == std::string::npos || close == std::string::npos || body == std::string::npos)
      break;
    std::string name = text.substr(place, open - place);
    name.erase(name.find_last_not_of(" \t\r\n") + 1);
    ptx_entry entry;
    std::string parameters = text.substr(open + 1, close - open - 1);
    for (std::size_t k = parameters.find(".param"); k != std::string::npos; k = parameters.find(".param", k + 1))
      entry.parameter_bytes += bytes_of(parameters.substr(k, parameters.find(',', k) - k));
    std::string bounds = text.substr(close, body - close);
    if (std::size_t most = bounds.find(".maxntid"); most != std::string::npos)
      entry.most_threads = static_cast<unsigned>(std::strtoul(bounds.c_str() + most + std::strlen(".maxntid"), nullptr, 10));
    entries.emplace(name, entry);
    place = body;
  }

  return entries;
}

CUresult load(module_state** module, const void* image) {
  const char* text = static_cast<const char*>(image);
  if (text == nullptr)
    return CUDA_ERROR_INVALID_VALUE;
  if (std::strncmp(text,
                   "\x7f"
                   "ELF",
                   4) == 0)
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
  std::string ptx(text);
  int version = directive(ptx, ".version", "");
  int target = directive(ptx, ".target", "sm_");
  if (version < 0 || target < 0)
    return CUDA_ERROR_INVALID_PTX;
  const device_limits& limits = driver().limits;
  if (version > ptx_of_driver(limits.driver_version))
    return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
  if (target > limits.capability_major * 10 + limits.capability_minor)
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
  auto made = std::make_unique<module_state>();
  made->context = current_context();
  made->target = target;
  made->entries = entries_of(ptx);
  *module = made.get();
  driver().modules.emplace(made.get(), std::move(made));
  return CUDA_SUCCESS;
}

function_state* find_function(void* handle) {
  for (auto& module : driver().modules) {
    for (auto& entry : module.first->functions) {
      if (entry.second.get() == handle)
        return entry.second.get();
    }
  }

  return nullptr;
}

/// Blocks that a multiprocessor holds: by threads, shared memory, registers and number.
int blocks_at_once(const function_state& function, unsigned threads, std::size_t shared) {
  const device_limits& limits = driver().limits;
  constexpr std::size_t reserved = 1024; // shared memory that each block costs besides its own
  return static_cast<int>(
      std::min<std::size_t>({2048 / std::max(threads, 1u), limits.shared_multiprocessor / (function.resources.shared_bytes + shared + reserved),
                             limits.registers / block_registers(function.resources, std::max(threads, 1u)), 32}));
}

CUresult launch(const char* name, bool cooperative, void* handle, const unsigned (&grid)[3], const unsigned (&block)[3], unsigned shared, void* stream_handle,
                void** parameters, void** extra) {
  return call(name, needs::context, [&]() -> CUresult {
    function_state* function = find_function(handle);
    stream_state* stream = find_stream(stream_handle);
    if (function == nullptr || stream == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (parameters == nullptr || parameters[0] == nullptr || extra != nullptr)
      return CUDA_ERROR_INVALID_VALUE;
    launch_shape shape;
    unsigned long long blocks = 1;
    unsigned long long threads = 1;
    for (int k = 0; k < 3; k++) {
      shape.grid[k] = grid[k];
      shape.block[k] = block[k];
      blocks *= grid[k];
      threads *= block[k];
    }

    const device_limits& limits = driver().limits;
    shape.dynamic_shared = shared;
    // Static and dynamic memory together; what is dynamic of it is compared with what the function opted in to.
    shape.most_shared = function->dynamic_limit + function->resources.shared_bytes > limits.shared_block ? limits.shared_opt_in : limits.shared_block;
    shape.cooperative = cooperative;
    bool fits = grid[0] <= 0x7fffffff && grid[1] <= 65535 && grid[2] <= 65535 && block[0] <= 1024 && block[1] <= 1024 && block[2] <= 64;
    if (!fits || blocks == 0 || threads == 0 || threads > function->most_threads || shared > function->dynamic_limit)
      return CUDA_ERROR_INVALID_VALUE;
    if (block_registers(function->resources, static_cast<unsigned>(threads)) > limits.registers)
      return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    if (cooperative && limits.cooperative == 0)
      return CUDA_ERROR_NOT_PERMITTED;
    if (cooperative && blocks > static_cast<unsigned long long>(blocks_at_once(*function, static_cast<unsigned>(threads), shared)) *
                                    static_cast<unsigned>(limits.multiprocessors))
      return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
    const auto* bytes = static_cast<const char*>(parameters[0]);
    auto arguments = std::make_shared<std::vector<char>>(bytes, bytes + function->kernel->argument_bytes);
    const kernel_record* kernel = function->kernel;
    context_state* context = stream->context;
    return enqueue(*stream, {.run = [=]() -> CUresult {
      fault found = run_grid(*kernel, shape, arguments->data());
      if (found.code == 0) {
        driver().launched[kernel->name]++;
        return CUDA_SUCCESS;
      }

      if (found.code != CUDA_ERROR_INVALID_VALUE)
        return poison(*context, found);
      driver().report = found.text;
      return found.code;
    }});
  });
}

} // namespace

OT_EXPORT CUresult cuModuleLoadData(module_state** module, const void* image) {
  return call("cuModuleLoadData", needs::context, [&] { return load(module, image); });
}

OT_EXPORT CUresult cuModuleLoadDataEx(module_state** module, const void* image, unsigned, int*, void**) {
  return call("cuModuleLoadDataEx", needs::context, [&] { return load(module, image); });
}

OT_EXPORT CUresult cuModuleUnload(module_state* module) {
  return call("cuModuleUnload", needs::context, [&]() -> CUresult { return driver().modules.erase(module) == 0 ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS; });
}

OT_EXPORT CUresult cuModuleGetFunction(void** function, module_state* module, const char* name) {
  return call("cuModuleGetFunction", needs::context, [&]() -> CUresult {
    if (driver().modules.count(module) == 0)
      return CUDA_ERROR_INVALID_HANDLE;
    auto entry = module->entries.find(name);
    const kernel_record* kernel = find_kernel(name);
    if (entry == module->entries.end() || kernel == nullptr)
      return CUDA_ERROR_NOT_FOUND;
    if (entry->second.parameter_bytes != kernel->argument_bytes) {
      driver().report = std::string(name) + " takes " + std::to_string(entry->second.parameter_bytes) + " bytes in the PTX and " +
                        std::to_string(kernel->argument_bytes) + " here: one of them is stale";
      return CUDA_ERROR_INVALID_IMAGE;
    }

    std::unique_ptr<function_state>& made = module->functions[name];
    if (made == nullptr) {
      made = std::make_unique<function_state>();
      made->owner = module;
      made->kernel = kernel;
      made->most_threads = std::min(entry->second.most_threads, kernel->most_threads);
      const device_limits& limits = driver().limits;
      made->resources = resources_of(name, module->target, limits.capability_major * 10 + limits.capability_minor);
      made->dynamic_limit = limits.shared_block - std::min(limits.shared_block, made->resources.shared_bytes);
    }

    *function = made.get();
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuFuncGetAttribute(int* value, int attribute, void* handle) {
  return call("cuFuncGetAttribute", needs::context, [&]() -> CUresult {
    function_state* function = find_function(handle);
    if (function == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = static_cast<int>(function->most_threads);
      break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      *value = static_cast<int>(function->resources.shared_bytes);
      break;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
      *value = static_cast<int>(function->resources.local_bytes);
      break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
      *value = function->resources.registers;
      break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      *value = static_cast<int>(function->dynamic_limit);
      break;
    default:
      return CUDA_ERROR_INVALID_VALUE;
    }

    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuFuncSetAttribute(void* handle, int attribute, int value) {
  return call("cuFuncSetAttribute", needs::context, [&]() -> CUresult {
    function_state* function = find_function(handle);
    if (function == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 ||
        static_cast<std::size_t>(value) + function->resources.shared_bytes > driver().limits.shared_opt_in)
      return CUDA_ERROR_INVALID_VALUE;
    function->dynamic_limit = static_cast<std::size_t>(value);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int threads, std::size_t shared) {
  return call("cuOccupancyMaxActiveBlocksPerMultiprocessor", needs::context, [&]() -> CUresult {
    function_state* function = find_function(handle);
    if (function == nullptr || threads <= 0)
      return CUDA_ERROR_INVALID_VALUE;
    *blocks = blocks_at_once(*function, static_cast<unsigned>(threads), shared);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream,
                                  void** parameters, void** extra) {
  return launch("cuLaunchKernel", false, function, {gx, gy, gz}, {bx, by, bz}, shared, stream, parameters, extra);
}

OT_EXPORT CUresult cuLaunchCooperativeKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                                             void* stream, void** parameters) {
  return launch("cuLaunchCooperativeKernel", true, function, {gx, gy, gz}, {bx, by, bz}, shared, stream, parameters, nullptr);
}
