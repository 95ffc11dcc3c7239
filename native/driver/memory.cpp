// Memory: device and pinned allocations, copies, fills.
#include <cstring>

#include <sys/mman.h>

#include "driver/state.h"
#include "engine/memory.h"

using namespace ot_host;

namespace {

void* pointer(CUdeviceptr address) { return reinterpret_cast<void*>(address); }

bool is_pinned(const void* address, std::size_t bytes) {
  std::map<void*, pinned_block>& pinned = driver().pinned;
  auto place = pinned.upper_bound(const_cast<void*>(address));
  if (place == pinned.begin())
    return false;
  --place;
  auto offset = static_cast<std::size_t>(static_cast<const char*>(address) - static_cast<char*>(place->first));
  return offset < place->second.bytes && bytes <= place->second.bytes - offset;
}

CUresult to_device(CUdeviceptr destination, const void* source, std::size_t bytes) {
  if (!is_device_range(pointer(destination), bytes))
    return CUDA_ERROR_INVALID_VALUE;
  std::memcpy(pointer(destination), source, bytes);
  mark_initialised(pointer(destination), bytes);
  return CUDA_SUCCESS;
}

CUresult to_host(context_state* context, void* destination, CUdeviceptr source, std::size_t bytes) {
  if (!is_device_range(pointer(source), bytes))
    return CUDA_ERROR_INVALID_VALUE;
  std::size_t first = 0;
  if (!is_initialised(pointer(source), bytes, &first))
    return poison(*context, {CUDA_ERROR_LAUNCH_FAILED,
                             "a copy to the host reads device memory that nobody wrote, at byte " + std::to_string(first) + " of " + std::to_string(bytes)});
  std::memcpy(destination, pointer(source), bytes);
  return CUDA_SUCCESS;
}

CUresult on_device(CUdeviceptr destination, CUdeviceptr source, std::size_t bytes) {
  if (!is_device_range(pointer(destination), bytes) || !is_device_range(pointer(source), bytes))
    return CUDA_ERROR_INVALID_VALUE;
  std::memmove(pointer(destination), pointer(source), bytes);
  copy_initialised(pointer(destination), pointer(source), bytes);
  return CUDA_SUCCESS;
}

template <typename element> CUresult fill(CUdeviceptr destination, element value, std::size_t count) {
  if (!is_device_range(pointer(destination), count * sizeof(element)))
    return CUDA_ERROR_INVALID_VALUE;
  auto* place = static_cast<element*>(pointer(destination));
  for (std::size_t k = 0; k < count; k++)
    place[k] = value;
  mark_initialised(place, count * sizeof(element));
  return CUDA_SUCCESS;
}

/// Work in a stream; nothing to do where there are no bytes.
CUresult in_stream(const char* name, void* handle, std::size_t bytes, std::function<CUresult()> work) {
  return call(name, needs::context, [&]() -> CUresult {
    stream_state* stream = find_stream(handle);
    if (stream == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    return bytes == 0 ? CUDA_SUCCESS : enqueue(*stream, {.run = std::move(work)});
  });
}

/// Work of a synchronous call: after everything in the null stream, before the call returns.
CUresult at_once(const char* name, std::size_t bytes, const std::function<CUresult()>& work) {
  return call(name, needs::context, [&]() -> CUresult {
    if (is_capturing_anywhere())
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    stream_state* stream = find_stream(nullptr);
    // A mark behind all that blocking streams have been given so far.
    CUresult result = enqueue(*stream, {});
    if (result == CUDA_SUCCESS)
      result = drain(*stream);
    return result != CUDA_SUCCESS || bytes == 0 ? result : work();
  });
}

} // namespace

OT_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
  return call("cuMemAlloc_v2", needs::context, [&]() -> CUresult {
    if (bytes == 0)
      return CUDA_ERROR_INVALID_VALUE;
    driver_state& all = driver();
    if (bytes > all.limits.memory - all.memory_used)
      return CUDA_ERROR_OUT_OF_MEMORY;
    void* taken = take_device_memory(bytes);
    if (taken == nullptr)
      return CUDA_ERROR_OUT_OF_MEMORY;
    *address = reinterpret_cast<CUdeviceptr>(taken);
    all.memory.emplace(*address, std::make_pair(bytes, current_context()));
    all.memory_used += bytes;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
  return call("cuMemFree_v2", needs::context, [&]() -> CUresult {
    if (address == 0)
      return CUDA_SUCCESS;
    driver_state& all = driver();
    auto block = all.memory.find(address);
    if (block == all.memory.end())
      return CUDA_ERROR_INVALID_VALUE;
    // As the driver does, work that may still use it ends first.
    CUresult result = drain_all(*block->second.second);
    all.memory_used -= block->second.first;
    all.memory.erase(block);
    give_device_memory(pointer(address));
    return result;
  });
}

OT_EXPORT CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return call("cuMemGetInfo_v2", needs::context, [&] {
    *total = driver().limits.memory;
    *free = *total - driver().memory_used;
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, std::size_t* bytes, CUdeviceptr address) {
  return call("cuMemGetAddressRange_v2", needs::context, [&]() -> CUresult {
    void* start = nullptr;
    if (!find_allocation(pointer(address), &start, bytes))
      return CUDA_ERROR_NOT_FOUND;
    *base = reinterpret_cast<CUdeviceptr>(start);
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuMemHostAlloc(void** address, std::size_t bytes, unsigned) {
  return call("cuMemHostAlloc", needs::context, [&]() -> CUresult {
    if (bytes == 0)
      return CUDA_ERROR_INVALID_VALUE;
    void* taken = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (taken == MAP_FAILED)
      return CUDA_ERROR_OUT_OF_MEMORY;
    *address = taken;
    driver().pinned.emplace(taken, pinned_block{bytes, current_context()});
    return CUDA_SUCCESS;
  });
}

OT_EXPORT CUresult cuMemFreeHost(void* address) {
  return call("cuMemFreeHost", needs::context, [&]() -> CUresult {
    std::map<void*, pinned_block>& pinned = driver().pinned;
    auto block = pinned.find(address);
    if (block == pinned.end())
      return CUDA_ERROR_INVALID_VALUE;
    CUresult result = drain_all(*current_context());
    munmap(address, block->second.bytes);
    pinned.erase(block);
    return result;
  });
}

OT_EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr destination, const void* source, std::size_t bytes) {
  return at_once("cuMemcpyHtoD_v2", bytes, [&] { return to_device(destination, source, bytes); });
}

OT_EXPORT CUresult cuMemcpyDtoH_v2(void* destination, CUdeviceptr source, std::size_t bytes) {
  return at_once("cuMemcpyDtoH_v2", bytes, [&] { return to_host(current_context(), destination, source, bytes); });
}

OT_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr destination, const void* source, std::size_t bytes, void* handle) {
  return call("cuMemcpyHtoDAsync_v2", needs::context, [&]() -> CUresult {
    stream_state* stream = find_stream(handle);
    if (stream == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (bytes == 0)
      return CUDA_SUCCESS;
    // Memory that is not pinned is staged when the call is made; pinned memory is read when the copy runs.
    if (is_pinned(source, bytes))
      return enqueue(*stream, {.run = [=] { return to_device(destination, source, bytes); }});
    const char* first = static_cast<const char*>(source);
    auto staged = std::make_shared<std::vector<char>>(first, first + bytes);
    return enqueue(*stream, {.run = [=] { return to_device(destination, staged->data(), staged->size()); }});
  });
}

OT_EXPORT CUresult cuMemcpyDtoHAsync_v2(void* destination, CUdeviceptr source, std::size_t bytes, void* handle) {
  return call("cuMemcpyDtoHAsync_v2", needs::context, [&]() -> CUresult {
    stream_state* stream = find_stream(handle);
    if (stream == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    if (bytes == 0)
      return CUDA_SUCCESS;
    CUresult result = enqueue(*stream, {.run = [=, context = stream->context] { return to_host(context, destination, source, bytes); }});
    // Memory that is not pinned is written before the call returns.
    return result != CUDA_SUCCESS || stream->capture != nullptr || is_pinned(destination, bytes) ? result : drain(*stream);
  });
}

OT_EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr destination, CUdeviceptr source, std::size_t bytes, void* stream) {
  return in_stream("cuMemcpyDtoDAsync_v2", stream, bytes, [=] { return on_device(destination, source, bytes); });
}

OT_EXPORT CUresult cuMemsetD8Async(CUdeviceptr destination, unsigned char value, std::size_t count, void* stream) {
  return in_stream("cuMemsetD8Async", stream, count, [=] { return fill(destination, value, count); });
}

OT_EXPORT CUresult cuMemsetD32Async(CUdeviceptr destination, unsigned value, std::size_t count, void* stream) {
  return in_stream("cuMemsetD32Async", stream, count, [=] { return fill(destination, value, count); });
}

OT_EXPORT CUresult cuPointerGetAttribute(void* value, int attribute, CUdeviceptr address) {
  return call("cuPointerGetAttribute", needs::context, [&]() -> CUresult {
    void* base = nullptr;
    std::size_t bytes = 0;
    if (!find_allocation(pointer(address), &base, &bytes))
      return CUDA_ERROR_INVALID_VALUE;
    context_state* owner = driver().memory.at(reinterpret_cast<CUdeviceptr>(base)).second;
    switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT:
      *static_cast<context_state**>(value) = owner;
      break;
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      *static_cast<int*>(value) = CU_MEMORYTYPE_DEVICE;
      break;
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      *static_cast<int*>(value) = owner->device;
      break;
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
      *static_cast<void**>(value) = base;
      break;
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
      *static_cast<std::size_t*>(value) = bytes;
      break;
    default:
      return CUDA_ERROR_INVALID_VALUE;
    }

    return CUDA_SUCCESS;
  });
}
