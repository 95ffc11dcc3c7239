// Initialisation, devices, contexts.
#include <cstdio>
#include <cstring>

#include <sys/mman.h>

#include "driver/state.h"
#include "engine/memory.h"

using namespace ot_host;

namespace {

bool exists(CUdevice device) { return device >= 0 && device < driver().limits.devices; }

/// Everything that lives in a context goes with it.
void destroy(context_state* context) {
  driver_state& all = driver();
  auto belongs = [context](const auto& entry) { return entry.second->context == context; };
  std::erase_if(all.streams, belongs);
  std::erase_if(all.events, belongs);
  std::erase_if(all.modules, belongs);
  std::erase_if(all.graphs, belongs);
  std::erase_if(all.executable_graphs, belongs);
  std::erase_if(all.blas_handles, [context](const auto& entry) { return entry.second.second == context; });
  std::erase_if(all.pinned, [context](const auto& entry) {
    if (entry.second.context != context)
      return false;
    munmap(entry.first, entry.second.bytes);
    return true;
  });
  for (auto block = all.memory.begin(); block != all.memory.end();) {
    if (block->second.second != context) {
      ++block;
      continue;
    }

    all.memory_used -= block->second.first;
    give_device_memory(reinterpret_cast<void*>(block->first));
    block = all.memory.erase(block);
  }

  all.contexts.erase(context);
}

context_state* make_context(CUdevice device) {
  auto made = std::make_unique<context_state>();
  made->device = device;
  context_state* handle = made.get();
  driver().contexts.emplace(handle, std::move(made));
  return handle;
}

} // namespace

OT_EXPORT CUresult cuInit(unsigned flags) {
  return call("cuInit", needs::nothing, [&]() -> CUresult {
    if (flags != 0)
      return CUDA_ERROR_INVALID_VALUE;
    if (driver().limits.devices == 0)
      return CUDA_ERROR_NO_DEVICE;
    driver().initialised = true;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDriverGetVersion(int* version) {
  return call("cuDriverGetVersion", needs::nothing, [&] {
    *version = driver().limits.driver_version;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDeviceGetCount(int* count) {
  return call("cuDeviceGetCount", needs::initialisation, [&] {
    *count = driver().limits.devices;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return call("cuDeviceGet", needs::initialisation, [&]() -> CUresult {
    if (!exists(ordinal))
      return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return call("cuDeviceGetName", needs::initialisation, [&]() -> CUresult {
    if (!exists(device) || length <= 0)
      return CUDA_ERROR_INVALID_DEVICE;
    std::snprintf(name, static_cast<std::size_t>(length), "OtEngine host device %d", device);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDeviceGetUuid_v2(unsigned char* uuid, CUdevice device) {
  return call("cuDeviceGetUuid_v2", needs::initialisation, [&]() -> CUresult {
    if (!exists(device))
      return CUDA_ERROR_INVALID_DEVICE;
    std::memset(uuid, 0, 16);
    uuid[15] = static_cast<unsigned char>(device + 1);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return call("cuDeviceTotalMem_v2", needs::initialisation, [&]() -> CUresult {
    if (!exists(device))
      return CUDA_ERROR_INVALID_DEVICE;
    *bytes = driver().limits.memory;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
  return call("cuDeviceGetAttribute", needs::initialisation, [&]() -> CUresult {
    if (!exists(device))
      return CUDA_ERROR_INVALID_DEVICE;
    const device_limits& limits = driver().limits;
    switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = 1024;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK:
      *value = static_cast<int>(limits.shared_block);
      break;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE:
      *value = 32;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
      *value = static_cast<int>(limits.registers);
      break;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE:
      *value = 1000000;
      break;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      *value = limits.multiprocessors;
      break;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH:
      *value = 64;
      break;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      *value = 1 << 20;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
      *value = 2048;
      break;
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
      *value = 1;
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = limits.capability_major;
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = limits.capability_minor;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
      *value = static_cast<int>(limits.shared_multiprocessor);
      break;
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
      *value = limits.cooperative;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      *value = static_cast<int>(limits.shared_opt_in);
      break;
    default:
      return CUDA_ERROR_INVALID_VALUE;
    }

    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDevicePrimaryCtxRetain(context_state** context, CUdevice device) {
  return call("cuDevicePrimaryCtxRetain", needs::initialisation, [&]() -> CUresult {
    if (!exists(device))
      return CUDA_ERROR_INVALID_DEVICE;
    context_state*& primary = driver().primary[device];
    if (primary == nullptr)
      primary = make_context(device);
    primary->holders++;
    *context = primary;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return call("cuDevicePrimaryCtxRelease_v2", needs::initialisation, [&]() -> CUresult {
    if (!exists(device))
      return CUDA_ERROR_INVALID_DEVICE;
    context_state*& primary = driver().primary[device];
    if (primary == nullptr)
      return CUDA_ERROR_INVALID_CONTEXT;
    if (--primary->holders == 0) {
      destroy(primary);
      primary = nullptr;
    }

    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxCreate_v2(context_state** context, unsigned, CUdevice device) {
  return call("cuCtxCreate_v2", needs::initialisation, [&]() -> CUresult {
    if (!exists(device))
      return CUDA_ERROR_INVALID_DEVICE;
    *context = make_context(device);
    context_stack().push_back(*context);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxDestroy_v2(context_state* context) {
  return call("cuCtxDestroy_v2", needs::initialisation, [&]() -> CUresult {
    if (driver().contexts.count(context) == 0 || context->holders > 0)
      return CUDA_ERROR_INVALID_CONTEXT;
    if (current_context() == context)
      context_stack().pop_back();
    destroy(context);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxPushCurrent_v2(context_state* context) {
  return call("cuCtxPushCurrent_v2", needs::initialisation, [&]() -> CUresult {
    if (driver().contexts.count(context) == 0)
      return CUDA_ERROR_INVALID_CONTEXT;
    context_stack().push_back(context);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxPopCurrent_v2(context_state** context) {
  return call("cuCtxPopCurrent_v2", needs::initialisation, [&]() -> CUresult {
    if (context_stack().empty())
      return CUDA_ERROR_INVALID_CONTEXT;
    if (context != nullptr)
      *context = context_stack().back();
    context_stack().pop_back();
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxSetCurrent(context_state* context) {
  return call("cuCtxSetCurrent", needs::initialisation, [&]() -> CUresult {
    if (context != nullptr && driver().contexts.count(context) == 0)
      return CUDA_ERROR_INVALID_CONTEXT;
    if (!context_stack().empty())
      context_stack().pop_back();
    if (context != nullptr)
      context_stack().push_back(context);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxGetCurrent(context_state** context) {
  return call("cuCtxGetCurrent", needs::initialisation, [&] {
    *context = current_context();
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxGetDevice(CUdevice* device) {
  return call("cuCtxGetDevice", needs::context_even_if_bad, [&] {
    *device = current_context()->device;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuCtxSynchronize() {
  return call("cuCtxSynchronize", needs::context,
              [&]() -> CUresult { return is_capturing_anywhere() ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : drain_all(*current_context()); });
}
