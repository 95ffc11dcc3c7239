// Device memory: one reserved range of addresses, from which allocations are cut, each between two strips that belong to nobody.
#pragma once

#include <cstddef>

namespace ot_host {

/// Takes memory aligned to 256 bytes, filled with a pattern that is a NaN in float and double; null where the range is used up.
void* take_device_memory(std::size_t bytes);

/// Gives memory back; false if no allocation begins there.
bool give_device_memory(void* base);

/// Whether all of base .. base + bytes lies within one live allocation.
bool is_device_range(const void* base, std::size_t bytes);

/// The live allocation that holds an address; false if there is none.
bool find_allocation(const void* address, void** base, std::size_t* bytes);

/// Takes note that memory was written from outside a kernel: copies, fills.
void mark_initialised(void* base, std::size_t bytes);

/// In an instrumented build, whether every byte has been written; `first` receives the offset of the first that was not.
bool is_initialised(const void* base, std::size_t bytes, std::size_t* first);

/// Copies what is known of the bytes along with them: for copies from device to device.
void copy_initialised(void* destination, const void* source, std::size_t bytes);

} // namespace ot_host
