// What a library that stands on the driver, as cuBLAS does, asks of the host device. Its stand-in is a shared library of its own, compiled
// with this one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "driver/cuda_abi.h"

namespace ot_host {

struct library_host {
  /// The frame of an entry point: counted and failed on demand like the driver's own (ot_host_fail_call), run under its lock.
  int (*call)(const char* name, const std::function<int()>& body);

  /// The current context; null where there is none.
  void* (*context)();

  /// Whether the current context is sound, and no stream is being captured, in which nothing may be made.
  bool (*may_make)();

  /// Whether the current context has had no fault.
  bool (*is_sound)();

  /// Whether there is such a stream.
  bool (*is_stream)(void* stream);

  /// Queues work in a stream or its capture; work that ends in another code than success is a fault of the context.
  CUresult (*queue)(void* stream, std::function<CUresult()> work);

  /// Whether all of some device memory may be read: within one allocation, and, where accesses are checked, written by somebody.
  CUresult (*read)(const void* start, std::size_t bytes);

  /// Whether it may be written; from now on it has been.
  CUresult (*write)(void* start, std::size_t bytes);

  /// Whether an address lies in device memory, with so many bytes behind it.
  bool (*is_memory)(const void* start, std::size_t bytes);

  /// A handle of the current context, which goes with it; found again by its address, null where it is gone.
  void (*add_handle)(std::shared_ptr<void> handle);
  void* (*find_handle)(void* handle);
  void (*remove_handle)(void* handle);

  /// The version the library says it has: 120405 is 12.4.5.
  int (*version)();
};

} // namespace ot_host

OT_EXPORT const ot_host::library_host* ot_host_library();
